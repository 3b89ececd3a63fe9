"""How the demo's mails went out: planned by the campaigns' own planning, and accepted by an invented mail server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload

from surveys.customers.models import Account, Contact
from surveys.delivery import actions as delivery
from surveys.delivery.models import MailboxMail, Message, MessageState, SuppressionReason
from surveys.demo.world import DOMAIN, World
from surveys.followups.queries import contacts_with_open_case
from surveys.invitations import actions as invitations
from surveys.invitations import mails, planning, rules
from surveys.invitations.models import Invitation, Outcome
from surveys.lib import clock
from surveys.lib.db import db
from surveys.measures.actions import count_delivered
from surveys.questionnaires.queries import kind
from surveys.settings.queries import default_product, organisation

GAP = timedelta(milliseconds=400)
GONE = "550 5.1.1 User unknown"
SHOWN_IN_MAILBOX = 30


class Sent(NamedTuple):
    """An invitation that arrived, as plain values: rows would be read anew after each of the story's many commits."""

    id: int
    contact_id: int
    language: str
    sent_at: datetime


Choose = Callable[[list[Invitation]], set[int]]


def send(
    world: World, name: str, questionnaire_key: str, contact_ids: Sequence[int], *, failing: Choose | None = None
) -> list[Sent]:
    """A campaign from draft to finished; the invitations whose mails were accepted."""
    lead = world.staff["lead"]
    audience = {"contact_ids": list(contact_ids)}
    campaign = invitations.create(name, questionnaire_key, audience, by=lead)
    invitations.launch(campaign, by=lead, skip_window=True)
    campaign_id = campaign.id
    db.session.commit()
    while planning.start_due_campaigns():
        pass
    while planning.plan_next_slice(contacts_with_open_case):
        pass
    sent = _hand_over(campaign_id, failing)
    db.session.commit()
    with clock.at(clock.now() + timedelta(hours=1)):
        while planning.finish_campaigns():
            pass
    return sent


def _hand_over(campaign_id: int, failing: Choose | None) -> list[Sent]:
    """What the worker does, without the mails themselves."""
    asked = list(
        db.session.scalars(
            select(Invitation)
            .where(Invitation.campaign_id == campaign_id, Invitation.outcome == Outcome.OPEN)
            .order_by(Invitation.id)
            .options(joinedload(Invitation.contact))
        )
    )
    lost = failing(asked) if failing else set()
    start = clock.now()
    for place, invitation in enumerate(asked):
        moment = start + place * GAP
        if invitation.id in lost:
            invitation.mark_failed(GONE)
            delivery.suppress(invitation.contact.email, SuppressionReason.HARD_BOUNCE, source="bounce")
        else:
            invitation.mark_sent(moment)
    db.session.flush()
    _settle(db.session(), asked, lost)
    sent = [
        Sent(each.id, each.contact_id, each.language, each.sent_at or start) for each in asked if each.id not in lost
    ]
    for each in sent:
        count_delivered(each.id)
    return sent


def _settle(session: Session, asked: Sequence[Invitation], lost: set[int]) -> None:
    """The messages of these invitations, as they stand when the server has spoken."""
    numbers = dict(
        session.execute(
            select(Message.subject_id, Message.id).where(
                Message.kind == planning.ASK, Message.subject_id.in_([each.id for each in asked])
            )
        ).all()
    )
    rows = [
        {
            "id": numbers[each.id],
            "state": MessageState.REJECTED if each.id in lost else MessageState.ACCEPTED,
            "answer": GONE if each.id in lost else "250 2.0.0 Ok: queued",
            "message_id": f"<{numbers[each.id]}.demo@{DOMAIN}>",
            "dated_at": each.sent_at or clock.now(),
            "settled_at": each.sent_at or clock.now(),
            "fence": 1,
            "phase": "dot",
        }
        for each in asked
    ]
    session.execute(update(Message), rows)


def held_now(kind_key: str, contact_ids: Sequence[int]) -> set[int]:
    """Whom the quiet rules would hold if they were asked at this moment."""
    zone = organisation().timezone
    asked, product_id = kind(kind_key), default_product().id
    about = {"is_relationship": asked.is_relationship, "is_about_an_event": asked.is_about_an_event}
    question = rules.Question(0, kind_key, product_id=product_id, languages=("en", "ja"), zone=zone, **about)
    held: set[int] = set()
    for start in range(0, len(contact_ids), 500):
        some = contact_ids[start : start + 500]
        rows = db.session.execute(select(*rules.PERSON_COLUMNS).join(Account).where(Contact.id.in_(some))).all()
        people = rules.people(rows, question, contacts_with_open_case)
        held |= {person.contact_id for person in people if rules.weigh(question, person, clock.now())}
    return held


def fill_mailbox() -> None:
    """Some of the newest relationship mails as the customers got them, unanswered, to read and to answer."""
    newest = select(func.max(Invitation.campaign_id)).where(Invitation.kind_key == "nps").scalar_subquery()
    found = db.session.execute(
        select(Message, Invitation)
        .join(Invitation, Invitation.id == Message.subject_id)
        .where(Message.kind == planning.ASK, Invitation.campaign_id == newest)
        .where(Invitation.outcome == Outcome.SENT, Invitation.answered_at.is_(None))
        .order_by(Invitation.account_id, Invitation.id)
        .limit(SHOWN_IN_MAILBOX)
    )
    for message, invitation in found:
        letter = mails.compose(message)
        sent_at = invitation.sent_at or clock.now()
        db.session.add(
            MailboxMail(
                message_id=message.message_id,
                received_at=sent_at,
                sender=letter.sender,
                recipient=invitation.contact.email,
                subject=letter.subject,
                raw=letter.as_sent(message.message_id, sent_at),
            )
        )
