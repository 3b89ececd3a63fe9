"""A second person's approval, where the installation asks for one: of exactly what would be sent, and of nothing else.

What was approved is kept as a print of the campaign, its questionnaire and its brand. Any later change makes another
print, so the approval no longer holds; nobody has to take it back. Who had a hand in it since then may not approve it.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, or_, select

from surveys.auth.models import StaffUser
from surveys.auth.queries import colleagues
from surveys.events.actions import note
from surveys.events.models import Event
from surveys.invitations.models import Campaign
from surveys.lib import clock
from surveys.lib.access import Permission, roles_with
from surveys.lib.db import db
from surveys.lib.errors import Refused
from surveys.lib.i18n import _
from surveys.questionnaires import queries as questionnaires
from surveys.questionnaires.models import Questionnaire, Version
from surveys.settings.models import Brand
from surveys.settings.queries import organisation

# What customers see of a brand.
BRAND = [column.key for column in Brand.__table__.columns if column.key not in ("is_default", "archived_at")]


class Hand(NamedTuple):
    """Somebody who changed what would be sent, and which parts of it: brand, campaign, questionnaire."""

    user: StaffUser
    parts: tuple[str, ...]


def is_asked_for() -> bool:
    return organisation().asks_for_approval


def print_of(campaign: Campaign) -> str:
    """What would be sent, to whom and in whose name, as a short text that changes with every change of it."""
    version, last = questionnaires.latest(campaign.questionnaire), _last(campaign.questionnaire)
    said = {
        "campaign": [campaign.product_id, campaign.audience, campaign.deadline_on, campaign.changed_at.timestamp()],
        "questionnaire": [version.id, version.wording, version.questions, version.layout, last.id if last else 0],
        "brand": [getattr(campaign.brand, name) for name in BRAND],
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:32]


def holds(campaign: Campaign) -> bool:
    """Whether somebody approved exactly this."""
    return campaign.approved_at is not None and campaign.approved_print == print_of(campaign)


def hands(campaign: Campaign) -> list[Hand]:
    """Who changed what would be sent since it was last approved or asked, by name: none of them may approve it."""
    parts: dict[int | None, set[str]] = {}
    for actor, part in db.session.execute(_changes(campaign)):
        parts.setdefault(actor, set()).add(part)
    users = db.session.scalars(select(StaffUser).where(StaffUser.id.in_(parts)).order_by(StaffUser.name, StaffUser.id))
    return [Hand(user, tuple(sorted(parts[user.id]))) for user in users]


def approvers(campaign: Campaign) -> list[StaffUser]:
    """Everybody who may approve it as it stands, by name."""
    excluded = [hand.user.id for hand in hands(campaign)]
    may_run = colleagues().where(StaffUser.role.in_(roles_with(Permission.CAMPAIGNS)))
    return list(db.session.scalars(may_run.where(StaffUser.id.not_in(excluded))))


def problem(campaign: Campaign) -> str:
    """Why it may not go yet; empty when it may."""
    if holds(campaign):
        return ""
    if campaign.approved_at is not None:
        return _("It was changed after it had been approved. A second person has to look at it again.")
    return _("Somebody who had no part in it has to approve it.")


def give(campaign: Campaign, seen: str, *, by: Any) -> None:
    """Approve what was seen, which is the print of the page that was looked at."""
    _lock(campaign)
    if not campaign.is_draft:
        raise Refused(_("This campaign is on its way already."))
    if by.id not in [each.id for each in approvers(campaign)]:
        raise Refused(_("You had a part in it: somebody else has to approve it."), status=403)
    if seen != print_of(campaign):
        raise Refused(_("It was changed while you were looking. Here it is as it stands now; please look again."))
    campaign.approved_by_id, campaign.approved_at, campaign.approved_print = by.id, clock.now(), seen
    db.session.flush()
    note("campaign_approved", campaign, by=by, questionnaire=campaign.questionnaire_id, brand=campaign.brand_id)


def withdraw(campaign: Campaign, *, by: Any) -> None:
    """Take an approval back while nothing has left."""
    if not campaign.is_draft or campaign.approved_at is None:
        raise Refused(_("There is no approval to take back."))
    campaign.approved_by_id, campaign.approved_at, campaign.approved_print = None, None, ""
    note("campaign_approval_withdrawn", campaign, by=by)


def seal(campaign: Campaign, version: Version) -> None:
    """From its launch on, nobody changes the words that were approved; to be called before they are looked at."""
    _lock(campaign)
    db.session.refresh(version, with_for_update={"of": Version})
    version.freeze()


def _lock(campaign: Campaign) -> None:
    """Nobody changes the campaign or its questionnaire until the transaction ends."""
    db.session.flush()
    db.session.refresh(campaign, with_for_update={"of": Campaign})  # the row alone, without what it was loaded with
    db.session.execute(select(Questionnaire.id).where(Questionnaire.id == campaign.questionnaire_id).with_for_update())


def _changes(campaign: Campaign) -> Select[int | None, str]:
    """Who changed which part: the campaign and its brand since they were approved, or since it was made; the words,
    questions and offers since they were approved, or since somebody was asked with them.
    """
    last = _last(campaign, "campaign_approved") if campaign.approved_at is not None else None
    made = _last(campaign, "campaign_created")
    approved, covered = (last.id, last.data) if last else (0, {})
    since_asked = Event.id > (approved if covered.get("questionnaire") == campaign.questionnaire_id else 0)
    since_seen = Event.id > (approved if covered.get("brand") == campaign.brand_id else made.id if made else 0)
    asked_at = select(func.max(Version.frozen_at)).where(Version.questionnaire_id == campaign.questionnaire_id)
    if (moment := db.session.scalar(asked_at)) is not None:
        since_asked &= Event.at > moment
    changed = or_(
        _about(campaign) & Event.kind.in_(("campaign_created", "campaign_changed")) & (Event.id > approved),
        _about(campaign.questionnaire) & since_asked,
        _about(campaign.brand) & (Event.kind == "brand_changed") & since_seen,
    )
    return select(Event.actor_id, Event.subject_kind).where(Event.actor_id.is_not(None), changed).distinct()


def _last(row: Campaign | Questionnaire, *kinds: str) -> Event | None:
    """The last thing of these kinds, or of any, that was written down about it."""
    about = _about(row) & Event.kind.in_(kinds) if kinds else _about(row)
    return db.session.scalars(select(Event).where(about).order_by(Event.id.desc()).limit(1)).one_or_none()


def _about(row: Campaign | Questionnaire | Brand) -> ColumnElement[bool]:
    return (Event.subject_kind == row.__tablename__) & (Event.subject_id == row.id)
