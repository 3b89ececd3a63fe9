"""Working time: hours, weekends, national holidays and closures, added to a moment or measured between two.

A `Calendar` is a plain value (settings makes one from its row); all moments are aware. Real time is counted, so that a
day with a clock change has as many hours as it really had.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from holidays import country_holidays

MIDNIGHT = time(0, 0)
ONE_DAY = timedelta(days=1)
LOOK_AHEAD = 1100


@dataclass(frozen=True, slots=True)
class Season:
    """Closed every year from one (month, day) to another, both included; may cross New Year."""

    first: tuple[int, int]
    last: tuple[int, int]

    def holds(self, day: date) -> bool:
        here = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= here <= self.last
        return here >= self.first or here <= self.last


JAPAN_SEASONS = (Season((12, 29), (1, 3)), Season((8, 13), (8, 15)))
"""Year end and Obon: offices are closed, although the law knows neither as a holiday (S-11)."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """When people work: one span of hours on some weekdays, minus holidays and closures.

    `closes` at midnight means the end of the day. `country`: ISO code for national holidays, or empty. Monday is 0.
    """

    zone: str = "Asia/Tokyo"
    opens: time = time(9, 0)
    closes: time = time(18, 0)
    weekdays: frozenset[int] = frozenset(range(5))
    country: str = "JP"
    seasons: tuple[Season, ...] = JAPAN_SEASONS
    closures: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= frozenset(range(7)):
            raise ValueError("A calendar needs at least one weekday, from 0 (Monday) to 6.")
        if self.closes != MIDNIGHT and self.closes <= self.opens:
            raise ValueError("Work ends after it begins, on the same day.")

    def is_workday(self, day: date) -> bool:
        return (
            day.weekday() in self.weekdays
            and day not in self.closures
            and not any(season.holds(day) for season in self.seasons)
            and day not in _national_holidays(self.country, day.year)
        )

    def span(self, day: date) -> tuple[datetime, datetime] | None:
        """The moments between which people work on that local day, in UTC; None on a day off."""
        if not self.is_workday(day):
            return None
        last = day + ONE_DAY if self.closes == MIDNIGHT else day
        return self._moment(day, self.opens), self._moment(last, self.closes)

    def is_open(self, moment: datetime) -> bool:
        span = self.span(self.local(moment).date())
        return span is not None and span[0] <= moment < span[1]

    def next_open(self, moment: datetime) -> datetime:
        """The moment itself while people work, else when they start again."""
        return next(max(moment, start) for start, end in self._spans(moment) if end > moment).astimezone(UTC)

    def add_hours(self, moment: datetime, hours: float) -> datetime:
        """The moment at which so many working hours have passed; hours before opening do not count."""
        left = timedelta(hours=hours)
        if left < timedelta(0):
            raise ValueError("Only time to come can be added.")
        for start, end in self._spans(moment):
            begin = max(start, moment)
            if begin >= end:
                continue
            if begin + left <= end:
                return (begin + left).astimezone(UTC)
            left -= end - begin
        raise AssertionError("spans never end")

    def add_days(self, moment: datetime, days: int) -> datetime:
        """The same time of day so many working days later; outside working hours the count starts at next opening."""
        if days < 0:
            raise ValueError("Only time to come can be added.")
        start = self.local(self.next_open(moment))
        return self._moment(self.workday_after(start.date(), days), start.time())

    def workday_after(self, day: date, days: int) -> date:
        """The day that comes so many working days after `day`; with 0, the day itself or the next working day."""
        coming = (candidate for candidate in self._days(day) if self.is_workday(candidate))
        first = next(coming)
        left = days if first == day else days - 1
        for _step in range(max(left, 0)):
            first = next(coming)
        return first

    def worked(self, start: datetime, end: datetime) -> timedelta:
        """Working time between two moments; nothing when the end comes first."""
        total = timedelta(0)
        day, last = self.local(start).date(), self.local(end).date()
        while day <= last:
            span = self.span(day)
            if span is not None:
                total += max(min(span[1], end) - max(span[0], start), timedelta(0))
            day += ONE_DAY
        return total

    def local(self, moment: datetime) -> datetime:
        if moment.tzinfo is None:
            raise ValueError("A moment needs a time zone.")
        return moment.astimezone(ZoneInfo(self.zone))

    def _moment(self, day: date, at: time) -> datetime:
        """Local to UTC; a time that a clock change skips comes an hour later, one that comes twice counts first."""
        return datetime.combine(day, at.replace(fold=0), ZoneInfo(self.zone)).astimezone(UTC)

    def _spans(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        for day in self._days(self.local(moment).date()):
            span = self.span(day)
            if span is not None:
                yield span

    def _days(self, first: date) -> Iterator[date]:
        """Every day from `first` on; a calendar that stays closed for three years is a mistake and says so."""
        idle = 0
        while idle < LOOK_AHEAD:
            yield first
            idle = 0 if self.is_workday(first) else idle + 1
            first += ONE_DAY
        raise ValueError("By this calendar nobody ever works.")


@lru_cache(maxsize=256)
def _national_holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(holiday_names(country, year)) if country else frozenset()


def holiday_names(country: str, year: int, language: str | None = None) -> dict[date, str]:
    """The national holidays of a year with their names, substitute holidays included.

    Computed by the `holidays` package from the laws in force. Raises ValueError for a country it does not know.
    """
    try:
        return dict(sorted(country_holidays(country, years=year, language=language).items()))
    except NotImplementedError as error:
        raise ValueError(f"No holidays are known for {country}.") from error
