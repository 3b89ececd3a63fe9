"""Not writing to somebody, for good; and standing still while the mail server does not take what we bring."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select

from surveys.delivery import queries
from surveys.delivery.actions.plan import insert
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
    """Never write to this address again; said twice, or twice at once, the first entry of a reason stays.

    Reasons stand side by side: to lift one leaves the others (E-30). `source` says where it came from.
    """
    key = queries.key_of(address)
    row = {"address_key": key, "reason": reason, "note": note_text, "source": source, "is_suspect": is_suspect}
    writing = insert(Suppression).values(**row, created_at=clock.now())
    made = db.session.scalar(writing.on_conflict_do_nothing().returning(Suppression.id))
    standing = select(Suppression).where(Suppression.address_key == key, Suppression.reason == reason)
    suppression = db.session.scalars(standing).one()
    if made is not None:
        note("suppressed", suppression, by=by, reason=reason, source=source)
    return suppression


def lift(suppression: Suppression, *, by: User, why: str) -> None:
    """Take one reason away, and only with a written reason of one's own, which stays in the record."""
    if not why.strip():
        raise Invalid(_("Please write down why this address may be written to again."))
    note("suppression_lifted", suppression, by=by, reason=suppression.reason, why=why.strip())
    db.session.delete(suppression)


def stand_still(reason: str, *, needs_operator: bool) -> SenderPause:
    """Send nothing for a while, longer the longer it lasts; the first time is written down as one event."""
    now = clock.now()
    told = {"reason": reason, "needs_operator": needs_operator}
    writing = insert(SenderPause).values(id=1, since=now, until=now, **told)
    # Two workers may be refused at once: the second changes the row of the first.
    db.session.execute(writing.on_conflict_do_update(index_elements=["id"], set_=told))
    pause = db.session.get_one(SenderPause, 1, populate_existing=True)
    if pause.since == now:
        note("sender_paused", pause, why=reason)
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
