"""Reading campaigns: their audiences, their counts and their ledgers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from surveys.customers.models import Account, Contact, ContactRole, Phase, Tier
from surveys.invitations import answers
from surveys.invitations.models import Campaign, CampaignState, Invitation, Outcome
from surveys.lib.db import db
from surveys.lib.errors import NotFound
from surveys.lib.i18n import LANGUAGES, _

CHOICES: dict[str, tuple[str, ...]] = {
    "tier": tuple(Tier),
    "phase": tuple(Phase),
    "language": tuple(LANGUAGES),
    "role": tuple(ContactRole),
}
"""What an audience can be chosen by besides properties, and the values of each."""

COLUMNS: dict[str, Any] = {
    "tier": Account.tier,
    "phase": Account.phase,
    "language": Contact.language,
    "role": Contact.role,
}


@dataclass(frozen=True)
class Counts:
    """Where a campaign's people stand; sent + held + failed + unknown + open = audience, always."""

    audience: int = 0
    sent: int = 0
    held: int = 0
    failed: int = 0
    unknown: int = 0
    open: int = 0
    answered: int = 0

    @property
    def attempted(self) -> int:
        return self.sent + self.failed + self.unknown

    @property
    def rate(self) -> Fraction | None:
        """Answers in percent of what was delivered (M-30); None while nothing was."""
        return Fraction(100 * self.answered, self.sent) if self.sent else None


@dataclass(frozen=True)
class LedgerLine:
    """How many were held for one reason, and when the first of them may be asked again."""

    rule: str
    people: int
    first_on: Any


def campaigns() -> Select[Campaign]:
    """All campaigns, the newest first."""
    return select(Campaign).order_by(Campaign.id.desc()).options(joinedload(Campaign.questionnaire))


def campaign(campaign_id: int) -> Campaign:
    found = db.session.scalar(_whole().where(Campaign.id == campaign_id))
    if found is None:
        raise NotFound(_("This campaign does not exist."))
    return found


def by_name(name: str) -> Campaign:
    found = db.session.scalar(_whole().where(Campaign.name == name))
    if found is None:
        raise NotFound(_("There is no campaign “%(name)s”.", name=name))
    return found


def running_with(brand_id: int) -> list[str]:
    """The names of the campaigns of a brand of which mails may still leave."""
    found = select(Campaign.name).where(
        Campaign.brand_id == brand_id, Campaign.state.in_((CampaignState.SCHEDULED, CampaignState.SENDING))
    )
    return list(db.session.scalars(found.order_by(Campaign.id)))


def _whole() -> Select[Campaign]:
    return select(Campaign).options(
        joinedload(Campaign.questionnaire),
        joinedload(Campaign.product),
        joinedload(Campaign.brand),
        joinedload(Campaign.version),
    )


# ── Audiences ───────────────────────────────────────────────────────────────────────────────────────────────────────


def audience(filters: Mapping[str, Any]) -> Select[int]:
    """Ids of the contacts these filters choose; none of them chooses everybody."""
    return select(Contact.id).join(Account).where(*conditions(filters))


