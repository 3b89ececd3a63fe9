"""What a mail server can answer, sorted once into what it means for us (E-45, E-52)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

_QUEUE_ID: Final = re.compile(r"(?:queued as|queued|id=|id:|<)\s*([A-Za-z0-9][\w.@+-]{3,100})", re.IGNORECASE)
_STATUS: Final = re.compile(r"\s*#?([245]\.\d{1,3}\.\d{1,3})(?![\w.])")
_HARD: Final = {
    "5.1.0",
    "5.1.1",
    "5.1.2",
    "5.1.3",
    "5.1.6",
    "5.1.10",
    "5.2.1",
    "5.4.1",
    "5.4.4",
    "5.4.310",
    "5.4.312",
    "5.4.316",
}
_CONTENT: Final = {"5.3.4", "5.2.3"}


@dataclass(frozen=True)
class Accepted:
    """The server has the mail and answers for it."""

    reply: str

    @property
    def queue_id(self) -> str:
        """The server's own number for it, when it told us."""
        found = _QUEUE_ID.search(self.reply)
        return found[1] if found else ""


@dataclass(frozen=True)
class Refusal:
    """What the server said; `code` 0 for our own words, as when the connection broke before the dot."""

    code: int
    reply: str

    @property
    def text(self) -> str:
        return f"{self.code} {self.reply}" if self.code else self.reply


@dataclass(frozen=True)
class Deferred(Refusal):
    """Not now."""


@dataclass(frozen=True)
class Rejected(Refusal):
    """Never, as far as this mail goes."""

    @property
    def status(self) -> str:
        """The enhanced status such as 5.1.1, at the start of the reply (RFC 2034); empty when the server gave none."""
        found = _STATUS.match(self.reply)
        return found[1] if found else ""


@dataclass(frozen=True)
class Unknown:
    """The dot was sent and nobody knows what became of it."""

    reason: str


@dataclass(frozen=True)
class Unreachable:
    """The server cannot be spoken to at the moment; no mail is to blame."""

    reason: str


@dataclass(frozen=True)
class OperatorError:
    """The server does not want us as we are: log-in, sender or certificate. Somebody has to mend it."""

    reason: str


@dataclass(frozen=True)
class Withheld:
    """It was called back right before the dot; the server has nothing."""


Outcome: TypeAlias = Accepted | Deferred | Rejected | Unknown | Unreachable | OperatorError | Withheld


class Bounce(StrEnum):
    """What a final refusal says about the address; only the first stops later mails."""

    HARD = "hard"  # there is no such mailbox: suppressed at once
    FULL = "full"  # the mailbox is full: it may have room next time
    POLICY = "policy"  # about us, not about the person
    CONTENT = "content"  # about this mail
    OTHER = "other"  # nothing certain about the person


def bounce(status: str) -> Bounce:
    """The class of an enhanced status such as 5.1.1; without a status nothing is known about the person."""
    if status in _HARD:
        return Bounce.HARD
    if status == "5.2.2":
        return Bounce.FULL
    if status.startswith("5.7."):
        return Bounce.POLICY
    if status in _CONTENT or status.startswith("5.6."):
        return Bounce.CONTENT
    return Bounce.OTHER
