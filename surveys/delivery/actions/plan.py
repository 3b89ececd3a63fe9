"""Planning mails and calling them back. Nothing is sent here."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import CursorResult, Select, select, update
from sqlalchemy.dialects import postgresql, sqlite

from surveys.delivery import queries
from surveys.delivery.models import Message, MessageState, Rank
from surveys.events.actions import note
from surveys.lib import clock
from surveys.lib.access import User
from surveys.lib.db import Base, db
from surveys.settings.queries import organisation

SLICE = 1000
OVERDUE = "overdue"


def queue(
    kind: str,
    subject_id: int,
    *,
    to: str,
    sequence: int = 0,
    not_before: datetime | None = None,
    rank: Rank = Rank.USUAL,
    is_confidential: bool = False,
) -> Message:
    """Plan one mail; when it is planned already, that one."""
    planned = queries.message(kind, subject_id, sequence)
    if planned is not None:
        return planned
    row = _row(kind, subject_id, to, not_before or clock.now())
    message = Message(**row | {"sequence": sequence, "rank": rank, "is_confidential": is_confidential})
    db.session.add(message)
    db.session.flush()
    return message


def queue_all(
    kind: str, to_whom: Iterable[tuple[int, str]], *, sequence: int = 0, not_before: datetime | None = None
) -> None:
    """Plan a mail for each (subject id, address); what is planned already stays as it is."""
    start = not_before or clock.now()
    rows = (_row(kind, subject_id, to, start) | {"sequence": sequence} for subject_id, to in to_whom)
    for some in _slices(rows):
        db.session.execute(insert(Message).on_conflict_do_nothing(), some)


def cancel(kind: str, subject_ids: Collection[int] | Select[int], *, rule: str, text: str = "") -> int:
    """Call back what a worker has not taken yet; the number of mails. Those on their way are asked before the dot."""
    changed = db.session.execute(
        update(Message)
        .where(Message.kind == kind, Message.subject_id.in_(subject_ids), Message.state == MessageState.PLANNED)
        .values(state=MessageState.CANCELLED, rule=rule, answer=text, raw=None, settled_at=clock.now(), is_told=False)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(changed, CursorResult)
    return changed.rowcount


def send_overdue(*, by: User) -> int:
    """Let what is overdue go after all, because a person decided to; the number of mails."""
    return _decide("overdue_sent", {"not_before": clock.now()}, by)


def skip_overdue(*, by: User) -> int:
    """Do not send what is overdue; its rooms hear of it. The number of mails."""
    skipped = {"state": MessageState.CANCELLED, "rule": OVERDUE, "raw": None, "settled_at": clock.now()}
    return _decide("overdue_skipped", skipped | {"is_told": False}, by)


def _decide(kind: str, values: dict[str, Any], by: User) -> int:
    changed = db.session.execute(
        update(Message)
        .where(queries.is_overdue(clock.now()))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(changed, CursorResult)
    note(kind, organisation(), by=by, mails=changed.rowcount)
    return changed.rowcount


def arrived(kinds: Collection[str], subject_id: int) -> None:
    """A sign that mails about this subject arrived (an answer, a reply, a bounce): unknown ones turn to accepted."""
    unknown = select(Message).where(
        Message.kind.in_(kinds), Message.subject_id == subject_id, Message.state == MessageState.UNKNOWN
    )
    for message in db.session.scalars(unknown):
        message.count_as_sent()


def _row(kind: str, subject_id: int, to: str, not_before: datetime) -> dict[str, Any]:
    return {
        "kind": kind,
        "subject_id": subject_id,
        "to_address": to.strip(),
        "address_key": queries.key_of(to),
        "not_before": not_before,
        "created_at": clock.now(),
    }


def _slices(rows: Iterable[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    remaining = iter(rows)
    return iter(lambda: list(islice(remaining, SLICE)), [])


def insert(model: type[Base]) -> Any:
    """INSERT that knows ON CONFLICT, in the words of the database at hand."""
    words = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    return words(model.__table__)  # type: ignore[arg-type]
