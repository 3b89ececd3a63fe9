"""The kinds of further questions, a class each; its page is templates/questionnaires/further/_<kind>.html."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from surveys.lib.i18n import _
from surveys.questionnaires.questions.base import LONGEST_TEXT, Question, Unfit, Value, When, Words


class Text(Question):
    """A few words."""

    kind = "text"

    def value(self, fields: Mapping[str, str]) -> Value | None:
        written = fields.get(self.key, "").replace("\r\n", "\n")
        if not written.strip():
            return None
        if len(written) > LONGEST_TEXT:
            raise Unfit(
                _(
                    "Please shorten your text to %(most)s characters; it has %(n)s. Nothing was cut off.",
                    most=LONGEST_TEXT,
                    n=len(written),
                )
            )
        if "\0" in written:
            raise Unfit(_("Your text has a character that cannot be stored. Please take it out and send it again."))
        return written

    def marks(self, value: Value) -> tuple[str, ...]:
        return ()

    def wrote(self, value: Value) -> str:
        return str(value)


class Choice(Question):
    """One of several."""

    kind = "choice"
    has_options = True

    def value(self, fields: Mapping[str, str]) -> Value | None:
        return _one_of(dict(self.choices("")), fields.get(self.key, ""))

    def in_words(self, value: Value, language: str) -> str:
        return self.option(str(value), language)


class Choices(Question):
    """As many as apply."""

    kind = "choices"
    has_options = True

    def value(self, fields: Mapping[str, str]) -> Value | None:
        sent = {name.removeprefix(f"{self.key}."): text for name, text in fields.items()}
        return [key for key in self.options if sent.get(key)] or None

    def marks(self, value: Value) -> tuple[str, ...]:
        return tuple(value) if isinstance(value, list) else ()

    def fields(self, value: Value) -> dict[str, str]:
        return {f"{self.key}.{key}": "1" for key in self.marks(value)}

    def in_words(self, value: Value, language: str) -> str:
        return _(", ").join(self.option(key, language) for key in self.marks(value))


class Points(Question):
    """A point of a scale with words at its ends."""

    kind = "scale"

    @property
    def meaning(self) -> tuple[Any, ...]:
        return (self.kind, self.low, self.high)

    def choices(self, language: str) -> list[tuple[str, str]]:
        return [(str(point), str(point)) for point in range(self.low, self.high + 1)]

    def value(self, fields: Mapping[str, str]) -> Value | None:
        sent = _one_of(dict(self.choices("")), fields.get(self.key, ""))
        return None if sent is None else int(sent)


class YesNo(Question):
    """Yes or no."""

    kind = "yes_no"

    def choices(self, language: str) -> list[tuple[str, str]]:
        return [("yes", _("Yes")), ("no", _("No"))]

    def value(self, fields: Mapping[str, str]) -> Value | None:
        return _one_of(dict(self.choices("")), fields.get(self.key, ""))

    def in_words(self, value: Value, language: str) -> str:
        return dict(self.choices(language)).get(str(value), str(value))


KINDS: dict[str, type[Question]] = {each.kind: each for each in (Text, Choice, Choices, Points, YesNo)}
_KEY = re.compile(r"q[0-9]{1,3}")


def parsed(data: Iterable[Mapping[str, Any]]) -> tuple[Question, ...]:
    """The questions that a version keeps, in their order."""
    return tuple(_question(each) for each in data)


def _question(data: Mapping[str, Any]) -> Question:
    assert _KEY.fullmatch(data["key"]), "keys stand in names of fields and in a stylesheet"
    when = data.get("when") or {}
    return KINDS[data["kind"]](
        key=data["key"],
        words={language: Words(**words) for language, words in data["words"].items()},
        is_required=bool(data.get("is_required")),
        when=When(tuple(when.get("segments", ())), when.get("after", ""), tuple(when.get("answers", ()))),
        options=tuple(data.get("options", ())),
        low=data.get("low", 0),
        high=data.get("high", 10),
    )


def _one_of(known: Mapping[str, str], sent: str) -> str | None:
    if sent and sent not in known:
        raise Unfit(_("Please choose one of the answers shown."))
    return sent or None
