"""Statements that every answer passes through: written in Core, compiled once, run on the driver itself.

SQLAlchemy takes some twenty times as long to run a short statement as SQLite does. For the handful of statements
between a customer's click and the queue that is most of the work, so they go past it: `Read` on a pooled connection
of its own, `Write` inside the session's transaction. Types are those of the columns; errors are SQLAlchemy's own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Engine, Select
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import UpdateBase

from surveys.lib.db import as_written, db

Statement = Select[*tuple[Any, ...]] | UpdateBase
Process = Callable[[Any], Any]
Row = tuple[Any, ...]


class Compiled(NamedTuple):
    """A statement in the words of one database, its constants, and how values go in and come out."""

    sql: str
    constants: dict[str, Any]
    into: tuple[tuple[str, Process], ...]
    out: tuple[tuple[int, Process], ...]


class Prepared:
    """One statement; its values are given by the names of its bind parameters."""

    def __init__(self, statement: Statement, *, sets: Iterable[str] = ()) -> None:
        """`sets` names the columns that an insert or update gives values to."""
        self._statement = statement
        self._sets = list(sets) or None
        self._compiled: dict[str, Compiled] = {}

    def _for(self, dialect: Dialect) -> Compiled:
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = _compiled(self._statement, dialect, self._sets)
        return found


class Write(Prepared):
    """A statement of the session's transaction."""

    def run(self, **values: Any) -> Row | None:
        """Its first row, or None when it gives none. Raises `sqlalchemy.exc.DBAPIError` and its kin."""
        connection, driver, dialect = _of_session()
        compiled = self._compiled.get(dialect.name) or self._for(dialect)
        try:
            cursor = driver.execute(compiled.sql, _bound(compiled, values))
            row = cursor.fetchone() if cursor.description else None
            cursor.close()
        except dialect.loaded_dbapi.Error as error:
            raise _as_sqlalchemy(error, dialect, compiled.sql, connection) from error
        return _typed(compiled, row)


class Read(Prepared):
    """A select outside every transaction, on a connection that its thread keeps: one trip to the server, no pool."""

    def first(self, **values: Any) -> Row | None:
        """Its first row, or None when there is none. Raises `sqlalchemy.exc.DBAPIError` and its kin."""
        engine = db.engine
        compiled = self._compiled.get(engine.dialect.name) or self._for(engine.dialect)
        bound = _bound(compiled, values)
        driver = _reader(engine)
        try:
            row = driver.execute(compiled.sql, bound).fetchone()
        except engine.dialect.loaded_dbapi.Error:  # the database was away meanwhile, or is now
            row = self._once_more(engine, compiled, bound)
        return _typed(compiled, row)

    def _once_more(self, engine: Engine, compiled: Compiled, bound: dict[str, Any]) -> Any:
        _forget_reader()
        try:
            return _reader(engine).execute(compiled.sql, bound).fetchone()
        except engine.dialect.loaded_dbapi.Error as error:
            _forget_reader()
            raise _as_sqlalchemy(error, engine.dialect, compiled.sql, None) from error


_kept = threading.local()


def _reader(engine: Engine) -> Any:
    """This thread's own connection for reading; never inside a transaction."""
    if getattr(_kept, "engine", None) is not engine:
        _forget_reader()
        pooled = engine.raw_connection()
        driver: Any = pooled.driver_connection
        pooled.detach()
        if engine.dialect.name != "sqlite":
            driver.autocommit = True
        _kept.pooled, _kept.driver, _kept.engine = pooled, driver, engine
    return _kept.driver


def _forget_reader() -> None:
    if getattr(_kept, "engine", None) is not None:
        _kept.pooled.close()
        _kept.pooled = _kept.driver = _kept.engine = None


def _of_session() -> tuple[Connection, Any, Dialect]:
    """The connection of the session's transaction, the driver's own, and what they speak; looked up once."""
    session = db.session()
    transaction, *known = session.info.get("prepared", (None,))
    if transaction is None or transaction is not session.get_transaction():
        connection = session.connection()
        known = [connection, connection.connection.driver_connection, connection.dialect]
        session.info["prepared"] = (session.get_transaction(), *known)
    return known[0], known[1], known[2]


def _compiled(statement: Statement, dialect: Dialect, sets: list[str] | None) -> Compiled:
    into = (
        SQLiteDialect_pysqlite(paramstyle="named", json_serializer=as_written) if dialect.name == "sqlite" else dialect
    )
    made = statement.compile(dialect=into, column_keys=sets)
    binds = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for bind, name in made.bind_names.items()}
    outs = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in statement.exported_columns]
    return Compiled(
        sql=str(made),
        constants={name: value for name, value in made.params.items() if value is not None},
        into=tuple((name, process) for name, process in binds.items() if process),
        out=tuple((at, process) for at, process in enumerate(outs) if process),
    )


def _bound(compiled: Compiled, values: dict[str, Any]) -> dict[str, Any]:
    bound = compiled.constants | values
    for name, process in compiled.into:
        bound[name] = process(bound[name])
    return bound


def _typed(compiled: Compiled, row: Any) -> Row | None:
    if row is None or not compiled.out:
        return row  # type: ignore[no-any-return]
    typed = list(row)
    for at, process in compiled.out:
        if typed[at] is not None:
            typed[at] = process(typed[at])
    return tuple(typed)


def _as_sqlalchemy(error: Exception, dialect: Dialect, sql: str, connection: Connection | None) -> Exception:
    """The driver's error as SQLAlchemy's; a connection that broke is not used again."""
    base: Any = dialect.loaded_dbapi.Error
    if connection is not None and dialect.is_disconnect(error, None, None):  # type: ignore[arg-type]
        connection.invalidate()
    return DBAPIError.instance(sql, None, error, base, dialect=dialect)
