"""How often something may be tried: counters in the database, the same for all workers (X-12).

A try counts when it is made, before anything slow begins, and is given back when it turns out to be right. Subjects
(addresses, networks) are kept as keyed hashes only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from surveys.auth.models import Attempt
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.errors import TooMany
from surveys.lib.i18n import _
from surveys.lib.tokens import hidden


@dataclass(frozen=True)
class Limit:
    """So many tries in any stretch of time this long."""

    name: str
    most: int
    span: timedelta


LOG_IN = Limit("log-in", 10, timedelta(minutes=15))
RESET = Limit("reset", 3, timedelta(hours=1))
RESET_NETWORK = Limit("reset-network", 20, timedelta(hours=1))
SET_UP = Limit("set-up", 10, timedelta(minutes=15))
KEPT = timedelta(days=1)


def spend(limit: Limit, subject: str) -> None:
    """Count one try of this subject; one too many is `TooMany` and does not count.

    The caller commits at once, so that a slow check after it can be tried by nobody in parallel without being counted.
    """
    now = clock.now()
    key, window = _key(limit, subject), _window(limit, now)
    used = _one_more(key, window)
    before = db.session.scalar(select(Attempt.count).filter_by(key=key, window=window - limit.span)) or 0
    left = 1 - (now - window) / limit.span
    if used + before * left > limit.most:
        wait = (window + limit.span - now).total_seconds()
        raise TooMany(_("Too many tries. Please wait %(n)s minutes.", n=int(wait // 60) + 1), retry_after=int(wait) + 1)


def refund(limit: Limit, subject: str) -> None:
    """That try was right after all and does not count."""
    window = _window(limit, clock.now())
    db.session.execute(
        update(Attempt)
        .where(Attempt.key == _key(limit, subject), Attempt.window == window, Attempt.count > 0)
        .values(count=Attempt.count - 1)
    )


def note(key: str, at: datetime) -> None:
    """Write down that something happened at this moment, to be looked for by this key for a day."""
    _one_more(key, at.replace(microsecond=0))


def network_of(address: str | None) -> str:
    """Whom an address belongs to: itself, or its /64 in IPv6, where one subscriber has as many as he likes."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
    return str(found)


def forget_old_tries() -> bool:
    """Job: drop counters that no limit looks at any more."""
    db.session.execute(delete(Attempt).where(Attempt.window < clock.now() - KEPT))
    return False


def _window(limit: Limit, now: datetime) -> datetime:
    seconds = int(limit.span.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=UTC)


def _key(limit: Limit, subject: str) -> str:
    return hidden(f"{limit.name}\x1f{subject}")


def _one_more(key: str, window: datetime) -> int:
    """Insert or raise the counter in one statement; two workers at once both count."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(Attempt).values(key=key, window=window, count=1)
    raised = statement.on_conflict_do_update(index_elements=["key", "window"], set_={"count": Attempt.count + 1})
    return int(db.session.execute(raised.returning(Attempt.count)).scalar_one())
