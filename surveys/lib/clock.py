"""What time it is. The one place that asks, so that tests and the demo may stand at another moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_standing: ContextVar[datetime | None] = ContextVar("standing", default=None)


def now() -> datetime:
    """This moment, aware, in UTC."""
    return _standing.get() or datetime.now(UTC)


def today(zone: str) -> date:
    return now().astimezone(ZoneInfo(zone)).date()


def local_day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Stand at `moment` (aware) for the length of the block."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    token = _standing.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _standing.reset(token)
