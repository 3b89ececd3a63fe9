"""A second person's approval, where the installation asks for one: of exactly what would be sent, and of nothing else.

What was approved is kept as a print of the campaign, its questionnaire and its brand. Any later change makes another
print, so the approval no longer holds; nobody has to take it back.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import select

from surveys.auth.models import StaffUser
from surveys.events.actions import note
from surveys.events.models import Event
from surveys.invitations.models import Campaign
from surveys.lib import clock
from surveys.lib.access import Permission, may
from surveys.lib.db import db
from surveys.lib.errors import Refused
from surveys.lib.i18n import _
from surveys.questionnaires import queries as questionnaires
from surveys.questionnaires.models import Version
from surveys.settings.models import Brand
from surveys.settings.queries import organisation

# What customers see of a brand.
BRAND = [column.key for column in Brand.__table__.columns if column.key not in ("is_default", "archived_at")]


def is_asked_for() -> bool:
    return organisation().asks_for_approval


def print_of(campaign: Campaign) -> str:
    """What would be sent, to whom and in whose name, as a short text that changes with every change of it."""
    version, last = questionnaires.latest(campaign.questionnaire), _last_change(campaign)
    said = {
        "campaign": [campaign.product_id, campaign.audience, campaign.deadline_on, campaign.changed_at.timestamp()],
        "questionnaire": [version.id, version.wording, version.questions, version.layout, last.id if last else 0],
        "brand": [getattr(campaign.brand, name) for name in BRAND],
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:32]


def holds(campaign: Campaign) -> bool:
    """Whether somebody approved exactly this."""
    return campaign.approved_at is not None and campaign.approved_print == print_of(campaign)


def last_changed_by(campaign: Campaign) -> StaffUser | None:
    """Who changed it last, the campaign or its questionnaire; None when nobody knows."""
    last = _last_change(campaign)
    if last is not None and last.at > campaign.changed_at:
        return db.session.get(StaffUser, last.actor_id) if last.actor_id else None
    return campaign.changed_by


def may_give(campaign: Campaign, user: Any) -> bool:
    changed = last_changed_by(campaign)
    return may(user, Permission.CAMPAIGNS) and (changed is None or changed.id != user.id)


def problem(campaign: Campaign) -> str:
    """Why it may not go yet; empty when it may."""
    if holds(campaign):
        return ""
    changed = last_changed_by(campaign)
    if campaign.approved_at is not None:
        return _("It was changed after it had been approved. A second person has to look at it again.")
    if changed is None:
        return _("A second person has to approve it.")
    return _("Somebody other than %(name)s, who changed it last, has to approve it.", name=changed.name)


def give(campaign: Campaign, seen: str, *, by: Any) -> None:
    """Approve what was seen, which is the print of the page that was looked at."""
    _lock(campaign)
    if not campaign.is_draft:
        raise Refused(_("This campaign is on its way already."))
    if not may_give(campaign, by):
        raise Refused(_("You changed it last: somebody else has to approve it."), status=403)
    if seen != print_of(campaign):
        raise Refused(_("It was changed while you were looking. Here it is as it stands now; please look again."))
    campaign.approved_by_id, campaign.approved_at, campaign.approved_print = by.id, clock.now(), seen
    db.session.flush()
    note("campaign_approved", campaign, by=by)


def withdraw(campaign: Campaign, *, by: Any) -> None:
    """Take an approval back while nothing has left."""
    if not campaign.is_draft or campaign.approved_at is None:
        raise Refused(_("There is no approval to take back."))
    campaign.approved_by_id, campaign.approved_at, campaign.approved_print = None, None, ""
    note("campaign_approval_withdrawn", campaign, by=by)


def seal(campaign: Campaign, version: Version) -> None:
    """From its launch on, nobody changes the words that were approved; to be called before they are looked at."""
    _lock(campaign)
    db.session.refresh(version, with_for_update=True)
    version.freeze()


def _lock(campaign: Campaign) -> None:
    db.session.flush()
    db.session.refresh(campaign, with_for_update=True)


def _last_change(campaign: Campaign) -> Event | None:
    """The last change of the questionnaire that was written down."""
    about = (Event.subject_kind == "questionnaire", Event.subject_id == campaign.questionnaire_id)
    return db.session.scalars(select(Event).where(*about).order_by(Event.id.desc()).limit(1)).one_or_none()
