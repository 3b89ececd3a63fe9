"""Where a series ends and another begins: the day a changed wording or layout of the question was first used.

S-30, S-34: numbers from before and after are answers to two different instruments and are never joined. Found by
comparing the frozen versions of each questionnaire, a handful of rows; no answer is looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import select

from surveys.lib import clock
from surveys.lib.db import db
from surveys.questionnaires.models import Questionnaire, Version
from surveys.settings.queries import organisation

SCORED: Final = ("question", "low", "high", "labels")
"""The texts that are part of the instrument; thanks, letters and second questions are not."""


class Cause(StrEnum):
    WORDING = "wording"
    LAYOUT = "layout"


@dataclass(frozen=True)
class Break:
    """From this local day on another instrument was used."""

    day: date
    cause: Cause


def of_kinds() -> dict[str, list[Break]]:
    """The breaks of every kind, the oldest first: one query."""
    zone = organisation().timezone
    rows = db.session.execute(
        select(Questionnaire.kind_key, Version.questionnaire_id, Version.frozen_at, Version.wording, Version.layout)
        .join(Questionnaire, Questionnaire.id == Version.questionnaire_id)
        .where(Version.frozen_at.is_not(None))
        .order_by(Version.questionnaire_id, Version.number)
    ).all()
    found: dict[str, dict[date, Break]] = defaultdict(dict)
    for before, after in pairwise(rows):
        cause = _cause(before, after) if before.questionnaire_id == after.questionnaire_id else None
        if cause is not None:
            day = clock.local_day(after.frozen_at, zone)
            found[after.kind_key].setdefault(day, Break(day, cause))
    return {kind: [days[day] for day in sorted(days)] for kind, days in found.items()}


def _cause(before: Any, after: Any) -> Cause | None:
    if before.layout != after.layout:
        return Cause.LAYOUT
    return Cause.WORDING if is_reworded(before.wording, after.wording) else None


def is_reworded(before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether the scored question says something else in a language it was asked in; one that is new breaks nothing."""
    return any(
        _plain(before[language].get(name)) != _plain(after[language].get(name))
        for language in before.keys() & after.keys()
        for name in SCORED
        if before[language].get(name)
    )


def _plain(text: Any) -> Any:
    """Blanks and line ends are no other words."""
    return " ".join(text.split()) if isinstance(text, str) else list(text or ())
