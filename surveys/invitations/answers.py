"""Which answers count (M-01): the rooms of the answers stand above this one and hand over how to find them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from flask import Flask, current_app
from sqlalchemy import Select, Subquery

NAME = "koe.answers"

InScore: TypeAlias = Callable[[], Select[int, int]]
"""Of every answer to an invitation that is in the score: `campaign_id` and `invitation_id`."""


def install(app: Flask, in_score: InScore) -> None:
    app.extensions[NAME] = in_score


def in_score() -> Subquery:
    select: InScore = current_app.extensions[NAME]
    return select().subquery()
