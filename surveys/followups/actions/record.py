"""Writing down what happened to a case: in its timeline for people, and among the events for everything else."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert

from surveys.auth.models import StaffUser
from surveys.events import actions as events
from surveys.followups.models import Case, Entry, EntryKind
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.prepared import Write


def record(case: Case, name: str, *, by: StaffUser | None = None, **data: Any) -> None:
    """`name` happened to `case` (flushed already); `data` holds row numbers and facts, no names of people."""
    db.session.add(
        Entry(case_id=case.id, kind=EntryKind.EVENT, name=name, at=clock.now(), by_id=by.id if by else None, data=data)
    )
    events.note(f"case.{name}", case, by=by, **data)


def record_of(case_id: int, name: str, **data: Any) -> None:
    """The same of a case that nobody loaded: on the way of every answer that we owe something."""
    _ENTRY.later(case_id=case_id, kind=EntryKind.EVENT, name=name, at=clock.now(), data=data, **_NOTHING_SAID)
    events.note_of(f"case.{name}", Case.__tablename__, case_id, **data)


_NOTHING_SAID: dict[str, Any] = {"by_id": None, "subject": "", "body": ""}
_ENTRY = Write(insert(Entry), sets=[column.key for column in Entry.__table__.columns if column.key != "id"])
