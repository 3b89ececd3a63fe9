"""Alembic's way to the database, for both engines.

SQLite is migrated over a connection of its own with foreign keys off: with them on, rebuilding a parent table deletes
its children without a word. They are checked as a whole afterwards. One migration at a time: the write gate on SQLite,
an advisory lock on PostgreSQL.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context
from flask import current_app
from sqlalchemy import event

import surveys.app  # noqa: F401  (knows every model)
from surveys.lib import db as database

LOCK = 4_203_201  # any number that is ours


def include_object(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    """The text index is made by search/models.py and its shadow tables by SQLite."""
    return not (kind in ("table", "index") and (name or "").removeprefix("ix_").startswith("response_text"))


def render_item(kind: str, item: Any, _context: Any) -> str | bool:
    """Our own types are written as the plain ones they are."""
    if kind == "type" and isinstance(item, database.UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    url = current_app.config["SQLALCHEMY_DATABASE_URI"]
    engine = sa.create_engine(url, **database.engine_options(url))
    database.listen(engine)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=OFF"))
    with engine.connect() as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK})
        context.configure(
            connection=connection,
            target_metadata=database.Base.metadata,
            include_object=include_object,
            render_item=render_item,
            render_as_batch=engine.dialect.name == "sqlite",
            transactional_ddl=True,
            compare_type=True,
        )
        context.run_migrations()
        _check_foreign_keys(connection)
    engine.dispose()


def _check_foreign_keys(connection: sa.Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.execute(sa.text("PRAGMA foreign_key_check")).all()
    if broken:
        raise RuntimeError(f"the migration left rows without their parents: {broken[:5]}")


run()
