"""Keeping the counts, in the transaction of what they count. Exact at every commit; `rebuild` makes them anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql

from surveys.customers.models import Account
from surveys.invitations.models import Invitation
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.prepared import Write
from surveys.measures.models import Measure
from surveys.measures.queries import COLUMNS, KEY, recount
from surveys.responses.actions import lock_invitation
from surveys.responses.models import Response
from surveys.settings.models import Organisation

SLICE = 1000


class Group(NamedTuple):
    """The key of one row of counts."""

    day: date
    kind_key: str
    product_id: int
    tier: str
    language: str


class Move(NamedTuple):
    """One count of one group, up or down; `column` is c0 to c10, delivered or answered."""

    group: Group
    column: str
    by: int = 1


def group(day: date, kind_key: str, product_id: int, *, tier: str | None, language: str) -> Group:
    return Group(day, kind_key, product_id, tier or "", language)


def count(moves: Iterable[Move]) -> None:
    """Move counts. Called last in a transaction: every answer of a day waits for the same few rows."""
    rows: dict[Group, Counter[str]] = {}
    for move in moves:
        rows.setdefault(move.group, Counter())[move.column] += move.by
    moved = [key for key in sorted(rows) if any(rows[key].values())]
    if moved:
        _adding(len(moved)).later(
            **{f"{name}_{at}": value for at, key in enumerate(moved) for name, value in key._asdict().items()},
            **{f"{column}_{at}": rows[key][column] for at, key in enumerate(moved) for column in COLUMNS},
        )


def count_delivered(invitation_id: int) -> None:
    """Count an invitation whose mail was accepted, once; an answer that came first is counted with it."""
    lock_invitation(invitation_id)
    row = _DELIVERED.run(invitation_id=invitation_id)
    if row is None:
        return
    sent_at, kind_key, product_id, language, tier, timezone, answered = row
    day = clock.local_day(sent_at or clock.now(), timezone)
    _MARK.run(invitation_id=invitation_id, sent_on=day, tier=tier)
    delivered = group(day, kind_key, product_id, tier=tier, language=language)
    count([Move(delivered, "delivered"), *([Move(delivered, "answered")] if answered else [])])


def rebuild() -> int:
    """Count everything anew from the answers and invitations; the number of rows."""
    db.session.execute(delete(Measure))
    rows = [dict(zip(KEY, key, strict=True)) | counts for key, counts in recount().items()]
    for start in range(0, len(rows), SLICE):
        db.session.execute(insert(Measure), rows[start : start + SLICE])
    db.session.flush()
    return len(rows)


# Prepared: on the way of every answer (performance.md).
@cache
def _adding(rows: int) -> Write:
    """Adds to so many rows at once, making those that are new. PostgreSQL's "on conflict" is SQLite's as well."""
    columns = [Measure.__table__.c[name] for name in (*KEY, *COLUMNS)]
    new = postgresql.insert(Measure).values(
        [{each.name: bindparam(f"{each.name}_{at}", type_=each.type) for each in columns} for at in range(rows)]
    )
    added = {name: getattr(Measure, name) + getattr(new.excluded, name) for name in COLUMNS}
    return Write(new.on_conflict_do_update(index_elements=list(KEY), set_=added))


_DELIVERED = Write(
    select(
        Invitation.sent_at,
        Invitation.kind_key,
        Invitation.product_id,
        Invitation.language,
        Account.tier,
        Organisation.timezone,
        select(Response.id)
        .where(
            Response.invitation_id == Invitation.id,
            Response.quarantined_at.is_(None),
            Response.withdrawn_at.is_(None),
            Response.excluded_at.is_(None),
        )
        .scalar_subquery(),
    )
    .join(Account, Account.id == Invitation.account_id)
    .join(Organisation, Organisation.id == 1)
    .where(Invitation.id == bindparam("invitation_id"), Invitation.sent_on.is_(None))
)
_MARK = Write(update(Invitation).where(Invitation.id == bindparam("invitation_id")), sets=["sent_on", "tier"])
