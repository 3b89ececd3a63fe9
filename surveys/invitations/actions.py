"""Making campaigns, letting them go, stopping them, and what a mail's end means for its invitation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import select, update

from surveys.delivery import actions as delivery
from surveys.delivery import queries as messages
from surveys.delivery.models import Message, MessageState
from surveys.events.actions import note
from surveys.invitations import approval, checks, letters, queries, rules
from surveys.invitations.models import Campaign, CampaignState, Invitation, Outcome, SampleMail
from surveys.invitations.planning import ASK, question_of
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.errors import Invalid, NotFound, Refused
from surveys.lib.i18n import LANGUAGES, _
from surveys.lib.numbers import row_number
from surveys.questionnaires import queries as questionnaires
from surveys.settings.models import Brand, Product
from surveys.settings.queries import default_brand, default_product

TEST = "test"
TESTS_A_DAY = 50


class _Actor(Protocol):
    id: Any


def create(
    name: str,
    questionnaire_key: str,
    audience: Mapping[str, Any] | None = None,
    *,
    product: Product | None = None,
    brand: Brand | None = None,
    deadline_on: date | None = None,
    by: _Actor | None = None,
) -> Campaign:
    """A draft. `audience` as `chosen` takes it; without one, everybody."""
    campaign = Campaign(created_at=clock.now(), created_by_id=by.id if by else None)
    _set(campaign, name, questionnaire_key, audience, product=product, brand=brand, deadline_on=deadline_on)
    campaign.changed_at, campaign.changed_by_id = campaign.created_at, campaign.created_by_id
    db.session.add(campaign)
    db.session.flush()
    note("campaign_created", campaign, by=by)
    return campaign


def arrange(
    campaign: Campaign,
    name: str,
    questionnaire_key: str,
    audience: Mapping[str, Any] | None = None,
    *,
    product: Product | None = None,
    brand: Brand | None = None,
    deadline_on: date | None = None,
    by: _Actor | None = None,
) -> None:
    """Say anew what a draft asks, whom, in whose name and until when; a change withdraws its approval."""
    if not campaign.is_draft:
        raise Refused(_("This campaign is on its way; it can be stopped, but not changed."))
    with db.session.no_autoflush:  # else what is looked up in between would take the first changes for saved
        _set(campaign, name, questionnaire_key, audience, product=product, brand=brand, deadline_on=deadline_on)
    if db.session.is_modified(campaign):
        campaign.changed_at, campaign.changed_by_id = clock.now(), by.id if by else None
        db.session.flush()
        note("campaign_changed", campaign, by=by, was_approved=campaign.approved_at is not None)


def _set(
    campaign: Campaign,
    name: str,
    questionnaire_key: str,
    audience: Mapping[str, Any] | None,
    *,
    product: Product | None,
    brand: Brand | None,
    deadline_on: date | None,
) -> None:
    campaign.name = _free_name(name, campaign)
    campaign.questionnaire = questionnaires.by_key(questionnaire_key)
    campaign.product = product or default_product()
    campaign.brand = brand or default_brand()
    campaign.audience = chosen(audience or {})
    campaign.deadline_on = deadline_on


def _free_name(name: str, campaign: Campaign) -> str:
    name = " ".join(name.split())
    if not name:
        raise Invalid(_("A campaign needs a name."))
    taken = db.session.scalar(select(Campaign.id).where(Campaign.name == name))
    if taken is not None and taken != campaign.id:
        raise Invalid(_("There is a campaign “%(name)s” already.", name=name))
    return name


def chosen(filters: Mapping[str, Any]) -> dict[str, Any]:
    """An audience as it is kept: {"tier": ["high_touch"], …, "properties": {"plan": "pro"}, "contact_ids": […]}.

    Values may be one text, several with commas, or a list; a name nobody knows is a property of customers.
    """
    kept: dict[str, Any] = {}
    for name, given in filters.items():
        if name == "contact_ids":
            kept[name] = sorted({_number(each) for each in _several(given)})
        elif name == "properties":
            _refuse_text(given)
            kept.setdefault(name, {}).update({key: str(value) for key, value in given.items() if key})
        elif name in queries.CHOICES:
            kept[name] = _known_values(name, given)
        else:
            kept.setdefault("properties", {})[name] = str(given)
    return {name: values for name, values in kept.items() if values or name == "contact_ids"}


def _known_values(name: str, given: str | Iterable[str]) -> list[str]:
    values = _several(given)
    known = queries.CHOICES[name]
    for value in values:
        if value not in known:
            message = _("“%(value)s” is not a value of %(name)s; there are %(known)s.")
            raise Invalid(message % {"value": value, "name": name, "known": ", ".join(known)})
    return [value for value in known if value in values]


def _several(given: str | Iterable[Any]) -> list[str]:
    return [part.strip() for part in given.split(",")] if isinstance(given, str) else [str(each) for each in given]


def _number(text: str) -> int:
    try:
        return row_number(text)
    except ValueError:
        raise Invalid(_("“%(value)s” is not the number of a contact.", value=text)) from None


def _refuse_text(properties: object) -> None:
    if not isinstance(properties, Mapping):
        raise Invalid(_("Give a property by its own name: plan=pro instead of properties=…"))


def launch(
    campaign: Campaign, *, by: _Actor | None = None, at: datetime | None = None, skip_window: bool = False
) -> Campaign:
    """Let it go, now or `at` a moment; many people get a few minutes in which it can be taken back."""
    if at is not None and (problem := checks.moment_problem(at)):
        raise Invalid(problem)
    version = questionnaires.latest(campaign.questionnaire)
    if approval.is_asked_for():
        approval.seal(campaign, version)
    people = queries.audience_size(campaign.audience)
    stops = [check.problem for check in checks.before_sending(campaign, people, at=at) if check.problem]
    if stops:
        raise Refused(stops[0])
    campaign.deadline_on = campaign.deadline_on or letters.usual_deadline(at or clock.now())
    window = timedelta(0) if skip_window else checks.window(people)
    campaign.schedule(version, held_back_until=clock.now() + window, send_at=at)
    db.session.flush()
    note("campaign_launched", campaign, by=by, people=people)
    return campaign


def cancel(campaign: Campaign, *, by: _Actor | None = None) -> Campaign:
    """Take it back, or stop the rest: what a mail server has stays sent, all others are held (R-18)."""
    campaign.cancel()
    db.session.flush()
    if campaign.state is CampaignState.CANCELLED:
        _call_back(campaign)
    note("campaign_cancelled", campaign, by=by)
    return campaign


def _call_back(campaign: Campaign) -> None:
    """Hold all whose mails no worker has taken yet; the others are asked once more before they leave."""
    theirs = select(Invitation.id).where(Invitation.campaign_id == campaign.id, Invitation.outcome == Outcome.OPEN)
    delivery.cancel(ASK, theirs, rule=rules.Rule.CANCELLED)
    called_back = select(Message.subject_id).where(
        Message.kind == ASK, Message.state == MessageState.CANCELLED, Message.subject_id == Invitation.id
    )
    db.session.execute(
        update(Invitation)
        .where(Invitation.campaign_id == campaign.id, Invitation.outcome == Outcome.OPEN, called_back.exists())
        .values(outcome=Outcome.HELD, held_rule=rules.Rule.CANCELLED)
        .execution_options(synchronize_session=False)
    )


def remove(campaign: Campaign, *, by: _Actor | None = None) -> None:
    """Throw a draft away."""
    if not campaign.is_draft:
        raise Refused(_("Only a draft can be deleted."))
    note("campaign_deleted", campaign, by=by, name=campaign.name)
    for mail in db.session.scalars(select(SampleMail).where(SampleMail.campaign_id == campaign.id)):
        db.session.delete(mail)
    db.session.flush()
    db.session.delete(campaign)


def send_test(campaign: Campaign, language: str, *, to: Any) -> SampleMail:
    """Send the campaign's mail to one of our own; it counts nowhere and its links answer nothing."""
    if language not in LANGUAGES:
        raise Invalid(_("There is no such language."))
    checks.refuse_without_sender(campaign.brand)
    yesterday = clock.now() - timedelta(days=1)
    recent = select(SampleMail.id).where(SampleMail.user_id == to.id, SampleMail.created_at > yesterday)
    if len(db.session.scalars(recent).all()) >= TESTS_A_DAY:
        raise Refused(_("That are many test mails for one day. Please go on tomorrow."), status=429)
    mail = SampleMail(campaign=campaign, user=to, language=language)
    db.session.add(mail)
    db.session.flush()
    delivery.queue(TEST, mail.id, to=to.email)
    return mail


