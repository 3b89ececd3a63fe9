"""The proof in each form of when and with which wording it was handed out (E-23, X-11): signed, good for one day.

It needs no cookie and no row. A posting keeps its nonce in the history, so a form that is posted twice counts once; and
whoever holds the nonce of a posting is in the visit that wrote it (X-04).
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from surveys.lib import clock, tokens

GOOD_FOR = timedelta(hours=24)
AHEAD = timedelta(minutes=5)  # of a clock that differs between two of our machines
_SHAPE = re.compile(r"([0-9]{1,12})-([0-9]{1,15})-([0-9a-f]{8})-([fc])")


@dataclass(frozen=True, slots=True)
class Nonce:
    """`is_change`: the form was reached through the receipt of the visit that wrote the answer."""

    text: str
    version_id: int
    issued_at: datetime
    is_change: bool


def issue(invitation_id: int, version_id: int, *, is_change: bool = False) -> str:
    moment = int(clock.now().timestamp() * 1000)
    body = f"{version_id}-{moment}-{secrets.token_hex(4)}-{'c' if is_change else 'f'}"
    return f"{body}.{tokens.sign(tokens.Purpose.FORM, f'{invitation_id}:{body}')}"


def read(invitation_id: int, text: str) -> Nonce | None:
    """The nonce, if we wrote it for this invitation within the last day."""
    body, _, mac = text.partition(".")
    shape = _SHAPE.fullmatch(body)
    if shape is None or not tokens.is_signed(tokens.Purpose.FORM, f"{invitation_id}:{body}", mac):
        return None
    issued_at = datetime.fromtimestamp(int(shape[2]) / 1000, tz=UTC)
    age = clock.now() - issued_at
    return Nonce(text, int(shape[1]), issued_at, shape[4] == "c") if -AHEAD <= age <= GOOD_FOR else None
