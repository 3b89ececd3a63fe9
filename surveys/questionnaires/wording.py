"""The texts of a questionnaire: which there are, and the few words in braces that may stand in them.

Logic-less on purpose (X-17): a fixed list of placeholders such as {product}, no conditions, no attributes, no filters.
What is filled in is never looked at again, so a customer called "{product}" stays one.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol

from surveys.lib.i18n import ngettext

EVERYWHERE: Final = frozenset({"product", "company", "subject"})
IN_MAILS: Final = EVERYWHERE | {"sender", "deadline", "deadline_short"}
NONE: Final = frozenset[str]()
LONGEST: Final = 4000

ALLOWED: Final[dict[str, frozenset[str]]] = {
    "question": EVERYWHERE,
    "low": NONE,
    "high": NONE,
    "why_bad": EVERYWHERE,
    "why_middle": EVERYWHERE,
    "why_good": EVERYWHERE,
    "consent": EVERYWHERE,
    "consent_yes": NONE,
    "consent_no": NONE,
    "identity": EVERYWHERE,
    "thanks": EVERYWHERE | {"date"},
    "thanks_worst": EVERYWHERE,
    "thanks_contact": EVERYWHERE | {"name", "days"},
    "subject": IN_MAILS,
    "letter": IN_MAILS | {"greeting", "scale", "signature"},
}
"""Every text of one language and what may stand in braces in it; `labels` is the one list besides."""

SCORED_ONLY: Final = frozenset({"low", "high", "why_bad", "why_middle", "thanks_worst"})
_BRACES: Final = re.compile(r"\{([^{}]*)\}")


class Named(Protocol):
    """Something with a name in each language."""

    def name_in(self, language: str) -> str: ...


@dataclass(frozen=True)
class Said:
    """A version's texts in one language, with everything filled in. Plain text: escape it where it is shown."""

    language: str
    question: str
    low: str
    high: str
    labels: tuple[str, ...]
    why_bad: str
    why_middle: str
    why_good: str
    consent: str
    consent_yes: str
    consent_no: str
    identity: str
    thanks: str
    thanks_worst: str
    thanks_contact: str
    subject: str
    letter: str

    def why(self, segment: str) -> str:
        """The second question for a segment: bad, middle or good; without a score the one for everybody."""
        return {"bad": self.why_bad, "middle": self.why_middle}.get(segment, self.why_good)


@dataclass(frozen=True)
class Letter:
    """A letter taken apart: paragraphs of lines before and after the place where the question stands."""

    before: tuple[tuple[str, ...], ...]
    after: tuple[tuple[str, ...], ...]


def letter(text: str) -> Letter:
    before, _mark, after = text.partition("{scale}")
    return Letter(_paragraphs(before), _paragraphs(after))


def _paragraphs(text: str) -> tuple[tuple[str, ...], ...]:
    blocks = re.split(r"\n[ \t]*\n+", text.replace("\r\n", "\n").strip())
    return tuple(tuple(block.split("\n")) for block in blocks if block.strip())


def said(texts: Mapping[str, Any], language: str, values: Mapping[str, str]) -> Said:
    """The texts with `values` filled in; a placeholder without a value stays as it is, to be filled later."""
    filled = {name: fill(str(texts.get(name, "")), values) for name in ALLOWED}
    return Said(language=language, labels=tuple(texts.get("labels", ())), **filled)


def values_for(brand: Named, product: Named, language: str) -> dict[str, str]:
    """What {product}, {company} and {subject} stand for."""
    name = product.name_in(language)
    return {"product": name, "company": brand.name_in(language), "subject": name}


def working_days(number: int) -> str:
    """What stands for {days}, in the language being spoken."""
    return str(ngettext("%(num)s working day", "%(num)s working days", number))


def fill(text: str, values: Mapping[str, str]) -> str:
    return _BRACES.sub(partial(_value, values), text)


def _value(values: Mapping[str, str], found: re.Match[str]) -> str:
    return values.get(found[1], found[0])


def unknown(name: str, text: str) -> list[str]:
    """What stands in braces in this text and may not."""
    return strange(ALLOWED[name], text)


def strange(known: Container[str], text: str) -> list[str]:
    """What stands in braces and is none of these."""
    return [found for found in _BRACES.findall(text) if found not in known]


def whole(own: Mapping[str, Any], others: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The texts of one language, with those of another where it has none."""
    lent = {name: text for other in others for name, text in other.items() if text and not own.get(name)}
    return {**own, **lent}


def needed(points: int) -> list[str]:
    """The texts that may not be empty, for a scale with so many points (0: no score)."""
    return [name for name in ALLOWED if points or name not in SCORED_ONLY]


def missing(texts: Mapping[str, Any], points: int) -> list[str]:
    """The names of the texts that are not there; empty when this language is complete."""
    gone = [name for name in needed(points) if not str(texts.get(name, "")).strip()]
    labels = texts.get("labels") or []
    if labels and (len(labels) != points or not all(label.strip() for label in labels)):
        gone.append("labels")
    return gone


def is_complete(texts: Mapping[str, Any], points: int) -> bool:
    return not missing(texts, points)
