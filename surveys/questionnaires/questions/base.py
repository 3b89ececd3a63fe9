"""What all further questions share: their words in each language, when they are shown, how an answer is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Final

from surveys.lib.i18n import LANGUAGES

MOST_QUESTIONS: Final = 10
MOST_OPTIONS: Final = 12
LONGEST_TEXT: Final = 2000  # code points

# A text, the key of an option, the keys of several, a point of a scale, "yes" or "no".
Value = str | int | list[str]


class Unfit(ValueError):
    """What came is no answer to this question; the message says so to the person who sent it."""


@dataclass(frozen=True)
class When:
    """When a question is shown: after a score of these segments, after one of these answers; empty: always."""

    segments: tuple[str, ...] = ()
    after: str = ""
    answers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Words:
    """What a question says in one language."""

    text: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    low: str = ""
    high: str = ""


@dataclass(frozen=True)
class Question:
    """One further question. `key` names its answers for good; `options` are the keys of its choices, in their order."""

    kind: ClassVar[str] = ""
    has_options: ClassVar[bool] = False

    key: str
    words: Mapping[str, Words]
    is_required: bool = False
    when: When = field(default_factory=When)
    options: tuple[str, ...] = ()
    low: int = 0
    high: int = 10

    @property
    def meaning(self) -> tuple[Any, ...]:
        """What its stored answers are read by; with another one, the same answer would say something else."""
        return (self.kind,)

    def text(self, language: str) -> str:
        """The question in this language, else in one it has (the editor shows what is missing)."""
        return self._word("text", language)

    def end(self, which: str, language: str) -> str:
        """The words at the `low` or `high` end of a scale."""
        return self._word(which, language)

    def option(self, key: str, language: str) -> str:
        """The words of one choice."""
        each = (self.words.get(code, Words()).options.get(key, "") for code in (language, *LANGUAGES))
        return next((label for label in each if label), key)

    def choices(self, language: str) -> list[tuple[str, str]]:
        """What can be ticked: the mark that is sent and its words; empty for a text."""
        return [(key, self.option(key, language)) for key in self.options]

    def said_in(self, language: str) -> list[str]:
        """All it says in one language."""
        own = self.words.get(language, Words())
        return [own.text, *own.options.values(), own.low, own.high]

    def is_complete(self, language: str) -> bool:
        """Whether nothing has to be borrowed from the other language."""
        own = self.words.get(language, Words())
        needed = [name for name in ("text", "low", "high") if name == "text" or self.end(name, language)]
        return all(getattr(own, name) for name in needed) and all(own.options.get(key) for key in self.options)

    def value(self, fields: Mapping[str, str]) -> Value | None:
        """The answer in a posted form; None when there is none. Raises `Unfit` for what cannot be one."""
        raise NotImplementedError

    def marks(self, value: Value) -> tuple[str, ...]:
        """The choices that an answer took, for what is shown after it."""
        return (str(value),)

    def in_words(self, value: Value, language: str) -> str:
        """An answer as people read it."""
        return str(value)

    def wrote(self, value: Value) -> str:
        """What somebody put into words of their own; empty for what was ticked."""
        return ""

    def fields(self, value: Value) -> dict[str, str]:
        """The fields of a form that has this answer in it: what `value` reads."""
        return {self.key: str(value)}

    def as_data(self) -> dict[str, Any]:
        """As a version keeps it."""
        return {
            "key": self.key,
            "kind": self.kind,
            "is_required": self.is_required,
            "when": asdict(self.when) | {"segments": list(self.when.segments), "answers": list(self.when.answers)},
            "options": list(self.options),
            "low": self.low,
            "high": self.high,
            "words": {language: asdict(words) for language, words in self.words.items()},
        }

    def _word(self, name: str, language: str) -> str:
        each = (str(getattr(self.words.get(code, Words()), name)) for code in (language, *LANGUAGES))
        return next((word for word in each if word), "")
