"""The answers to further questions: read from a posted form, and said in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from surveys.questionnaires.questions.base import Question, Unfit, Value
from surveys.questionnaires.questions.conditions import shown
from surveys.questionnaires.wording import fill


@dataclass(frozen=True)
class Sent:
    """What a form brought: the answers, what is wrong with some, the required ones still open; to these questions."""

    answers: Mapping[str, Value] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    open: tuple[str, ...] = ()
    questions: Sequence[Question] = ()


def read(
    questions: Sequence[Question],
    fields: Mapping[str, str],
    segment: str | None,
    before: Mapping[str, Value] | None = None,
) -> Sent:
    """The answers in the fields of a form, to the questions that somebody with this segment was shown.

    `before`: what was answered already, when the form asks for the rest.
    """
    if not questions:
        return Sent()
    answers: dict[str, Value] = {}
    problems: dict[str, str] = {}
    for question in questions:
        try:
            value = question.value(fields)
        except Unfit as error:
            problems[question.key] = str(error)
        else:
            answers |= {} if value is None else {question.key: value}
    known = dict(before or {}) | answers
    asked = shown(questions, segment, known)
    return Sent(
        answers={each.key: answers[each.key] for each in asked if each.key in answers},
        problems={each.key: problems[each.key] for each in asked if each.key in problems},
        open=tuple(each.key for each in asked if each.is_required and each.key not in known),
        questions=questions,
    )


@dataclass(frozen=True)
class Said:
    """A question as a page shows it, in one language. Plain text: escape it where it is shown."""

    key: str
    kind: str
    text: str
    choices: Sequence[tuple[str, str]]
    low: str
    high: str
    is_required: bool
    first: str
    """The id of the first thing one can press or write in."""

    @property
    def partial(self) -> str:
        return f"questionnaires/further/_{self.kind}.html"


def said(questions: Iterable[Question], language: str, values: Mapping[str, str]) -> list[Said]:
    """The questions with `values` filled in."""
    return [_said(each, language, values) for each in questions]


def fields_of(questions: Iterable[Question], answers: Mapping[str, Value]) -> dict[str, str]:
    """The fields of a form that has these answers in it."""
    answered = (each.fields(answers[each.key]) for each in questions if each.key in answers)
    return {name: text for fields in answered for name, text in fields.items()}


def in_words(
    questions: Iterable[Question], answers: Mapping[str, Value], language: str, values: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Each answered question with its answer, as people read them."""
    return [
        (fill(each.text(language), values), each.in_words(answers[each.key], language))
        for each in questions
        if each.key in answers
    ]


def written(questions: Iterable[Question], answers: Mapping[str, Value]) -> list[str]:
    """What was put into words of one's own, in the order of the questions."""
    found = (each.wrote(answers[each.key]) for each in questions if each.key in answers)
    return [words for words in found if words]


def as_entered(
    questions: Iterable[Question], fields: Mapping[str, str], language: str, values: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Each question for which something was entered, with what was entered, also where that is no answer to it."""
    entered = ((each, _entered(each, fields, language)) for each in questions)
    return [(fill(question.text(language), values), words) for question, words in entered if words]


def _entered(question: Question, fields: Mapping[str, str], language: str) -> str:
    try:
        value = question.value(fields)
    except Unfit:
        return fields.get(question.key, "")
    return "" if value is None else question.in_words(value, language)


def _said(question: Question, language: str, values: Mapping[str, str]) -> Said:
    choices = question.choices(language)
    return Said(
        key=question.key,
        kind=question.kind,
        text=fill(question.text(language), values),
        choices=choices,
        low=question.end("low", language),
        high=question.end("high", language),
        is_required=question.is_required,
        first=f"{question.key}-{choices[0][0]}" if choices else question.key,
    )
