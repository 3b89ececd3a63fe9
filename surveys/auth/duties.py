"""What somebody leaves behind who goes: each room that keeps such a thing hands over how to count it and pass it on.

`app.py` puts the list together, because the rooms stand above this one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from flask import Flask, current_app

from surveys.auth.models import StaffUser

NAME = "koe.duties"


class HandOver(Protocol):
    def __call__(self, leaving: StaffUser, successor: StaffUser | None, /, *, by: StaffUser) -> int: ...


@dataclass(frozen=True)
class Duty:
    """One sort of thing a user is in charge of.

    `label` names it in the reader's language with its number (it takes `num`); `hand_over(leaving, successor, by=…)`
    passes all of it on and returns how many.
    """

    label: Callable[[int], str]
    count: Callable[[StaffUser], int]
    hand_over: HandOver


def install(app: Flask, duties: Sequence[Duty]) -> None:
    app.extensions[NAME] = tuple(duties)


def of(user: StaffUser) -> list[str]:
    """What this user is in charge of, in words: "12 accounts", "3 open cases"."""
    counted = [(duty, duty.count(user)) for duty in _all()]
    return [duty.label(number) for duty, number in counted if number]


def hand_over(leaving: StaffUser, successor: StaffUser | None, *, by: StaffUser) -> int:
    """Pass on all of it; the number of things passed on."""
    return sum(duty.hand_over(leaving, successor, by=by) for duty in _all())


def _all() -> Any:
    return current_app.extensions.get(NAME, ())
