"""Keeping the text index, in the transaction of what it indexes. Plain statements: every answer passes here."""

from __future__ import annotations

from sqlalchemy import Connection, text

from surveys.lib.db import db
from surveys.search.pieces import pieces

_DROP_SQLITE = text("DELETE FROM response_text WHERE rowid = :id")
_ADD_SQLITE = text("INSERT INTO response_text (rowid, pieces) VALUES (:id, :pieces)")
_DROP_POSTGRESQL = text("DELETE FROM response_text WHERE response_id = :id")
_FORGET_ALL = text("DELETE FROM response_text")
_ADD_POSTGRESQL = text("INSERT INTO response_text (response_id, pieces) VALUES (:id, CAST(:pieces AS tsvector))")


def index(response_id: int, comment: str, *, is_new: bool = False) -> None:
    """Make this comment findable; an empty one is forgotten. `is_new` saves looking for an older one."""
    connection = db.session.connection()
    on_sqlite = connection.dialect.name == "sqlite"
    if not is_new:
        connection.execute(_DROP_SQLITE if on_sqlite else _DROP_POSTGRESQL, {"id": response_id})
    if comment:
        add(connection, [(response_id, comment)])


def add(connection: Connection, comments: list[tuple[int, str]]) -> None:
    """Index many new comments at once."""
    on_sqlite = connection.dialect.name == "sqlite"
    as_text = " ".join if on_sqlite else _vector
    rows = [{"id": number, "pieces": as_text(pieces(comment))} for number, comment in comments]
    if rows:
        connection.execute(_ADD_SQLITE if on_sqlite else _ADD_POSTGRESQL, rows)


def forget_all() -> None:
    """Empty the index, which no table of the house knows of: for when every answer goes."""
    db.session.execute(_FORGET_ALL)


def _vector(found: list[str]) -> str:
    """A tsvector as PostgreSQL reads it; pieces are letters and digits, so that nothing but quotes needs quoting."""
    return " ".join(f"'{piece}':{place}" for place, piece in enumerate(found, start=1))
