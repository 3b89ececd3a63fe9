"""The text index: two-letter pieces of all that is said in words, in what each database does best: FTS5 or tsvector."""

from __future__ import annotations

from sqlalchemy import DDL, event

from surveys.lib.db import Base

SQLITE = "CREATE VIRTUAL TABLE IF NOT EXISTS response_text USING fts5(pieces, tokenize='unicode61 remove_diacritics 0')"
POSTGRESQL = (
    "CREATE TABLE IF NOT EXISTS response_text (response_id BIGINT PRIMARY KEY, pieces tsvector NOT NULL)",
    "CREATE INDEX IF NOT EXISTS ix_response_text_pieces ON response_text USING gin (pieces)",
)


# Made with the schema, so that tests and migrations have it too; Alembic leaves it alone (migrations/env.py).
def _on(moment: str, statement: str, dialect: str | None = None) -> None:
    command = DDL(statement)  # type: ignore[no-untyped-call]
    event.listen(Base.metadata, moment, command.execute_if(dialect=dialect) if dialect else command)


_on("after_create", SQLITE, "sqlite")
for _statement in POSTGRESQL:
    _on("after_create", _statement, "postgresql")
_on("before_drop", "DROP TABLE IF EXISTS response_text")
