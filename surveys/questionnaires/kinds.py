"""The kinds of question Koe is delivered with, as rows of the open table."""

from __future__ import annotations

from typing import Any

from surveys.scales import SCALES, Scale

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
