"""Open links: one address for many people, and what came back through it, apart from every personal answer (X-03).

An answer here knows no contact, no account, no case and no row of counts: what is measured from people we asked by name
cannot be moved by it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from surveys.lib import clock
from surveys.lib.db import Base, BigId, Short
from surveys.lib.errors import Refused
from surveys.lib.i18n import _
from surveys.questionnaires.models import Questionnaire, Version
from surveys.responses.models import Segment
from surveys.settings.models import Brand, Product

# A device without a network may be long on its way: for so many days after the end it still hands in what it was told.
GRACE: Final = timedelta(days=30)


class Mode(StrEnum):
    """How people come to the link, which decides how many answers of one network are nothing unusual."""

    LINK = "link"  # each on a device and in a network of their own: web site, invoice, signature
    SEMINAR = "seminar"  # many at once in one room
    KIOSK = "kiosk"  # one after the other on one device of ours


class State(StrEnum):
    """Where a link stands today."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    ARCHIVED = "archived"


class Doubt(StrEnum):
    """Why an answer waits for somebody's look before it counts."""

    FAST = "fast"
    HONEYPOT = "honeypot"
    PREFETCH = "prefetch"
    RUSH = "rush"  # more of one network in a short time than people would give


class OpenLink(Base):
    """A question with an address that anybody may answer: a channel such as "Reception tablet"."""

    __tablename__ = "open_link"
    __table_args__ = (
        CheckConstraint("opens_on IS NULL OR closes_on IS NULL OR opens_on <= closes_on", name="in_order"),
        CheckConstraint("expected IS NULL OR expected > 0", name="expects_somebody"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Short, unique=True)
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"))
    # The words that are shown: those of the day it was made until somebody takes newer ones (S-34).
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"))
    mode: Mapped[Mode] = mapped_column(default=Mode.LINK)
    # The one language of the page; "" leaves it to the reader.
    language: Mapped[str] = mapped_column(Short, default="")
    # How many people are in the room, as far as somebody said so.
    expected: Mapped[int | None]
    # Local days, both included; None is open on that side.
    opens_on: Mapped[date | None]
    closes_on: Mapped[date | None]
    # Of its address: the next edition shuts the one before.
    edition: Mapped[int] = mapped_column(default=1)
    archived_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    row_version: Mapped[int] = mapped_column()

    questionnaire: Mapped[Questionnaire] = relationship()
    version: Mapped[Version] = relationship()
    product: Mapped[Product] = relationship()
    brand: Mapped[Brand] = relationship()

    __mapper_args__ = {"version_id_col": row_version}

    @property
    def is_kiosk(self) -> bool:
        return self.mode is Mode.KIOSK

    def state_on(self, day: date) -> State:
        """Where it stands on this local day."""
        if self.archived_at:
            return State.ARCHIVED
        if self.opens_on and day < self.opens_on:
            return State.PLANNED
        return State.CLOSED if self.closes_on and day > self.closes_on else State.OPEN

    def takes(self, made_at: datetime, now: datetime, zone: str) -> bool:
        """Whether an answer made then may be handed in now: made while it was open, and not too long on its way."""
        day = clock.local_day(made_at, zone)
        if (self.opens_on and day < self.opens_on) or (self.closes_on and day > self.closes_on):
            return False
        if self.archived_at and made_at > self.archived_at:
            return False
        ended = [clock.local_day(self.archived_at, zone)] if self.archived_at else []
        ended += [self.closes_on] if self.closes_on else []
        return not ended or clock.local_day(now, zone) <= min(ended) + GRACE

    def archive(self) -> None:
        if self.archived_at:
            raise Refused(_("This open link is archived already."))
        self.archived_at = clock.now()

    def restore(self) -> None:
        if not self.archived_at:
            raise Refused(_("This open link is in use already."))
        self.archived_at = None


class OpenAnswer(Base):
    """One answer through an open link; nobody's, and on nobody's account."""

    __tablename__ = "open_answer"
    __table_args__ = (
        UniqueConstraint("link_id", "client_id"),
        CheckConstraint("score IS NULL OR score BETWEEN 0 AND 10", name="score_in_range"),
        CheckConstraint("(excluded_at IS NULL) = (excluded_reason = '')", name="excluded_has_reason"),
        Index("ix_open_answer_link", "link_id", "answered_at", "id"),
        # Rushes are looked for among the few rows of the last day that still know their network.
        Index(
            "ix_open_answer_network",
            "link_id",
            "network",
            "answered_at",
            sqlite_where=text("network <> ''"),
            postgresql_where=text("network <> ''"),
        ),
        # Few at any time: Home asks for them with every visit.
        Index(
            "ix_open_answer_doubted",
            "link_id",
            sqlite_where=text("doubted_at IS NOT NULL"),
            postgresql_where=text("doubted_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("open_link.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"), index=True)
    layout: Mapped[int] = mapped_column(default=1)
    score: Mapped[int | None]
    segment: Mapped[Segment | None]
    comment: Mapped[str] = mapped_column(default="")
    # To the further questions, by their keys.
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    language: Mapped[str] = mapped_column(Short)
    # When it was given, by the device's clock where that was offline, and when it came in.
    answered_at: Mapped[datetime]
    received_at: Mapped[datetime]
    day: Mapped[date]
    # What the form or the device called it: the same thing sent twice is one answer.
    client_id: Mapped[str] = mapped_column(Short)
    # A keyed hash of the network it came from; thrown away after a day.
    network: Mapped[str] = mapped_column(Short, default="")
    # Set while it waits for a look; such an answer does not count.
    doubted_at: Mapped[datetime | None]
    doubts: Mapped[list[str]] = mapped_column(default=list)
    # Somebody looked and vouches for it: no rush puts it in doubt again.
    accepted_at: Mapped[datetime | None]
    excluded_at: Mapped[datetime | None]
    excluded_reason: Mapped[str] = mapped_column(default="")

    link: Mapped[OpenLink] = relationship()
    version: Mapped[Version] = relationship()

    @property
    def counts(self) -> bool:
        """Whether it is in the link's own score."""
        return self.doubted_at is None and self.excluded_at is None

    def accept(self, *, at: datetime) -> None:
        """Vouch for it, or take it back in."""
        if self.counts:
            raise Refused(_("This answer is in the score already."))
        self.doubted_at, self.accepted_at = None, at
        self.excluded_at, self.excluded_reason = None, ""

    def exclude(self, reason: str, *, at: datetime) -> None:
        if self.excluded_at:
            raise Refused(_("This answer is left out of the score already."))
        self.doubted_at, self.excluded_at, self.excluded_reason = None, at, reason
