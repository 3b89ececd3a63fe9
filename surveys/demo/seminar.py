"""A seminar of the demo company: a code on the screen, a full room, and forty answers that are nobody's."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Final

from surveys.demo.clockwork import Story
from surveys.lib import clock
from surveys.openlinks import actions, limits
from surveys.openlinks.actions import Plan, Posting
from surveys.openlinks.models import Mode, OpenLink

NAME: Final = "月末締め対策セミナー（会場）"
DAYS_AGO: Final = 16
ROOM: Final = "198.51.100.20"
EXPECTED: Final = 48
ANSWERS: Final = 40
SCORES: Final = {2: 1, 3: 8, 4: 19, 5: 12}  # of ANSWERS; whoever comes to a seminar is well disposed
WORDS: Final = {
    5: (
        "締め作業の流れを図で見られて、よく分かりました。",
        "自社の設定をその場で直せました。ありがとうございました。",
        "他社さんの運用を聞けたのが一番の収穫です。",
        "The checklist for the last three days is going on our wall.",
        "来月の締めで早速試します。",
    ),
    4: (
        "内容は良かったのですが、時間が少し足りませんでした。",
        "資料をあとでいただけると助かります。",
        "後半の事例をもう少し詳しく聞きたかったです。",
        "Good pace. More on night shifts next time, please.",
        "質疑が活発で参考になりました。",
    ),
    3: (
        "基本的な内容が中心で、既に使っている者には物足りませんでした。",
        "会場が少し寒かったです。",
        "Slides were hard to read from the back.",
    ),
    2: ("画面の操作が早く、途中でついていけなくなりました。",),
}


def hold(story: Story) -> OpenLink:
    """The link as it was made the day before, and what the room said at the end."""
    dice, ended_at = Random(ANSWERS), story.opening(DAYS_AGO, 16)  # noqa: S311 no secret
    with clock.at(ended_at - timedelta(days=1)):
        link = actions.create(
            Plan(
                name=NAME,
                questionnaire="csat-default",
                product=story.world.product,
                mode=Mode.SEMINAR,
                expected=EXPECTED,
                closes_on=ended_at.date() + timedelta(days=7),
            ),
            by=story.world.staff["lead"],
        )
    scores = [score for score, number in SCORES.items() for _ in range(number)]
    dice.shuffle(scores)
    unsaid = {score: list(words) for score, words in WORDS.items()}
    for number, score in enumerate(scores):
        said = unsaid[score].pop() if unsaid[score] and dice.random() < 0.5 else ""
        _answer(link, score, said, at=ended_at + timedelta(seconds=7 * number + dice.randint(0, 6)))
    return link


def _answer(link: OpenLink, score: int, said: str, *, at: datetime) -> None:
    with clock.at(at):
        actions.receive(
            link,
            Posting(
                version=link.version,
                score=score,
                comment=said,
                language="en" if said and said.isascii() else "ja",
                client_id=f"demo-{at.timestamp():.0f}",
                answered_at=at,
                network=limits.mark(link, ROOM),
            ),
        )