def decide(campaign: Campaign, invitation_id: int, *, send_again: bool, by: _Actor | None = None) -> None:
    """A person decides about a mail of unknown fate: the identical bytes once more, or count it as sent (E-43)."""
    invitation = db.session.get(Invitation, invitation_id)
    message = messages.message(ASK, invitation_id)
    if invitation is None or message is None or invitation.campaign_id != campaign.id:
        raise NotFound(_("There is no such mail in this campaign."))
    if send_again:
        message.send_again()
    else:
        message.count_as_sent()
        settled(message)
    note("mail_decided", invitation, by=by, send_again=send_again)


def settled(message: Message) -> None:
    """What the end of its mail means for an invitation; the same end told twice changes nothing."""
    invitation = db.session.get(Invitation, message.subject_id)
    if invitation is None:
        return
    if message.state is MessageState.ACCEPTED:
        invitation.mark_sent(message.settled_at or clock.now())
    elif message.state is MessageState.REJECTED:
        invitation.mark_failed(message.answer)
    elif message.state is MessageState.UNKNOWN:
        invitation.mark_unknown()
    elif message.state is MessageState.CANCELLED:
        _hold(invitation, message)


def _hold(invitation: Invitation, message: Message) -> None:
    """With the date of the rule that stopped it, as the rule would say it now."""
    held = rules.weigh_one(question_of(invitation.campaign), invitation)
    if held is not None and held.rule == message.rule:
        invitation.hold(held.rule, held.reason, held.next_on)
    else:
        invitation.hold(message.rule or rules.Rule.MISSING, {"words": message.answer}, None)


def sample_settled(_message: Message) -> None:
    """A test mail ends as it ends; nobody counts it."""
