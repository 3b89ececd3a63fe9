"""The clockwork of the demo's story: what has still to happen, each step at its own moment."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from surveys.demo.comments import COMMENTS
from surveys.demo.world import World
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.workdays import Calendar

Step = Callable[[], None]


@dataclass
class Story:
    """What has still to happen, the next first, and what has been said already."""

    world: World
    zone: ZoneInfo
    days: Calendar
    end: datetime
    steps: list[tuple[datetime, int, Step]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)
    spoken: dict[tuple[str, str, str], int] = field(default_factory=lambda: defaultdict(int))

    def at(self, moment: datetime, step: Step) -> None:
        """Let a step happen at its moment; what lies ahead of today never does."""
        if moment < self.end:
            heapq.heappush(self.steps, (moment, next(self.numbers), step))

    def run(self) -> None:
        while self.steps:
            moment, number, step = heapq.heappop(self.steps)
            with clock.at(moment):
                step()
            if number % 100 == 0:
                db.session.commit()
        db.session.commit()

    def opening(self, days_ago: int, hour: int = 10) -> datetime:
        """A morning so many days ago, or the working day before it."""
        day = self.world.now_day - timedelta(days=days_ago)
        while not self.days.is_workday(day):
            day -= timedelta(days=1)
        return datetime.combine(day, time(hour, 5), self.zone)

    def words(self, language: str, kind_key: str, side: str, *, only: str = "") -> tuple[str, str]:
        """The next comment of its sort and its tag: round and round, so that no two alike stand close together."""
        known = [each for each in COMMENTS[language, kind_key, side] if not only or each[1] == only]
        place = self.spoken[language, kind_key, side + only]
        self.spoken[language, kind_key, side + only] += 1
        return known[place % len(known)]
