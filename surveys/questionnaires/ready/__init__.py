"""The questionnaires Koe is delivered with."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from surveys.questionnaires.ready import english, japanese


@dataclass(frozen=True)
class Ready:
    """A questionnaire that can be used as it is."""

    key: str
    kind_key: str
    name: str
    name_ja: str
    wording: dict[str, Any]


def everything() -> Iterator[Ready]:
    for key, name in english.NAMES.items():
        yield Ready(key, key.partition("-")[0], name, japanese.NAMES[key], wording(key))


def wording(key: str) -> dict[str, Any]:
    """The texts of one ready questionnaire in each language."""
    return deepcopy(
        {
            "en": english.SHARED | english.QUESTIONS[key],
            "ja": japanese.SHARED | japanese.QUESTIONS[key],
        }
    )


def shared() -> dict[str, Any]:
    """What stands in every questionnaire, whatever it asks."""
    return deepcopy({"en": dict(english.SHARED), "ja": dict(japanese.SHARED)})
