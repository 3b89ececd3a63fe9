"""Keeping the text index, in the transaction of what it indexes. Prepared statements: every answer passes here."""

from __future__ import annotations

from sqlalchemy import BigInteger, Connection, Text, bindparam, cast, column, delete, insert, table, text
from sqlalchemy.dialects.postgresql import TSVECTOR

from surveys.lib.db import db
from surveys.lib.prepared import Write
from surveys.search.pieces import pieces

_IN_SQLITE = table("response_text", column("rowid", BigInteger), column("pieces", Text))
_IN_POSTGRESQL = table("response_text", column("response_id", BigInteger), column("pieces", TSVECTOR))
_DROP = {
    "sqlite": Write(delete(_IN_SQLITE).where(_IN_SQLITE.c.rowid == bindparam("id"))),
    "postgresql": Write(delete(_IN_POSTGRESQL).where(_IN_POSTGRESQL.c.response_id == bindparam("id"))),
}
_ADD = {
    "sqlite": Write(insert(_IN_SQLITE).values(rowid=bindparam("id"), pieces=bindparam("pieces"))),
    "postgresql": Write(
        insert(_IN_POSTGRESQL).values(
            response_id=bindparam("id"), pieces=cast(bindparam("pieces", type_=Text), TSVECTOR)
        )
    ),
}
_ADD_MANY = {
    "sqlite": text("INSERT INTO response_text (rowid, pieces) VALUES (:id, :pieces)"),
    "postgresql": text("INSERT INTO response_text (response_id, pieces) VALUES (:id, CAST(:pieces AS tsvector))"),
}
_FORGET_ALL = text("DELETE FROM response_text")


def index(response_id: int, comment: str, *, is_new: bool = False) -> None:
    """Make this comment findable; an empty one is forgotten. `is_new` saves looking for an older one."""
    dialect = db.engine.dialect.name
    if not is_new:
        _DROP[dialect].later(id=response_id)
    if comment:
        _ADD[dialect].later(id=response_id, pieces=_kept(comment, dialect))


def add(connection: Connection, comments: list[tuple[int, str]]) -> None:
    """Index many new comments at once."""
    dialect = connection.dialect.name
    rows = [{"id": number, "pieces": _kept(comment, dialect)} for number, comment in comments]
    if rows:
        connection.execute(_ADD_MANY[dialect], rows)


def forget_all() -> None:
    """Empty the index, which no table of the house knows of: for when every answer goes."""
    db.session.execute(_FORGET_ALL)


def _kept(comment: str, dialect: str) -> str:
    """The pieces as this database takes them; they are letters and digits, so that nothing but quotes needs quoting."""
    found = pieces(comment)
    if dialect == "sqlite":
        return " ".join(found)
    return " ".join(f"'{piece}':{place}" for place, piece in enumerate(found, start=1))
