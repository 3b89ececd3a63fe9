"""Where prepared statements go, and how what fails there is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError

from surveys.lib import postgres


class Way(NamedTuple):
    """Where statements go: the driver's connection (or the talk on it), and SQLAlchemy's around it if there is one.

    `waiting`: what travels with the next statement, or with the end of a transaction of its own.
    """

    driver: Any
    dialect: Dialect
    connection: Connection | None
    waiting: list[postgres.Said]


@contextmanager
def told(way: Way, sql: str) -> Iterator[None]:
    """The driver's errors in the words of SQLAlchemy."""
    try:
        yield
    except way.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy(error, way, sql) from error


def _as_sqlalchemy(error: Exception, way: Way, sql: str) -> Exception:
    """The driver's error as SQLAlchemy's; a connection that broke is not used again."""
    base: Any = way.dialect.loaded_dbapi.Error
    if way.connection is not None and way.dialect.is_disconnect(error, way.driver, None):  # type: ignore[arg-type]
        way.connection.invalidate()
    return DBAPIError.instance(sql, None, error, base, dialect=way.dialect)
