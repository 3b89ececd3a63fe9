"""Pages of a list: a slice, its number, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select

from surveys.lib.db import db

Item = TypeVar("Item")
SIZE = 50


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page; `number` counts from 1, `total` counts all rows."""

    items: Sequence[Item]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def has_next(self) -> bool:
        return self.number < self.pages

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.number * self.size, self.total)


def number_from(text: str | None) -> int:
    """The page number in a query string; anything odd is page 1."""
    return (int(text) or 1) if text and text.isascii() and text.isdigit() and len(text) < 7 else 1


def page(statement: Select[Any], number: int, size: int = SIZE, *, total: int | None = None) -> Page[Any]:
    """One page of a select of one entity: two queries, one when `total` is known already."""
    if total is None:
        total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    number = min(max(1, number), max(1, -(-total // size)))
    items = db.session.scalars(statement.limit(size).offset((number - 1) * size)).unique().all()
    return Page(items, number, size, total)


def rows(statement: Select[Any], number: int, size: int = SIZE, *, total: int | None = None) -> Page[Any]:
    """The same for a select of several columns; each item is a row."""
    if total is None:
        total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    number = min(max(1, number), max(1, -(-total // size)))
    items = db.session.execute(statement.limit(size).offset((number - 1) * size)).all()
    return Page(items, number, size, total)
