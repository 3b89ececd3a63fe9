"""Reading what happened."""

from __future__ import annotations

from sqlalchemy import Select, select

from surveys.events.models import Event


def of(subject_kind: str, subject_id: int) -> Select[Event]:
    """All that happened to one subject, oldest first."""
    return select(Event).where(Event.subject_kind == subject_kind, Event.subject_id == subject_id).order_by(Event.id)
