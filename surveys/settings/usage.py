"""What a brand is in use for: the rooms that ask in its name stand above this one and hand over how to find out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from flask import Flask, current_app

NAME = "koe.brand-usage"

Running: TypeAlias = Callable[[int], Sequence[str]]
"""The names of what is asking customers in the name of this brand (its number) right now."""


def install(app: Flask, *running: Running) -> None:
    app.extensions[NAME] = running


def running(brand_id: int) -> list[str]:
    return [name for find in current_app.extensions[NAME] for name in find(brand_id)]
