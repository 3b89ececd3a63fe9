"""Keeping the text index, in the transaction of what it indexes. Prepared statements: every answer passes here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import BigInteger, Connection, Text, bindparam, cast, column, delete, insert, table, text
from sqlalchemy.dialects.postgresql import TSVECTOR

from surveys.lib.db import db
from surveys.lib.prepared import Write
from surveys.search.pieces import pieces

# PostgreSQL knows no later place; ten long texts go round, for else two of their letters would stand in one place.
LAST_PLACE: Final = 16383
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
_DROP_MANY = {
    "sqlite": text("DELETE FROM response_text WHERE rowid = :id"),
    "postgresql": text("DELETE FROM response_text WHERE response_id = :id"),
}
_ADD_MANY = {
    "sqlite": text("INSERT INTO response_text (rowid, pieces) VALUES (:id, :pieces)"),
    "postgresql": text("INSERT INTO response_text (response_id, pieces) VALUES (:id, CAST(:pieces AS tsvector))"),
}
_FORGET_ALL = text("DELETE FROM response_text")


def index(response_id: int, *texts: str, is_new: bool = False) -> None:
    """Make all that one answer says in words findable; what was found before by this answer is forgotten.

    `is_new` saves looking for that.
    """
    dialect = db.engine.dialect.name
    if not is_new:
        _DROP[dialect].later(id=response_id)
    if any(texts):
        _ADD[dialect].later(id=response_id, pieces=_kept(texts, dialect))


def index_many(connection: Connection, answers: Iterable[tuple[int, Sequence[str]]]) -> None:
    """The same for many answers at once, by their numbers."""
    dialect = connection.dialect.name
    said = list(answers)
    rows = [{"id": number, "pieces": _kept(texts, dialect)} for number, texts in said if any(texts)]
    if said:
        connection.execute(_DROP_MANY[dialect], [{"id": number} for number, _texts in said])
    if rows:
        connection.execute(_ADD_MANY[dialect], rows)


def forget_all() -> None:
    """Empty the index, which no table of the house knows of: for when every answer goes."""
    db.session.execute(_FORGET_ALL)


def _kept(texts: Sequence[str], dialect: str) -> str:
    """The pieces as this database takes them; they are letters and digits, so that nothing but quotes needs quoting."""
    found = [piece for text in texts for piece in pieces(text)]
    if dialect == "sqlite":
        return " ".join(found)
    return " ".join(f"'{piece}':{place % LAST_PLACE + 1}" for place, piece in enumerate(found))
