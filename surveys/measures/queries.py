"""Every number of answers comes from here: sums of the rows of counts, and the recount that proves them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select

from surveys.invitations.models import Invitation
from surveys.lib.db import db
from surveys.measures.models import Measure
from surveys.responses.models import Response

SCORES: Final = tuple(f"c{score}" for score in range(11))
COLUMNS: Final = (*SCORES, "delivered", "answered")
KEY: Final = ("day", "kind_key", "product_id", "tier", "language")
Key = tuple[date, str, int, str, str]


class Step(StrEnum):
    """How long one point of a trend is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def start_of(self, day: date) -> date:
        """The first day of the step that `day` is in; weeks begin on Monday."""
        if self is Step.WEEK:
            return day - timedelta(days=day.weekday())
        return day.replace(day=1) if self is Step.MONTH else day


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Which answers are counted: local days `first` to `last`, both included (None: open), and groups (empty: all)."""

    first: date | None = None
    last: date | None = None
    tiers: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    products: tuple[int, ...] = ()

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        chosen = (
            (Measure.tier, self.tiers),
            (Measure.language, self.languages),
            (Measure.product_id, self.products),
        )
        within: list[ColumnElement[bool]] = [column.in_(values) for column, values in chosen if values]
        if self.first:
            within.append(Measure.day >= self.first)
        if self.last:
            within.append(Measure.day <= self.last)
        return within


@dataclass(frozen=True)
class Counts:
    """Answers by score, lowest first (always eleven: unused scores are 0), and what was delivered and answered.

    `delivered` and `answered` are of the mails of the period: together RR6, the response rate "of delivered".
    """

    scores: tuple[int, ...] = field(default=(0,) * 11)
    delivered: int = 0
    answered: int = 0

    @property
    def n(self) -> int:
        return sum(self.scores)

    def between(self, low: int, high: int) -> tuple[int, ...]:
        """The counts of the points of one scale, as `scales` wants them."""
        return self.scores[low : high + 1]

    def __add__(self, other: Counts) -> Counts:
        scores = tuple(mine + theirs for mine, theirs in zip(self.scores, other.scores, strict=True))
        return Counts(scores, self.delivered + other.delivered, self.answered + other.answered)


def counts(of: Scope) -> dict[str, Counts]:
    """The counts of every kind that was asked or answered, in one query."""
    rows = db.session.execute(_sums(Measure.kind_key).where(*of.conditions).group_by(Measure.kind_key))
    return {key: _counts(numbers) for key, *numbers in rows}


def counts_by(of: Scope, kind_key: str, column: ColumnElement[Any]) -> dict[Any, Counts]:
    """The counts of one kind, split by `Measure.tier`, `Measure.language` or `Measure.product_id`, in one query."""
    chosen = _sums(column).where(Measure.kind_key == kind_key, *of.conditions).group_by(column)
    return {key: _counts(numbers) for key, *numbers in db.session.execute(chosen)}


def series(of: Scope, kind_key: str, step: Step) -> dict[date, Counts]:
    """The counts of one kind by day, week or month, in order; steps without any are left out. One query."""
    days = _sums(Measure.day).where(Measure.kind_key == kind_key, *of.conditions).group_by(Measure.day)
    points: dict[date, Counts] = defaultdict(Counts)
    for day, *numbers in db.session.execute(days.order_by(Measure.day)):
        points[step.start_of(day)] += _counts(numbers)
    return dict(points)


def recount() -> dict[Key, dict[str, int]]:
    """What the rows of counts have to be, counted anew from answers and invitations."""
    rows: dict[Key, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COLUMNS, 0))
    for day, kind_key, product_id, tier, language, score, number in db.session.execute(_answers()):
        rows[day, kind_key, product_id, tier or "", language][f"c{score}"] += number
    for day, kind_key, product_id, tier, language, delivered, answered in db.session.execute(_deliveries()):
        row = rows[day, kind_key, product_id, tier or "", language]
        row["delivered"] += delivered
        row["answered"] += answered
    return dict(rows)


def drift() -> list[str]:
    """Where the kept counts differ from a recount, a line each; empty when every number can be defended."""
    kept = {_key(row): {name: getattr(row, name) for name in COLUMNS} for row in db.session.scalars(select(Measure))}
    right = recount()
    zero = dict.fromkeys(COLUMNS, 0)
    return [
        f"{'/'.join(map(str, key))} {name}: {kept.get(key, zero)[name]} kept, {right.get(key, zero)[name]} counted"
        for key in sorted(kept.keys() | right.keys())
        for name in COLUMNS
        if kept.get(key, zero)[name] != right.get(key, zero)[name]
    ]


def in_score() -> tuple[ColumnElement[bool], ...]:
    """Whether a response counts (M-01), in SQL."""
    return (Response.quarantined_at.is_(None), Response.withdrawn_at.is_(None), Response.excluded_at.is_(None))


def _key(row: Measure) -> Key:
    return row.day, row.kind_key, row.product_id, row.tier, row.language


def _sums(by: Any) -> Select[*tuple[Any, ...]]:
    return select(by, *(func.sum(getattr(Measure, name)) for name in COLUMNS))


def _counts(numbers: Iterable[int]) -> Counts:
    *scores, delivered, answered = (int(number) for number in numbers)
    return Counts(tuple(scores), delivered, answered)


def _answers() -> Select[*tuple[Any, ...]]:
    key = (Response.day, Response.kind_key, Response.product_id, Response.tier, Response.language, Response.score)
    return select(*key, func.count()).where(Response.score.is_not(None), *in_score()).group_by(*key)


def _deliveries() -> Select[*tuple[Any, ...]]:
    key = (
        Invitation.sent_on,
        Invitation.kind_key,
        Invitation.product_id,
        Invitation.tier,
        Invitation.language,
    )
    answered = func.count(Response.id)
    joined = select(*key, func.count(Invitation.id), answered).outerjoin(
        Response, (Response.invitation_id == Invitation.id) & in_score()[0] & in_score()[1] & in_score()[2]
    )
    return joined.where(Invitation.sent_on.is_not(None)).group_by(*key)
