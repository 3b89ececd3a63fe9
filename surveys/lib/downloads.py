"""Files that are made while they leave, however long that takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from flask import Response, stream_with_context

from surveys.lib.db import db


def download(make: Callable[[], Iterable[bytes]], name: str, content_type: str) -> Response:
    """The file that `make` gives, as it was when it began (R-41).

    The view is over by then, and with it its session: what `make` needs, it reads itself.
    """
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(stream_with_context(_in_one_moment(make)), content_type=content_type, headers=headers)


def _in_one_moment(make: Callable[[], Iterable[bytes]]) -> Iterator[bytes]:
    _snapshot()
    yield from make()


def _snapshot() -> None:
    """See from here on what was there at this moment. Begins a new transaction; SQLite's reads are all like this."""
    db.session.rollback()
    if db.engine.dialect.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
