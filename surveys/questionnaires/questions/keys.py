"""Keys of questions and choices: given once and kept, so that an answer stays with what was asked."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import count, zip_longest
from typing import Any, Protocol

from surveys.questionnaires.questions.base import Question
from surveys.questionnaires.questions.kinds import parsed


class _Asked(Protocol):
    questions: Any


def free_key(versions: Iterable[_Asked]) -> str:
    """A key that no version of the questionnaire ever used."""
    used = {each["key"] for version in versions for each in version.questions}
    return _first("q", used)


def own_keys(questions: Sequence[dict[str, Any]], asked_before: Iterable[_Asked]) -> list[dict[str, Any]]:
    """The same questions, under a new key where a version that was asked reads the answers of this key otherwise.

    `asked_before`: the versions somebody was asked with, oldest first. Whatever follows such a question still does.
    """
    known = {each.key: each.meaning for version in asked_before for each in parsed(version.questions)}
    used, renamed = {*known, *(each["key"] for each in questions)}, dict[str, str]()
    for each in parsed(questions):
        if known.get(each.key, each.meaning) != each.meaning:
            renamed[each.key] = _first("q", used)
            used.add(renamed[each.key])
    return [_under(renamed, each) for each in questions] if renamed else list(questions)


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


def _under(renamed: Mapping[str, str], question: dict[str, Any]) -> dict[str, Any]:
    when = question.get("when") or {}
    if when.get("after") in renamed:
        question = question | {"when": when | {"after": renamed[when["after"]]}}
    return question | {"key": renamed.get(question["key"], question["key"])}


def _keys_of(question: Question | None) -> dict[tuple[str, str], str]:
    if question is None:
        return {}
    return {(code, text): key for code, words in question.words.items() for key, text in words.options.items()}


def _first(stem: str, used: Container[str]) -> str:
    return next(key for key in (f"{stem}{number}" for number in count(1)) if key not in used)
