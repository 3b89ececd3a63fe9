"""What the demo company asks: relationship waves with a known outcome, and questions after support and events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from surveys.demo import mailing
from surveys.demo.answering import LAST_WAVE, WEIGHTS, answer_later, delay
from surveys.demo.clockwork import Story
from surveys.demo.mailing import Sent
from surveys.invitations.models import Invitation
from surveys.lib import clock

LIST_HOLDS: Final = 742  # people of the last wave, 49 of them held and 5 failed
HELD_OF_LIST: Final = 49
FAILED_OF_LIST: Final = 5


@dataclass(frozen=True)
class Wave:
    """One relationship wave: when, and how many answer on each side."""

    days_ago: int
    good: int
    middle: int
    bad: int
    is_last: bool = False


# NPS −17, −18, −33 after release 5.0, −14, −11.
WAVES: Final = (
    Wave(380, 31, 71, 58),
    Wave(284, 26, 87, 57),
    Wave(190, 17, 81, 74),
    Wave(97, 27, 90, 51),
    Wave(LAST_WAVE, 31, 90, 50, is_last=True),
)
# The cast's own answers: (who, days ago of the asking) → score, words, days until it came.
PLANNED: Final[dict[tuple[str, int], tuple[int, str, float]]] = {
    ("aoba", 190): (9, "現場の定着まで付き合っていただき、感謝しています。", 1.1),
    ("aoba", 97): (8, "5.1で少し良くなりました。引き続きお願いします。", 2.2),
    ("aoba", 5): (2, "改修後、打刻漏れが増えました。社内では見直しの話も出ています。", 4.0),
    ("yamabiko", 97): (3, "月次の帳票で列の並べ替えができず、毎月2時間かけて手直ししています。", 1.3),
    ("yamabiko", 5): (9, "並べ替えができるようになり、手直しがなくなりました。連絡までいただき驚きました。", 1.2),
    ("hoshimi", 190): (10, "", 0.4),
    ("hoshimi", 97): (10, "いつも助かっています。", 0.6),
    ("hoshimi", 5): (10, "特にありません。満足しています。", 0.5),
}
# Harbor & Finch after each of its support cases, by months ago.
HARBOR: Final[dict[int, tuple[int, str]]] = {
    6: (2, "Sorted in two mails."),
    3: (3, "Took a while this time."),
    0: (5, "Third ticket about the same export. Each time I start from zero. Is anybody reading these?"),
}


def wave_of(story: Story, wave: Wave) -> None:
    dice, world = story.world.dice, story.world
    fixed = [number for key, number in world.cast.champions.items() if key != "misaki"]
    chosen = _chosen(story, wave, fixed)
    sent = mailing.send(
        world, f"NPS {clock.today(story.days.zone):%Y-%m}", "nps-default", chosen, failing=_failing(story, wave, fixed)
    )
    sides = _sides(story, wave, sent)
    for invitation, side in sides:
        weights = WEIGHTS[invitation.language, "nps", side]
        score = dice.choices(list(weights), list(weights.values()))[0]
        answer_later(story, invitation, score, delay=delay(story, wave.days_ago))
    for key, number in world.cast.champions.items():
        planned = PLANNED.get((key, wave.days_ago))
        mine = next((each for each in sent if each.contact_id == number), None)
        if planned and mine:
            answer_later(story, mine, planned[0], delay=timedelta(days=planned[2]), comment=planned[1])


def _chosen(story: Story, wave: Wave, fixed: list[int]) -> list[int]:
    """Whom a wave asks: of the last one it is known how many the quiet rules hold."""
    everybody = story.world.contacts
    if not wave.is_last:
        return list({*fixed, *story.world.dice.sample(everybody, 730)})
    held = mailing.held_now("nps", everybody)
    free = [number for number in everybody if number not in held and number not in fixed]
    kept = story.world.dice.sample(sorted(held - set(fixed)), HELD_OF_LIST)
    return [*fixed, *kept, *story.world.dice.sample(free, LIST_HOLDS - HELD_OF_LIST - len(fixed))]


def _failing(story: Story, wave: Wave, fixed: list[int]) -> Callable[[list[Invitation]], set[int]]:
    """Which mails of a wave bounce at the door."""
    most = FAILED_OF_LIST if wave.is_last else story.world.dice.randint(2, 6)

    def choose(asked: list[Invitation]) -> set[int]:
        others = [each.id for each in asked if each.contact_id not in fixed]
        return set(story.world.dice.sample(others, most))

    return choose


def _sides(story: Story, wave: Wave, sent: list[Sent]) -> list[tuple[Sent, str]]:
    """Who answers on which side, so that the wave comes out as told; the cast's own answers are part of it."""
    left = {"good": wave.good, "middle": wave.middle, "bad": wave.bad}
    spoken_for = set(story.world.cast.champions.values())
    for key in story.world.cast.champions:
        if planned := PLANNED.get((key, wave.days_ago)):
            left["good" if planned[0] > 8 else "middle" if planned[0] > 6 else "bad"] -= 1
    pool = [each for each in sent if each.contact_id not in spoken_for]
    answering = story.world.dice.sample(pool, sum(left.values()))
    answering.sort(key=lambda each: each.language)  # English ones choose first: they are the more extreme
    told = []
    for invitation in answering:
        pull = {"good": 1.6, "middle": 0.5, "bad": 1.4} if invitation.language == "en" else dict.fromkeys(left, 1.0)
        side = story.world.dice.choices(list(left), [left[name] * pull[name] for name in left])[0]
        left[side] -= 1
        told.append((invitation, side))
    return told


def after_support(story: Story, months_ago: int) -> None:
    """Effort, asked of those whose support case was solved that month."""
    _occasion(story, "ces", months_ago, people=240, share=0.29)


def after_event(story: Story, months_ago: int) -> None:
    """Satisfaction, asked after trainings and go-lives."""
    _occasion(story, "csat", months_ago, people=135, share=0.31)


def _occasion(story: Story, kind_key: str, months_ago: int, *, people: int, share: float) -> None:
    dice, world = story.world.dice, story.world
    day = clock.today(story.days.zone)
    harbor = world.cast.champions["harbor"]
    chosen = dice.sample([number for number in world.contacts if number != harbor], people)
    if kind_key == "ces" and months_ago in HARBOR:
        chosen.append(harbor)
    sent = mailing.send(world, f"{kind_key.upper()} {day}", f"{kind_key}-default", chosen)
    for invitation in sent:
        if invitation.contact_id == harbor and kind_key == "ces":
            score, words = HARBOR[months_ago]
            answer_later(story, invitation, score, delay=timedelta(days=1.2), comment=words)
        elif dice.random() < share:
            weights = WEIGHTS[invitation.language, kind_key, ""]
            score = dice.choices(list(weights), list(weights.values()))[0]
            answer_later(story, invitation, score, delay=delay(story, months_ago * 30 + 11))
