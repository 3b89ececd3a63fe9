"""Keys of questions and choices: given once and kept, so that an answer stays with what was asked."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from itertools import count, zip_longest
from typing import Any, Protocol

from surveys.questionnaires.questions.base import Question


class _Asked(Protocol):
    questions: Any


def free_key(versions: Iterable[_Asked]) -> str:
    """A key that no version of the questionnaire ever used."""
    used = {each["key"] for version in versions for each in version.questions}
    return _first("q", used)


def used_options(versions: Iterable[_Asked], key: str) -> set[str]:
    """The keys of all choices that this question ever had."""
    asked = (each for version in versions for each in version.questions if each["key"] == key)
    return {option for each in asked for option in each.get("options", ())}


def option_keys(
    question: Question | None, english: Sequence[str], japanese: Sequence[str], *, ever: Iterable[str] = ()
) -> list[str]:
    """A key for each line of choices; one that kept its words in a language keeps its key, wherever it stands now.

    `ever`: what belonged to a choice before, and names its answers still.
    """
    known = _keys_of(question)
    used, taken = {*known.values(), *ever}, list[str]()
    for en, ja in zip_longest(english, japanese, fillvalue=""):
        old = known.get(("en", en)) or known.get(("ja", ja))
        taken.append(old if old and old not in taken else _first("", used | set(taken)))
    return taken


def _keys_of(question: Question | None) -> dict[tuple[str, str], str]:
    if question is None:
        return {}
    return {(code, text): key for code, words in question.words.items() for key, text in words.options.items()}


def _first(stem: str, used: Container[str]) -> str:
    return next(key for key in (f"{stem}{number}" for number in count(1)) if key not in used)
