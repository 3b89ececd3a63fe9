"""From a campaign to its invitations and mails, a slice of contacts at a time, so that nobody waits for the database.

Each unit of work is one short transaction and safe to repeat: whoever moves the campaign's mark takes the slice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import insert, select

from surveys.customers.models import Account, Contact
from surveys.delivery import actions as delivery
from surveys.invitations import queries, rules
from surveys.invitations.models import Campaign, CampaignState, Invitation, Outcome
from surveys.invitations.rules import AlsoHeld, Held, Person, Question, Rule
from surveys.lib import clock
from surveys.lib.claim import holds
from surveys.lib.db import db, reading
from surveys.questionnaires.models import Version
from surveys.settings.queries import organisation

ASK = "ask"
SLICE = 250  # some 20 ms of the database for itself
ANSWERS_TAKEN = timedelta(days=90)  # late answers are stored, marked late (S-10)


def start_due_campaigns() -> bool:
    """Start one campaign whose time has come; its words are fixed from here on."""
    with reading():
        now = clock.now()
        campaign_id = db.session.scalar(queries.due(now).limit(1))
        version_id = db.session.scalar(select(Campaign.version_id).where(Campaign.id == campaign_id))
    if campaign_id is None or version_id is None:
        return False
    holds(
        Campaign,
        campaign_id,
        Campaign.state == CampaignState.SCHEDULED,
        then=lambda: db.session.get_one(Version, version_id).freeze(),
        state=CampaignState.SENDING,
        launched_at=now,
        row_version=Campaign.row_version + 1,
    )
    return True


def plan_next_slice(also_held: AlsoHeld = rules.nobody) -> bool:
    """Make the invitations of a campaign's next contacts, each open or held, and plan the mails of the open ones."""
    with reading():
        campaign = db.session.scalar(queries.unplanned().limit(1))
        plan = _plan(campaign, also_held) if campaign else None
    if plan is None:
        return False
    marks: dict[str, Any] = {"planned_to": plan.to} if plan.to > plan.after else {"planned_at": clock.now()}
    still = (Campaign.planned_to == plan.after, Campaign.planned_at.is_(None), Campaign.state == plan.state)
    holds(Campaign, plan.campaign_id, *still, then=partial(_write, plan), **marks)
    return True


def finish_campaigns() -> bool:
    """Finish one campaign of which nothing is open any more."""
    with reading():
        campaign_id = db.session.scalar(queries.unfinished().limit(1))
        state = db.session.scalar(select(Campaign.state).where(Campaign.id == campaign_id))
    if campaign_id is None:
        return False
    ended = CampaignState.CANCELLED if state is CampaignState.CANCELLED else CampaignState.FINISHED
    marks: dict[str, Any] = {"state": ended, "finished_at": clock.now(), "row_version": Campaign.row_version + 1}
    holds(Campaign, campaign_id, Campaign.state == state, Campaign.finished_at.is_(None), **marks)
    return True


@dataclass(frozen=True)
class Plan:
    """A slice of a campaign, thought through and not written yet."""

    campaign_id: int
    state: CampaignState
    after: int
    to: int
    rows: list[dict[str, Any]]
    addresses: dict[int, str]
    # Due since the campaign's own moment: one that is started days late waits for a person.
    due_at: datetime | None


def question_of(campaign: Campaign) -> Question:
    """The campaign as the quiet rules see it."""
    version = campaign.version
    assert version is not None
    kind = campaign.questionnaire.kind
    languages = [language for language in version.wording if not version.missing(language)]
    days = rules.relationship_days() if kind.is_relationship else 0
    return Question(
        campaign_id=campaign.id,
        kind_key=kind.key,
        is_relationship=kind.is_relationship,
        is_about_an_event=kind.is_about_an_event,
        product_id=campaign.product_id,
        languages=languages,
        zone=organisation().timezone,
        relationship_days=days,
    )


def _plan(campaign: Campaign, also_held: AlsoHeld) -> Plan:
    contacts = db.session.execute(
        select(*rules.PERSON_COLUMNS, Account.id.label("account_id"), Account.owner_id)
        .select_from(Contact)
        .join(Account)
        .where(*queries.conditions(campaign.audience), Contact.id > campaign.planned_to)
        .order_by(Contact.id)
        .limit(SLICE)
    ).all()
    question, now = question_of(campaign), clock.now()
    known = _addresses_known(campaign, [row.email_key for row in contacts])
    persons = rules.people(contacts, question, also_held)
    rows: list[dict[str, Any]] = []
    for contact, person in zip(contacts, persons, strict=True):
        if person.email_key not in known:
            known.add(person.email_key)
            rows.append(_row(campaign, contact, _verdict(campaign, question, person, now)))
    last = contacts[-1].contact_id if contacts else campaign.planned_to
    addresses = {row.contact_id: row.email for row in contacts}
    mark = {"after": campaign.planned_to, "to": last}
    return Plan(campaign.id, campaign.state, **mark, rows=rows, addresses=addresses, due_at=campaign.starts_at)


def _verdict(campaign: Campaign, question: Question, person: Person, now: datetime) -> Held | None:
    if campaign.state is CampaignState.CANCELLED:
        return Held(Rule.CANCELLED)
    return rules.weigh(question, person, now)


def _addresses_known(campaign: Campaign, keys: Sequence[str]) -> set[str]:
    """Addresses this campaign has an invitation for already: the same address is asked once (R-17)."""
    found = select(Invitation.email_key).where(
        Invitation.campaign_id == campaign.id, Invitation.email_key.in_(list(keys))
    )
    return set(db.session.scalars(found))


def _row(campaign: Campaign, contact: Any, held: Held | None) -> dict[str, Any]:
    now = clock.now()
    version = campaign.version
    assert version is not None
    return {
        "campaign_id": campaign.id,
        "contact_id": contact.contact_id,
        "account_id": contact.account_id,
        "email_key": contact.email_key,
        "language": contact.language,
        "version_id": version.id,
        "layout": version.layout,
        "product_id": campaign.product_id,
        "kind_key": campaign.questionnaire.kind_key,
        "owner_id": contact.owner_id,
        "outcome": Outcome.HELD if held else Outcome.OPEN,
        "held_rule": held.rule.value if held else "",
        "held_reason": held.reason if held else {},
        "next_on": held.next_on if held else None,
        "created_at": now,
        "closes_at": now + ANSWERS_TAKEN,
    }


def _write(plan: Plan) -> None:
    """The slice as rows, in the transaction that moved the campaign's mark."""
    if not plan.rows:
        return
    made = db.session.execute(
        insert(Invitation).returning(Invitation.id, Invitation.contact_id, Invitation.outcome), plan.rows
    ).all()
    asked = [(row.id, plan.addresses[row.contact_id]) for row in made if row.outcome is Outcome.OPEN]
    delivery.queue_all(ASK, asked, not_before=plan.due_at)
