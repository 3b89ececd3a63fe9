"""Reading staff users, their log-ins and their links."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Select, func, select

from surveys.auth.models import LinkPurpose, OneTimeLink, StaffSession, StaffUser
from surveys.events.models import Event
from surveys.lib import addresses, clock
from surveys.lib.access import Permission, Role, roles_with
from surveys.lib.db import db
from surveys.lib.tokens import fingerprint


class _Row(Protocol):
    __tablename__: str
    id: Any


def users() -> Select[StaffUser]:
    """Everybody, those who may log in first, by name."""
    return select(StaffUser).order_by(StaffUser.deactivated_at.is_not(None), StaffUser.name, StaffUser.id)


def colleagues(user: StaffUser | None = None) -> Select[StaffUser]:
    """Those who may log in, without this one."""
    active = users().where(StaffUser.deactivated_at.is_(None))
    return active if user is None else active.where(StaffUser.id != user.id)


def workers() -> Select[StaffUser]:
    """Those who may log in and whose role may work cases and own accounts."""
    return colleagues().where(StaffUser.role.in_(roles_with(Permission.WORK_CASES)))


def successors(user: StaffUser) -> Select[StaffUser]:
    """Who may take over what this user is in charge of."""
    return workers().where(StaffUser.id != user.id)


def user_by_email(email: str) -> StaffUser | None:
    return db.session.scalar(select(StaffUser).where(StaffUser.email == addresses.normal(email)))


def password_of(email: str) -> str:
    """The hash kept for an active user; empty for everybody else."""
    user = user_by_email(email)
    return user.password_hash if user is not None and user.is_active else ""


def sessions_of(user: StaffUser) -> Select[StaffSession]:
    """The log-ins of one user, the last used first."""
    return (
        select(StaffSession)
        .where(StaffSession.user_id == user.id)
        .order_by(StaffSession.seen_at.desc(), StaffSession.id)
    )


def last_seen(users: list[StaffUser]) -> dict[int, datetime]:
    """When each of these users was last here, as far as a log-in is still kept."""
    rows = db.session.execute(
        select(StaffSession.user_id, func.max(StaffSession.seen_at))
        .where(StaffSession.user_id.in_([user.id for user in users]))
        .group_by(StaffSession.user_id)
    )
    return {row[0]: row[1] for row in rows}


def open_link(secret: str) -> OneTimeLink | None:
    """The link that can still be used; None for every kind of bad one."""
    link = db.session.scalar(select(OneTimeLink).where(OneTimeLink.token_hash == fingerprint(secret)))
    return link if link is not None and link.is_open else None


def open_links_of(user: StaffUser, purpose: LinkPurpose) -> Select[OneTimeLink]:
    return select(OneTimeLink).where(
        OneTimeLink.user_id == user.id,
        OneTimeLink.purpose == purpose,
        OneTimeLink.used_at.is_(None),
        OneTimeLink.expires_at > clock.now(),
    )


def administrators() -> int:
    """How many may administer."""
    active = select(func.count()).where(StaffUser.role == Role.ADMIN, StaffUser.deactivated_at.is_(None))
    return db.session.scalar(active) or 0


def has_users() -> bool:
    return db.session.scalar(select(StaffUser.id).limit(1)) is not None


def last_editor(row: _Row) -> str:
    """The name of the user who did something to this row last; empty when it was nobody."""
    done = select(StaffUser.name).join(Event, Event.actor_id == StaffUser.id)
    done = done.where(Event.subject_kind == row.__tablename__, Event.subject_id == row.id)
    return db.session.scalar(done.order_by(Event.id.desc()).limit(1)) or ""
