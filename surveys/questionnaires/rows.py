"""Lists that staff keep in an order of their own: further questions, offers. A row is plain data under a key. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from surveys.lib.errors import Refused
from surveys.lib.i18n import _

Row = dict[str, Any]


def replaced(rows: Sequence[Row], row: Row) -> list[Row]:
    """The list with this row in the place of the one with its key. Raises `Refused` when somebody took that away."""
    if row["key"] not in [each["key"] for each in rows]:
        raise _changed()
    return [row if each["key"] == row["key"] else each for each in rows]


def ordered(rows: Sequence[Row], wanted: Mapping[str, Any]) -> list[Row]:
    """The list in another order: all keys in `order`, or the one `moved` `by` a place. Raises `Refused` for others."""
    present = {each["key"]: each for each in rows}
    order = list(present)
    if wanted.get("moved") in present:
        order = _moved(order, wanted["moved"], wanted["by"])
    elif "order" in wanted:
        order = list(wanted["order"])
    if sorted(order) != sorted(present):
        raise _changed()
    return [present[key] for key in order]


def without(rows: Sequence[Row], key: str) -> list[Row]:
    return [each for each in rows if each["key"] != key]


def _moved(order: list[str], key: str, by: int) -> list[str]:
    place = order.index(key)
    other = min(max(place + by, 0), len(order) - 1)
    order[place], order[other] = order[other], order[place]
    return order


def _changed() -> Refused:
    return Refused(_("The list was changed meanwhile. Here it is as it stands now."))
