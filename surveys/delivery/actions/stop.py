"""Not writing to somebody, for good; and standing still while the mail server does not take what we bring."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete

from surveys.delivery import queries
from surveys.delivery.models import SenderPause, Suppression, SuppressionReason
from surveys.events.actions import note
from surveys.lib import clock
from surveys.lib.access import User
from surveys.lib.db import db
from surveys.lib.errors import Invalid
from surveys.lib.i18n import _

SHORT: Final = (timedelta(seconds=30), timedelta(minutes=5))
LONG: Final = (timedelta(minutes=5), timedelta(hours=1))


def suppress(
    address: str,
    reason: SuppressionReason,
    *,
    note_text: str = "",
    source: str = "",
    is_suspect: bool = False,
    by: User | None = None,
) -> Suppression:
    """Never write to this address again; the first reason stays. `source` says where it came from."""
    found = queries.suppression_of(address)
    if found is not None:
        return found
    suppression = Suppression(
        address_key=queries.key_of(address),
        reason=reason,
        note=note_text,
        source=source,
        is_suspect=is_suspect,
        created_at=clock.now(),
    )
    db.session.add(suppression)
    db.session.flush()
    note("suppressed", suppression, by=by, reason=reason, source=source)
    return suppression


def lift(suppression: Suppression, *, by: User, why: str) -> None:
    """Allow mails to this address again: only with a written reason, which stays in the record."""
    if not why.strip():
        raise Invalid(_("Please write down why this address may be written to again."))
    note("suppression_lifted", suppression, by=by, reason=suppression.reason, why=why.strip())
    db.session.delete(suppression)


def stand_still(reason: str, *, needs_operator: bool) -> SenderPause:
    """Send nothing for a while, longer the longer it lasts; the first time is written down as one event."""
    now = clock.now()
    pause = queries.pause()
    if pause is None:
        pause = SenderPause(id=1, since=now, until=now, reason=reason)
        db.session.add(pause)
        db.session.flush()
        note("sender_paused", pause, why=reason)
    pause.reason, pause.needs_operator = reason, needs_operator
    pause.until = now + _patience(now - pause.since, LONG if needs_operator else SHORT)
    return pause


def wait_a_minute(reason: str) -> None:
    """The server asked us to go away for a moment (421)."""
    pause = stand_still(reason, needs_operator=False)
    pause.until = max(pause.until, clock.now() + timedelta(minutes=1))


def go_on() -> None:
    """A mail went through: whatever stood in the way is gone."""
    db.session.execute(delete(SenderPause).execution_options(synchronize_session=False))


def carry_on() -> None:
    """Try again now, because a person mended it."""
    pause = queries.pause()
    if pause is not None:
        pause.until = clock.now()


def is_standing_still(now: datetime) -> bool:
    pause = queries.pause()
    return pause is not None and pause.until > now


def _patience(lasted: timedelta, bounds: tuple[timedelta, timedelta]) -> timedelta:
    return min(max(lasted / 2, bounds[0]), bounds[1])
