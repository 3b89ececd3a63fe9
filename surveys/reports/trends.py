"""The past of one score, by month, parted where the question changed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from surveys.lib.errors import NotFound
from surveys.lib.i18n import _
from surveys.measures import queries as measures
from surveys.measures.queries import Counts, Scope, Step
from surveys.questionnaires.queries import scale_of
from surveys.reports import breaks
from surveys.reports.breaks import Break
from surveys.reports.queries import Period
from surveys.scales import Scale, Summary, summary


@dataclass(frozen=True)
class Point:
    """One step of a trend: a month, or a part of one when the question changed inside it."""

    start: date
    summary: Summary
    last: date | None = None
    # Set when another instrument was used from its first day on (S-30, S-34).
    begins: Break | None = None

    @property
    def is_part(self) -> bool:
        """Whether it is only a part of its month."""
        return self.last is not None


def trend(kind_key: str, period: Period) -> list[Point]:
    """One kind by month, oldest first; months without an answer are there, with n = 0.

    A month in which the question changed comes in parts, so that no point mixes before and after.
    """
    scale = _scale(kind_key)
    first = period.first.replace(day=1)
    by_day = measures.series(Scope(first=first, last=period.today), kind_key, Step.DAY)
    changed = {each.day: each for each in breaks.of_kinds().get(kind_key, ()) if first <= each.day <= period.today}
    starts = sorted({*_months(first, period.today), *changed})
    sums = _sums_from(starts, by_day)
    return [
        Point(
            start,
            summary(scale, sums[start].between(scale.low, scale.high)),
            last=_last_of_part(start, following),
            begins=changed.get(start),
        )
        for start, following in zip(starts, [*starts[1:], None], strict=True)
    ]


def _sums_from(starts: Sequence[date], by_day: Mapping[date, Counts]) -> dict[date, Counts]:
    """The counts of the days from each start to the day before the next."""
    sums = dict.fromkeys(starts, Counts())
    for day, counted in by_day.items():
        start = starts[bisect_right(starts, day) - 1]
        sums[start] += counted
    return sums


def _last_of_part(start: date, following: date | None) -> date | None:
    """The last day of a part of a month; None for a whole one."""
    if following is not None and following.day != 1:
        return following - timedelta(days=1)
    if start.day == 1:
        return None
    return (start.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _scale(kind_key: str) -> Scale:
    scale = scale_of(kind_key)
    if scale is None:
        raise NotFound(_("There is no such kind."))
    return scale


def _months(first: date, last: date) -> list[date]:
    """The first days of the months from `first`, itself one, to the month of `last`."""
    months = [first]
    while (following := (months[-1] + timedelta(days=31)).replace(day=1)) <= last:
        months.append(following)
    return months
