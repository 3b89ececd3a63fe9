"""Kinds of question as data, questionnaires, and their versions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from surveys.lib import clock
from surveys.lib.db import Base, Short
from surveys.lib.i18n import LANGUAGES
from surveys.questionnaires import questions as further
from surveys.questionnaires import wording as texts_of
from surveys.scales import Direction, Headline, Scale, Segment


class Kind(Base):
    """A kind of scored question: its scale, direction, segments and headline (M-20). The direction is part of it."""

    __tablename__ = "kind"
    __table_args__ = (
        CheckConstraint("low IS NULL OR low < high", name="scale_in_order"),
        CheckConstraint("direction IN ('higher', 'lower', 'none')", name="known_direction"),
    )

    key: Mapped[str] = mapped_column(Short, primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[str]
    name_ja: Mapped[str]
    # No scale for the kind `form`.
    low: Mapped[int | None]
    high: Mapped[int | None]
    # Which way is better: higher, lower, none.
    direction: Mapped[str] = mapped_column(Short)
    # The scores of each segment: {"bad": [0, 6], "middle": [7, 8], "good": [9, 10]}, both ends included, and "worst":
    # those we apologise for.
    segments: Mapped[dict[str, Any]]
    # What stands large: nps, mean, share, none.
    headline: Mapped[str] = mapped_column(Short)
    # Whether it asks about the relationship (S-02) or about one event (S-03).
    is_relationship: Mapped[bool] = mapped_column(default=False)

    def name_in(self, language: str) -> str:
        return self.name_ja if language == "ja" else self.name

    @property
    def points(self) -> list[int]:
        return [] if self.low is None or self.high is None else list(range(self.low, self.high + 1))

    @property
    def is_scored(self) -> bool:
        return self.low is not None

    @property
    def is_about_an_event(self) -> bool:
        """Whether it asks about help or another event and nothing else; a form may ask about anything."""
        return self.is_scored and not self.is_relationship

    @property
    def scale(self) -> Scale | None:
        """The arithmetic of this kind; None for the kind without a score."""
        if self.low is None or self.high is None:
            return None
        ranges = {name: (first, last) for name, (first, last) in self.segments.items() if name != "worst"}
        return Scale(
            self.key, self.low, self.high, Direction(self.direction), headline=Headline(self.headline), **ranges
        )

    def segment(self, score: int) -> Segment:
        """Where a score falls; raises `NotAScore` outside the scale."""
        scale = self.scale
        assert scale is not None
        return scale.segment(score)

    def is_worst(self, score: int) -> bool:
        """Whether it is a score we apologise for: 0 to 4 of NPS, the worst of the other kinds."""
        first, last = self.segments.get("worst", (1, 0))
        return bool(first <= score <= last)


class Questionnaire(Base):
    """A question we ask, under one name, through all its versions."""

    __tablename__ = "questionnaire"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Short, unique=True)
    name: Mapped[str]
    name_ja: Mapped[str] = mapped_column(default="")
    kind_key: Mapped[str] = mapped_column(ForeignKey("kind.key"), index=True)
    # When the page asks whether we may get in touch: never, bad (after a bad answer), always.
    asks_contact: Mapped[str] = mapped_column(Short, default="bad")
    # What the page of thanks offers: see `questionnaires/offers`.
    offers: Mapped[list[Any]] = mapped_column(default=list)
    archived_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    kind: Mapped[Kind] = relationship()
    versions: Mapped[list[Version]] = relationship(back_populates="questionnaire", order_by="Version.number")

    def name_in(self, language: str) -> str:
        return (self.name_ja if language == "ja" else "") or self.name


class Version(Base):
    """The wording of a questionnaire in each language; frozen once it was answered (S-34).

    `wording` is {"en": {…}, "ja": {…}}; the keys of a language are in `questionnaires/wording.py`.
    """

    __tablename__ = "questionnaire_version"
    __table_args__ = (UniqueConstraint("questionnaire_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"))
    number: Mapped[int]
    wording: Mapped[dict[str, Any]]
    # The further questions, in their order, with their words: see `questionnaires/questions`.
    questions: Mapped[list[Any]] = mapped_column(default=list)
    # Of the page's layout (S-30): a change of layout starts a new series.
    layout: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    frozen_at: Mapped[datetime | None]

    questionnaire: Mapped[Questionnaire] = relationship(back_populates="versions")

    @property
    def is_frozen(self) -> bool:
        return self.frozen_at is not None

    def freeze(self) -> None:
        """From its first mail or answer on, nobody changes these words any more (S-34)."""
        self.frozen_at = self.frozen_at or clock.now()

    def texts(self, language: str) -> dict[str, Any]:
        """The texts of one language as they were written, placeholders and all; empty when there are none."""
        return dict(self.wording.get(language, {}))

    def said(self, language: str, values: Mapping[str, str]) -> texts_of.Said:
        """The texts of one language with `values` filled in; what it lacks is said in the other one."""
        return texts_of.said(self.whole_texts(language), language, values)

    def whole_texts(self, language: str) -> dict[str, Any]:
        """The texts of one language, with those of the other one where it has none."""
        return texts_of.whole(self.texts(language), self.other_texts(language))

    def other_texts(self, language: str) -> list[dict[str, Any]]:
        return [self.texts(code) for code in LANGUAGES if code != language]

    def missing(self, language: str) -> list[str]:
        """The names of the texts this language lacks, and the keys of the further questions it does not ask whole."""
        unasked = [each.key for each in self.further if not each.is_complete(language)]
        return texts_of.missing(self.texts(language), len(self.questionnaire.kind.points)) + unasked

    @property
    def further(self) -> tuple[further.Question, ...]:
        """The questions besides the scored one."""
        return further.parsed(self.questions)
