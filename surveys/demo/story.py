"""Fourteen months of asking, answering and following up, told in order of time through Koe's own actions.

Every step happens at its own moment (`clock.at`), so the quiet rules, the counts, the cases and their due dates are
what they would have been: `koe verify` finds nothing to complain about.
"""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from surveys.customers.models import Account
from surveys.demo.asking import WAVES, after_event, after_support, wave_of
from surveys.demo.clockwork import Story
from surveys.demo.world import World
from surveys.lib import clock
from surveys.settings.queries import calendar


def tell(world: World) -> Story:
    """Let everything happen, up to now."""
    days = calendar()
    story = Story(world, ZoneInfo(days.zone), days, clock.now())
    for wave in WAVES:
        story.at(story.opening(wave.days_ago), lambda wave=wave: wave_of(story, wave))  # type: ignore[misc]
    for months_ago in range(13, -1, -1):
        story.at(story.opening(months_ago * 30 + 22, 14), lambda ago=months_ago: after_support(story, ago))  # type: ignore[misc]
        story.at(story.opening(months_ago * 30 + 11, 15), lambda ago=months_ago: after_event(story, ago))  # type: ignore[misc]
    story.at(story.opening(21), lambda: _hold(world.cast.accounts["misaki"], world.now_day))
    story.run()
    return story


def _hold(account: Account, today: date) -> None:
    account.hold_until = today + timedelta(days=21)
    account.hold_reason = "役員様よりお叱りをいただき、対応が終わるまでアンケートを止めています。"