def conditions(filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    found = [COLUMNS[name].in_(values) for name, values in filters.items() if name in COLUMNS and values]
    found += [
        or_(Contact.properties[name].as_string() == value, Account.properties[name].as_string() == value)
        for name, value in filters.get("properties", {}).items()
    ]
    if "contact_ids" in filters:
        found.append(Contact.id.in_(filters["contact_ids"]))
    return found


def audience_size(filters: Mapping[str, Any], *, after: int = 0) -> int:
    """How many people the filters choose, of those whose id is higher than `after`."""
    chosen = audience(filters).where(Contact.id > after)
    return db.session.scalar(select(func.count()).select_from(chosen.subquery())) or 0


def audience_languages(filters: Mapping[str, Any]) -> dict[str, int]:
    """How many people of the audience are written to in which language."""
    counted = (
        select(Contact.language, func.count()).join(Account).where(*conditions(filters)).group_by(Contact.language)
    )
    return dict(db.session.execute(counted).all())


def somebody(filters: Mapping[str, Any], language: str) -> Contact | None:
    """One of the audience who reads this language, to look at the mail with."""
    found = select(Contact).join(Contact.account).options(contains_eager(Contact.account))
    chosen = found.where(*conditions(filters), Contact.language == language, Contact.name != "")
    return db.session.scalar(chosen.order_by(Contact.id).limit(1))


def property_names(sample: int = 300) -> list[str]:
    """Names of properties that customers have, from the latest of them."""
    latest = select(Contact.properties, Account.properties).join(Account).order_by(Contact.id.desc()).limit(sample)
    return sorted({name for row in db.session.execute(latest) for properties in row for name in properties})


# ── Counts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def counts(campaign: Campaign) -> Counts:
    return counts_of([campaign])[campaign.id]


def counts_of(campaigns: Collection[Campaign]) -> dict[int, Counts]:
    """The counts of each campaign, in two queries and one more for each that is still being planned."""
    answered = answers_of([each.id for each in campaigns])
    counted: dict[int, dict[str, int]] = {each.id: {"answered": answered.get(each.id, 0)} for each in campaigns}
    grouped = (
        select(Invitation.campaign_id, Invitation.outcome, func.count())
        .where(Invitation.campaign_id.in_(counted))
        .group_by(Invitation.campaign_id, Invitation.outcome)
    )
    for campaign_id, outcome, number in db.session.execute(grouped):
        counted[campaign_id][outcome.value] = number
    return {each.id: _complete(each, counted[each.id]) for each in campaigns}


def answers_of(campaign_ids: Collection[int]) -> dict[int, int]:
    """How many answers of each campaign are in the score; those without one are not named."""
    counting = answers.in_score().c
    grouped = select(counting.campaign_id, func.count()).where(counting.campaign_id.in_(campaign_ids))
    return dict(db.session.execute(grouped.group_by(counting.campaign_id)).all())


def _complete(campaign: Campaign, counted: dict[str, int]) -> Counts:
    """With those not looked at yet among the open ones, so that the sum is right at any moment."""
    if campaign.planned_at is None:
        waiting = audience_size(campaign.audience, after=campaign.planned_to)
        counted["open"] = counted.get("open", 0) + waiting
    people = sum(number for name, number in counted.items() if name != "answered")
    return Counts(audience=people, **counted)


# ── People ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def people(campaign: Campaign, outcome: Outcome | None = None, rule: str = "") -> Select[Invitation]:
    """The invitations of a campaign with who they went to, by account."""
    found = (
        select(Invitation)
        .join(Invitation.contact)
        .join(Invitation.account)
        .where(Invitation.campaign_id == campaign.id)
        .options(contains_eager(Invitation.contact), contains_eager(Invitation.account))
        .order_by(Account.name, Contact.name, Invitation.id)
    )
    if outcome is not None:
        found = found.where(Invitation.outcome == outcome)
    return found.where(Invitation.held_rule == rule) if rule else found


def answered(campaign: Campaign) -> Select[Invitation]:
    """Whose answer counts, the latest first."""
    counting = answers.in_score().c
    theirs = select(counting.invitation_id).where(counting.campaign_id == campaign.id)
    return people(campaign).where(Invitation.id.in_(theirs)).order_by(None).order_by(Invitation.answered_at.desc())


def ledger(campaign: Campaign) -> list[LedgerLine]:
    """Who was held, by reason, the most frequent first."""
    grouped = (
        select(Invitation.held_rule, func.count(), func.min(Invitation.next_on))
        .where(Invitation.campaign_id == campaign.id, Invitation.outcome == Outcome.HELD)
        .group_by(Invitation.held_rule)
        .order_by(func.count().desc(), Invitation.held_rule)
    )
    return [LedgerLine(*row) for row in db.session.execute(grouped)]


def invitation(invitation_id: int) -> Invitation | None:
    """One invitation with all that its mail needs."""
    whole = (
        joinedload(Invitation.campaign).joinedload(Campaign.brand),
        joinedload(Invitation.contact),
        joinedload(Invitation.account),
        joinedload(Invitation.version),
        joinedload(Invitation.product),
    )
    return db.session.get(Invitation, invitation_id, options=whole)


# ── Work to do ──────────────────────────────────────────────────────────────────────────────────────────────────────


def due(now: datetime) -> Select[int]:
    """Ids of campaigns whose time has come."""
    return (
        select(Campaign.id)
        .where(Campaign.state == CampaignState.SCHEDULED, Campaign.held_back_until <= now)
        .where(or_(Campaign.send_at.is_(None), Campaign.send_at <= now))
        .order_by(Campaign.id)
    )


def unplanned() -> Select[Campaign]:
    """Campaigns under way that have contacts nobody looked at yet; of the cancelled ones too, for their ledger."""
    return (
        select(Campaign)
        .where(Campaign.planned_at.is_(None))
        .where(Campaign.state.in_((CampaignState.SENDING, CampaignState.CANCELLED)))
        .order_by(Campaign.id)
    )


def unfinished() -> Select[int]:
    """Ids of campaigns of which every invitation has come to an end, but they themselves have not."""
    still_open = select(Invitation.id).where(Invitation.campaign_id == Campaign.id, Invitation.outcome == Outcome.OPEN)
    return (
        select(Campaign.id)
        .where(Campaign.finished_at.is_(None), Campaign.planned_at.is_not(None))
        .where(Campaign.state.in_((CampaignState.SENDING, CampaignState.CANCELLED)))
        .where(~still_open.exists())
        .order_by(Campaign.id)
    )
