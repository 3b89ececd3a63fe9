"""Writing down what happened to a case: in its timeline for people, and among the events for everything else."""

from __future__ import annotations

from typing import Any

from surveys.auth.models import StaffUser
from surveys.events import actions as events
from surveys.followups.models import Case, Entry, EntryKind
from surveys.lib import clock
from surveys.lib.db import db


def record(case: Case, name: str, *, by: StaffUser | None = None, **data: Any) -> None:
    """`name` happened to `case` (flushed already); `data` holds row numbers and facts, no names of people."""
    db.session.add(
        Entry(case_id=case.id, kind=EntryKind.EVENT, name=name, at=clock.now(), by_id=by.id if by else None, data=data)
    )
    events.note(f"case.{name}", case, by=by, **data)
