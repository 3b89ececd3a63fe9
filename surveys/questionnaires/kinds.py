"""The kinds of question Koe is delivered with, as rows of the open table; and how a scale of one's own is cut."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from surveys.scales import SCALES, Direction, Scale

# Key, English name, Japanese name, whether it asks about the relationship, and the scores we apologise for.
DELIVERED = (
    ("nps", "NPS", "NPS（推奨度）", True, (0, 4)),
    ("ces", "CES (effort, lower is better)", "CES（お手間の度合い、低いほど良い）", False, (5, 5)),
    ("ces2", "CES 2.0 (ease, 1 to 7)", "CES 2.0（簡単さ、1〜7）", False, (1, 2)),
    ("ease5", "Ease (1 to 5)", "簡単さ（1〜5）", False, (1, 1)),
    ("csat", "CSAT (satisfaction)", "CSAT（満足度）", False, (1, 1)),
    ("goal", "Goal reached", "目標の達成度", False, (1, 1)),
    ("form", "Form (no score)", "フォーム（点数なし）", False, None),
)

KEYS = frozenset(row[0] for row in DELIVERED)


def rows() -> list[dict[str, Any]]:
    """One row a kind, as the table `kind` keeps it."""
    return [
        {"key": key, "position": position, "name": name, "name_ja": name_ja, "is_relationship": is_relationship}
        | (_scored(SCALES[key], worst) if worst else _unscored())
        for position, (key, name, name_ja, is_relationship, worst) in enumerate(DELIVERED)
    ]


def _scored(scale: Scale, worst: tuple[int, int]) -> dict[str, Any]:
    ranges = {"bad": scale.bad, "middle": scale.middle, "good": scale.good, "worst": worst}
    return {
        "low": scale.low,
        "high": scale.high,
        "direction": scale.direction.value,
        "segments": {name: list(ends) for name, ends in ranges.items()},
        "headline": scale.headline.value,
    }


def _unscored() -> dict[str, Any]:
    return {"low": None, "high": None, "direction": "none", "segments": {}, "headline": "none"}


def cut(scale: tuple[int, int], direction: Direction, *, bad: int, good: int, worst: int) -> dict[str, list[int]]:
    """The ranges of a scale from where its bad scores end, its good ones begin and our apologies end.

    For "lower is better" everything runs from the other end. Raises ValueError when they do not cut the scale.
    """
    low, high = scale
    if direction is Direction.HIGHER:
        if not low <= worst <= bad < good <= high:
            raise ValueError("out of order")
        return {"bad": [low, bad], "middle": [bad + 1, good - 1], "good": [good, high], "worst": [low, worst]}
    if not high >= worst >= bad > good >= low:
        raise ValueError("out of order")
    return {"bad": [bad, high], "middle": [good + 1, bad - 1], "good": [low, good], "worst": [worst, high]}


def ends(kind_segments: Mapping[str, Any], direction: str) -> dict[str, int]:
    """The same three numbers back from the ranges."""
    last, first = (1, 0) if direction == Direction.HIGHER else (0, 1)
    bad, good, worst = (kind_segments[name] for name in ("bad", "good", "worst"))
    return {"bad": bad[last], "good": good[first], "worst": worst[last]}
