"""The further questions the demo company asks after trainings and go-lives, and what its customers answer."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from surveys.questionnaires.actions import ask_further
from surveys.questionnaires.queries import by_key
from surveys.questionnaires.questions import Value

KIND: Final = "csat"
SELDOM: Final = 0.15  # how often somebody sends the score and leaves


def _words(text: str, *options: str, low: str = "", high: str = "") -> dict[str, Any]:
    return {"text": text, "options": dict(zip("123456", options, strict=False)), "low": low, "high": high}


QUESTIONS: Final[list[dict[str, Any]]] = [
    {
        "key": "q1",
        "kind": "choice",
        "is_required": True,
        "options": ["1", "2", "3"],
        "words": {
            "en": _words("What was it about?", "A training", "A go-live", "A consultation"),
            "ja": _words("どちらについてのご回答ですか？", "研修", "稼働開始", "ご相談"),
        },
    },
    {
        "key": "q2",
        "kind": "choices",
        "options": ["1", "2", "3", "4"],
        "when": {"segments": ["bad", "middle"]},
        "words": {
            "en": _words("What was missing?", "Time", "Our own cases", "Material to keep", "Answers later"),
            "ja": _words("不足していたものはありますか？", "時間", "自社に近い事例", "手元の資料", "質問の時間"),
        },
    },
    {
        "key": "q3",
        "kind": "scale",
        "low": 1,
        "high": 5,
        "when": {"after": "q1", "answers": ["1"]},
        "words": {
            "en": _words("How fast did we go?", low="Too slow", high="Too fast"),
            "ja": _words("進み方はいかがでしたか？", low="遅すぎた", high="速すぎた"),
        },
    },
    {
        "key": "q4",
        "kind": "yes_no",
        "words": {
            "en": _words("Shall we invite your colleagues next time?"),
            "ja": _words("次回、ほかの方もお招きしてよろしいですか？"),
        },
    },
]  # fmt: skip


def ask() -> None:
    ask_further(by_key(f"{KIND}-default"), [{"low": 0, "high": 10, **each} for each in QUESTIONS])


def answers(invitation_id: int, kind_key: str, side: str) -> dict[str, Value]:
    """What this person answers, for ever the same, and without a throw of the story's own dice."""
    dice = Random(invitation_id)  # noqa: S311 not for secrets
    if kind_key != KIND or dice.random() < SELDOM:
        return {}
    about = dice.choices("123", (5, 3, 2))[0]
    given: dict[str, Value] = {"q1": about, "q4": dice.choices(("yes", "no"), (4, 1))[0]}
    if side != "good":
        given["q2"] = sorted(set(dice.choices("1234", (2, 5, 3, 2), k=2)))
    if about == "1":
        given["q3"] = dice.choices((1, 2, 3, 4, 5), (1, 2, 6, 4, 2))[0]
    return given
