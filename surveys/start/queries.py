"""How far a new installation has come."""

from __future__ import annotations

from sqlalchemy import select

from surveys.auth.models import StaffUser
from surveys.customers.models import Contact
from surveys.invitations.models import Campaign, CampaignState
from surveys.lib.db import db
from surveys.lib.errors import Refused
from surveys.lib.i18n import _
from surveys.settings.models import UNNAMED
from surveys.settings.queries import default_brand, default_product


def has_asked() -> bool:
    """Whether anything was ever sent; the first steps are over then."""
    sent = select(Campaign.id).where(Campaign.state != CampaignState.DRAFT)
    return db.session.scalar(sent.limit(1)) is not None


def has_people() -> bool:
    return db.session.scalar(select(Contact.id).limit(1)) is not None


def known(user: StaffUser, language: str) -> dict[str, str]:
    """What the first step can fill in by itself: what is set already, else the administrator as the sender."""
    ours, product = default_brand(), default_product()
    return {
        "name": ours.name_in(language),
        "product": "" if product.name == UNNAMED else product.name_in(language),
        "sender_name": ours.said("sender_name", language) or user.name,
        "sender_address": ours.sender_address or user.email,
        "legal_name": ours.said("legal_name", language),
        "postal_address": ours.said("postal_address", language),
    }


def first_draft() -> Campaign | None:
    """The campaign on its way to be the first."""
    drafts = select(Campaign).where(Campaign.state == CampaignState.DRAFT)
    return db.session.scalar(drafts.order_by(Campaign.id.desc()).limit(1))


def draft(campaign_id: int) -> Campaign:
    """The draft of this number, which somebody is looking at."""
    found = db.session.get(Campaign, campaign_id)
    if found is None or not found.is_draft:
        raise Refused(_("This draft is no longer there. Please look at the page again."))
    return found
