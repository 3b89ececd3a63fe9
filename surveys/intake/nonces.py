"""The proof in each form of when and with which wording it was handed out (E-23, X-11): signed, good for one day.

It needs no cookie and no row. A posting keeps its nonce in the history, so a form that is posted twice counts once; and
whoever holds the nonce of a posting is in the visit that wrote it (X-04).
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from surveys.lib import clock, tokens

GOOD_FOR = timedelta(hours=24)
# For a form whose words only go back to who wrote them, or that came from a device of ours.
A_LONG_TIME = timedelta(days=400)
AHEAD = timedelta(minutes=5)  # of a clock that differs between two of our machines
_SHAPE = re.compile(r"([0-9]{1,12})-([0-9]{1,15})-([0-9a-f]{8})-([fcm])([0-9a-f]{8})?")


class Reached(StrEnum):
    """How somebody came to the form."""

    FRESH = "f"  # by the link
    CHANGE = "c"  # through the receipt of the visit that wrote the answer
    MORE = "m"  # on the page of thanks, which asks that visit for what is still open


@dataclass(frozen=True, slots=True)
class Nonce:
    text: str
    version_id: int
    issued_at: datetime
    reached: Reached
    # Which posting the visit had made that was handed this form.
    after: str = ""

    @property
    def is_change(self) -> bool:
        return self.reached is Reached.CHANGE

    @property
    def is_more(self) -> bool:
        return self.reached is Reached.MORE


def issue(subject: int | str, version_id: int, reached: Reached = Reached.FRESH, after: str = "") -> str:
    """For the form of one invitation (its number), or of something else that says what it is."""
    moment = int(clock.now().timestamp() * 1000)
    body = f"{version_id}-{moment}-{secrets.token_hex(4)}-{reached}{after}"
    return f"{body}.{tokens.sign(tokens.Purpose.FORM, f'{subject}:{body}')}"


def read(subject: int | str, text: str, *, good_for: timedelta = GOOD_FOR) -> Nonce | None:
    """The nonce, if we wrote it for this invitation within the last day, or as long as it is `good_for`."""
    body, _, mac = text.partition(".")
    shape = _SHAPE.fullmatch(body)
    if shape is None or not tokens.is_signed(tokens.Purpose.FORM, f"{subject}:{body}", mac):
        return None
    issued_at = datetime.fromtimestamp(int(shape[2]) / 1000, tz=UTC)
    age = clock.now() - issued_at
    return (
        Nonce(text, int(shape[1]), issued_at, Reached(shape[4]), shape[5] or "") if -AHEAD <= age <= good_for else None
    )


def mark_in(text: str | None) -> str:
    """The mark of a nonce that a posting kept; empty when it kept none of ours."""
    shape = _SHAPE.fullmatch((text or "").partition(".")[0])
    return shape[3] if shape else ""
