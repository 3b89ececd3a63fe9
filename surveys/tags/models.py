"""Tags: what a response is about, in a two-level list the team owns."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from surveys.lib import clock
from surveys.lib.db import Base, BigId, Short
from surveys.responses.models import Response


class Tag(Base):
    """A word for what customers talk about; `key` is the name in the form in which names are compared."""

    __tablename__ = "tag"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Short)
    key: Mapped[str] = mapped_column(Short, unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("tag.id"), index=True)
    archived_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    parent: Mapped[Tag | None] = relationship(remote_side=[id])


class ResponseTag(Base):
    """One tag on one response, and who set it.

    `day` and `account_id` are the response's own, which never change: a period's tags are read from one index.
    """

    __tablename__ = "response_tag"
    __table_args__ = (
        Index("ix_response_tag_tag", "tag_id", "response_id"),
        Index("ix_response_tag_day", "day", "tag_id", "account_id"),
    )

    response_id: Mapped[int] = mapped_column(BigId, ForeignKey("response.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"), primary_key=True)
    day: Mapped[date]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    at: Mapped[datetime] = mapped_column(default=clock.now)

    tag: Mapped[Tag] = relationship()
    response: Mapped[Response] = relationship()

    @classmethod
    def on(cls, response: Response, tag_id: int, *, by_id: int | None) -> ResponseTag:
        return cls(
            response_id=response.id, tag_id=tag_id, day=response.day, account_id=response.account_id, by_id=by_id
        )
