"""What happened and who did it: append-only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from surveys.lib.db import Base, BigId, Short


class Event(Base):
    """One thing that happened to one subject. Names of people are not kept here, only row numbers and facts."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_subject", "subject_kind", "subject_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(Short)
    subject_kind: Mapped[str] = mapped_column(Short)
    subject_id: Mapped[int] = mapped_column(BigId)
    # No foreign key: staff users live in a room above.
    actor_id: Mapped[int | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
