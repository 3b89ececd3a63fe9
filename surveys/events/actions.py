"""Writing down what happened."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import insert

from surveys.events.models import Event
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.prepared import Write


class _Row(Protocol):
    __tablename__: str
    id: Any


class _Actor(Protocol):
    id: Any


def note(kind: str, subject: _Row, *, by: _Actor | None = None, **data: Any) -> Event:
    """Write down that `kind` happened to `subject` (flushed already), done by `by` or by Koe itself."""
    event = Event(
        at=clock.now(),
        kind=kind,
        subject_kind=subject.__tablename__,
        subject_id=subject.id,
        actor_id=by.id if by else None,
        data=data,
    )
    db.session.add(event)
    return event


def note_of(kind: str, table: str, number: int, **data: Any) -> None:
    """The same of row `number` of `table`, which nobody loaded: on the way of every answer that we owe something."""
    _NOTE.later(at=clock.now(), kind=kind, subject_kind=table, subject_id=number, actor_id=None, data=data)


_NOTE = Write(insert(Event), sets=[column.key for column in Event.__table__.columns if column.key != "id"])
