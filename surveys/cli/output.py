"""How a command answers: a table to read, or JSON to work with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import date, datetime
from fractions import Fraction
from functools import wraps
from typing import Any, TypeVar
from unicodedata import east_asian_width

import click

from surveys.lib.i18n import speaking

Command = TypeVar("Command", bound=Callable[..., Any])
WIDEST = 48  # cells of one column

as_json = click.option("--json", "is_json", is_flag=True, help="Print JSON instead of a table.")


def inside_app(command: Command) -> Command:
    """Run a command inside the application, in its language, on a database that is up to date."""
    return _inside(command, is_checked=True)


def inside_reading_app(command: Command) -> Command:
    """The same for a command that only looks: it waits for no writer and keeps none waiting."""
    return _inside(command, is_checked=True, is_reading=True)


def inside_any_app(command: Command) -> Command:
    """The same on a database in whatever state: for the commands that look into that or mend it."""
    return _inside(command, is_checked=False)


def _inside(command: Command, *, is_checked: bool, is_reading: bool = False) -> Command:
    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        from surveys.app import create_app  # the command line must answer --help without loading the house
        from surveys.lib.db import reading
        from surveys.reports.health import refuse_other_keys, refuse_stale_schema

        app = create_app()
        with app.app_context(), speaking(app.config["BABEL_DEFAULT_LOCALE"]):
            if is_checked:
                refuse_stale_schema()
                refuse_other_keys()
            with reading() if is_reading else nullcontext():
                return command(*args, **kwargs)

    return run  # type: ignore[return-value]


def show(rows: Iterable[Mapping[str, Any]], *, is_json: bool, empty: str = "") -> None:
    """Print a list of rows: JSON as a list of objects, else a table; `empty` says why there is none."""
    listed = list(rows)
    if is_json:
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2, default=plain))
    elif listed:
        click.echo(_table(listed))
    elif empty:
        click.echo(empty)


def show_one(row: Mapping[str, Any], *, is_json: bool) -> None:
    """Print one object: JSON, else a line a field."""
    if is_json:
        click.echo(json.dumps(row, ensure_ascii=False, indent=2, default=plain))
        return
    width = max(len(name) for name in row)
    for name, value in row.items():
        click.echo(f"{name:<{width}}  {_text(value)}")


def plain(value: Any) -> Any:
    """A value as JSON knows it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Fraction):
        return float(value)
    return str(value)


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_text(part)}" for name, part in value.items())
    return " ".join(str(value).split())


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Columns of a limited width, but for the last one: nothing stands beside it, so it is never cut."""
    names = list(rows[0])
    cells = [[_text(row.get(name)) for name in names] for row in rows]
    cells = [[*(_cut(cell) for cell in line[:-1]), line[-1]] for line in cells]
    widths = [max(_cells(line[at]) for line in [names, *cells]) for at in range(len(names))]
    lines = [
        "  ".join(_padded(cell, width) for cell, width in zip(line, widths, strict=True)) for line in [names, *cells]
    ]
    return "\n".join(line.rstrip() for line in lines)


def _cells(text: str) -> int:
    """How many cells of a terminal a text takes: kana and kanji take two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _cells(text))


def _cut(text: str) -> str:
    if _cells(text) <= WIDEST:
        return text
    while _cells(text) >= WIDEST:
        text = text[:-1]
    return text + "…"
