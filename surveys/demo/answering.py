"""How the demo's customers answer: when, on which side, in which words; and what their words are tagged with."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from surveys.demo import desk, further
from surveys.demo.clockwork import Story
from surveys.demo.comments import CSV, TAGS
from surveys.demo.mailing import Sent
from surveys.demo.world import World
from surveys.intake import actions as intake
from surveys.lib import clock
from surveys.lib.db import db
from surveys.responses import queries as responses
from surveys.responses.evidence import Posting
from surveys.responses.models import Response, Segment, Source
from surveys.tags.models import ResponseTag

WITH_COMMENT: Final = 0.4
TAGGED: Final = {CSV: 1.0, "setup": 0.1, "support": 0.3}  # how often an answer got its tag
USUALLY_TAGGED: Final = 0.6
ABOUT_CSV: Final = 0.3  # of what the unhappy and the undecided of the last wave wrote
LAST_WAVE: Final = 5  # days ago
# Scores of each side: Japanese answers gather at 5, 7 and 8, English ones go further.
WEIGHTS: Final[dict[tuple[str, str, str], dict[int, int]]] = {
    ("ja", "nps", "bad"): {0: 2, 1: 2, 2: 4, 3: 12, 4: 14, 5: 46, 6: 22},
    ("ja", "nps", "middle"): {7: 54, 8: 46},
    ("ja", "nps", "good"): {9: 62, 10: 38},
    ("en", "nps", "bad"): {0: 14, 1: 10, 2: 14, 3: 15, 4: 12, 5: 15, 6: 20},
    ("en", "nps", "middle"): {7: 45, 8: 55},
    ("en", "nps", "good"): {9: 45, 10: 55},
    ("ja", "ces", ""): {1: 30, 2: 34, 3: 20, 4: 11, 5: 5},
    ("en", "ces", ""): {1: 40, 2: 26, 3: 10, 4: 12, 5: 12},
    ("ja", "csat", ""): {1: 3, 2: 9, 3: 28, 4: 42, 5: 18},
    ("en", "csat", ""): {1: 7, 2: 8, 3: 10, 4: 35, 5: 40},
}


def delay(story: Story, days_ago: int) -> timedelta:
    """Many answer within hours, the others within days, none at night."""
    hours = min(story.world.dice.expovariate(1 / 30), (days_ago - 0.7) * 24 if days_ago < 12 else 280.0)
    return timedelta(hours=max(0.3, hours))


def _by_day(story: Story, moment: datetime) -> datetime:
    local = moment.astimezone(story.zone)
    if local.hour < 7:
        local = local.replace(hour=7) + timedelta(minutes=story.world.dice.randint(0, 180))
    return local


def answer_later(story: Story, invitation: Sent, score: int, *, delay: timedelta, comment: str | None = None) -> None:
    moment = _by_day(story, invitation.sent_at + delay)
    story.at(moment, lambda: _answer(story, invitation.id, score, comment))


def _answer(story: Story, invitation_id: int, score: int, comment: str | None) -> None:
    now = clock.now()
    so_far = responses.standing(invitation_id)
    assert so_far is not None
    side = so_far.segment_of(score) or Segment.MIDDLE
    about = ""
    if comment is None and story.world.dice.random() < WITH_COMMENT:
        is_late = story.end - now < timedelta(days=LAST_WAVE + 1)
        is_csv = is_late and so_far.kind_key == "nps" and story.world.dice.random() < ABOUT_CSV
        comment, about = story.words(so_far.language, so_far.kind_key, side.value, only=CSV if is_csv else "")
    posting = Posting(
        score=score,
        comment=comment or "",
        answers=further.answers(invitation_id, so_far.kind_key, side.value),
        wants_contact=None,
        language=so_far.language,
        nonce=f"demo-{invitation_id}",
        issued_at=now - timedelta(seconds=45),
        at=now,
    )
    recorded = intake.receive(Source.PAGE, so_far, posting)
    if recorded is None:
        return
    if about in TAGS and story.world.dice.random() < TAGGED.get(about, USUALLY_TAGGED):
        _tag(story.world, recorded.response_id, about)
    if side is Segment.BAD:
        desk.expect(story, recorded.response_id)


def _tag(world: World, response_id: int, key: str) -> None:
    response = db.session.get_one(Response, response_id)
    db.session.add(ResponseTag.on(response, world.tags[key].id, by_id=world.staff["product"].id))
