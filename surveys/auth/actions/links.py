"""One-time links: made, offered, used once (X-15)."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import delete, update

from surveys.auth import queries
from surveys.auth.actions.users import set_password
from surveys.auth.models import LinkPurpose, OneTimeLink, StaffSession, StaffUser
from surveys.events.actions import note
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.errors import NotFound, Refused
from surveys.lib.i18n import _
from surveys.lib.tokens import fingerprint

MAILED = timedelta(minutes=10)  # ASVS 6.5.5
HANDED_OVER = timedelta(hours=1)  # made by an administrator, who gives it to a colleague by hand
INVITED = timedelta(days=3)


def make_link(user: StaffUser, purpose: LinkPurpose, lasting: timedelta, *, by: StaffUser | None = None) -> OneTimeLink:
    """A fresh link for this user; the first that is used ends all others."""
    now = clock.now()
    link = OneTimeLink(
        seed=secrets.token_urlsafe(32),
        purpose=purpose,
        user=user,
        created_at=now,
        expires_at=now + lasting,
        token_hash="",
    )
    link.token_hash = fingerprint(link.secret)
    db.session.add(link)
    db.session.flush()
    note("link_made", user, by=by, purpose=purpose.value)
    return link


def offer_link(user: StaffUser, *, by: StaffUser | None = None) -> OneTimeLink:
    """A link to be handed over, to set the first password or a new one; earlier ones of its purpose stop working."""
    if not user.is_active:
        raise Refused(_("%(name)s is deactivated. Please reactivate first.", name=user.name))
    purpose, lasting = (LinkPurpose.RESET, HANDED_OVER) if user.password_hash else (LinkPurpose.INVITE, INVITED)
    db.session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.user_id == user.id, OneTimeLink.used_at.is_(None), OneTimeLink.purpose == purpose)
        .values(used_at=clock.now())
    )
    return make_link(user, purpose, lasting, by=by)


def link_on_request(user: StaffUser) -> OneTimeLink:
    """A link that somebody asked for who may be anybody: what the user has been given before goes on working."""
    if user.password_hash:
        return make_link(user, LinkPurpose.RESET, MAILED)
    return make_link(user, LinkPurpose.INVITE, INVITED)


def offer_link_by_email(email: str) -> OneTimeLink:
    """The same on the command line, when no mail and no administrator is at hand."""
    user = queries.user_by_email(email)
    if user is None:
        raise NotFound(_("There is no user with this address."))
    return offer_link(user)


def use_link(secret: str, password_hash: str) -> StaffUser:
    """Set the password the link stands for, once: of two at a time one is too late. Ends all log-ins of the user."""
    now = clock.now()
    user_id = db.session.scalar(
        update(OneTimeLink)
        .where(
            OneTimeLink.token_hash == fingerprint(secret), OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now
        )
        .values(used_at=now)
        .returning(OneTimeLink.user_id)
    )
    user = db.session.get(StaffUser, user_id) if user_id is not None else None
    if user is None or not user.is_active:
        raise NotFound(_("This link has been used or is too old. Please ask for a new one."))
    set_password(user, password_hash, by=user)
    return user


def forget_dead_rows() -> bool:
    """Job: drop log-ins and links that no longer open anything."""
    now = clock.now()
    db.session.execute(delete(StaffSession).where(StaffSession.created_at < now - timedelta(days=1)))
    db.session.execute(delete(OneTimeLink).where(OneTimeLink.expires_at < now - timedelta(days=30)))
    return False
