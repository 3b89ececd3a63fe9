"""Statements that every answer passes through: written in Core, compiled once, run on the driver itself.

SQLAlchemy takes some twenty times as long to run a short statement as SQLite does. For the handful of statements
between a customer's click and the queue that is most of the work, so they go past it: `Read` on a connection that its
thread keeps, `Write` inside the session's transaction or, past the session, inside one of its own (`alone`). Types are
those of the columns; errors are SQLAlchemy's own.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, event
from sqlalchemy.exc import DBAPIError

from surveys.lib import postgres
from surveys.lib.db import db
from surveys.lib.statements import Compiled, Row, Statement, bound, compiled_for, numbered, typed
from surveys.lib.ways import Way, told


class NeedsSession(Exception):
    """Something inside `alone` asked for the session: begin again with it."""


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
            found = self._compiled[dialect.name] = compiled_for(self._statement, dialect, self._sets)
        return found


class Write(Prepared):
    """A statement of the transaction that is open: the session's, or one of its own (`alone`)."""

    def run(self, **values: Any) -> Row | None:
        """Its first row, or None when it gives none. Raises `sqlalchemy.exc.DBAPIError` and its kin."""
        way = _way()
        compiled = self._compiled.get(way.dialect.name) or self._for(way.dialect)
        given = bound(compiled, values)
        with told(way, compiled.sql):
            row = _asked(way, compiled, given)
        return typed(compiled, row)

    def later(self, **values: Any) -> None:
        """The same, when nothing needs its result: it may travel with what comes next, be that the end."""
        way = _way()
        if way.connection is not None or way.dialect.name == "sqlite":
            self.run(**values)
        else:
            compiled = self._compiled.get(way.dialect.name) or self._for(way.dialect)
            way.waiting.append(numbered(compiled, bound(compiled, values)))


class Read(Prepared):
    """A select outside every transaction, on a connection that its thread keeps: one trip to the server, no pool."""

    def first(self, **values: Any) -> Row | None:
        """Its first row, or None when there is none. Raises `sqlalchemy.exc.DBAPIError` and its kin."""
        engine = db.engine
        compiled = self._compiled.get(engine.dialect.name) or self._for(engine.dialect)
        given = bound(compiled, values)
        try:
            row = _asked(Way(_reader(engine), engine.dialect, None, []), compiled, given)
        except (engine.dialect.loaded_dbapi.Error, DBAPIError):  # the database was away meanwhile, or is now
            row = self._once_more(engine, compiled, given)
        return typed(compiled, row)

    def _once_more(self, engine: Engine, compiled: Compiled, given: dict[str, Any]) -> Any:
        _forget_reader()
        engine.dispose()  # what else lies in the pool is as old
        way = Way(_reader(engine), engine.dialect, None, [])
        try:
            with told(way, compiled.sql):
                return _asked(way, compiled, given)
        except DBAPIError:
            _forget_reader()
            raise


@contextmanager
def alone() -> Iterator[None]:
    """A short transaction on the connection that its thread keeps; ends with the block, undone by what is raised.

    Raises `NeedsSession` when something inside turns to the session after all; then nothing was done.
    """
    engine = db.engine
    way = Way(_reader(engine), engine.dialect, None, [])
    is_done = False
    try:
        with told(way, "BEGIN"):
            way.driver.start(write=True) if engine.dialect.name == "sqlite" else way.waiting.append(("BEGIN", ()))
        _kept.alone = way
        yield
        with told(way, "COMMIT"):
            way.driver.commit() if engine.dialect.name == "sqlite" else _say(way, ("COMMIT", ()))
        is_done = True
    finally:
        _kept.alone = None
        if not is_done:
            _undo(way)


_kept = threading.local()


def _undo(way: Way) -> None:
    """As if nothing had been said; a connection that cannot even do this is not used again."""
    try:
        way.driver.rollback() if way.dialect.name == "sqlite" else way.driver.roll_back()
    except way.dialect.loaded_dbapi.Error:
        _forget_reader()


@event.listens_for(Engine, "begin")
def _outside_only(_connection: Connection) -> None:
    if getattr(_kept, "alone", None) is not None:
        raise NeedsSession


def _reader(engine: Engine) -> Any:
    """What this thread talks to, on a connection of its own; outside every transaction but for `alone`."""
    if getattr(_kept, "engine", None) is not engine:
        _forget_reader()
        pooled = engine.raw_connection()
        driver: Any = pooled.driver_connection
        pooled.detach()
        line = driver if engine.dialect.name == "sqlite" else _talk(driver, engine)
        _kept.pooled, _kept.driver, _kept.line, _kept.engine = pooled, driver, line, engine
    return _kept.line


def _talk(driver: Any, engine: Engine) -> postgres.Talk:
    with told(Way(driver, engine.dialect, None, []), "BEGIN"):
        driver.autocommit = True
        return postgres.Talk(driver)


def _forget_reader() -> None:
    if getattr(_kept, "engine", None) is not None:
        _kept.pooled.close()
        _kept.pooled = _kept.driver = _kept.line = _kept.engine = None


def _way() -> Way:
    """The way of the open transaction, the session's when no other is; looked up once."""
    own: Way | None = getattr(_kept, "alone", None)
    return own or _of_session()


def _of_session() -> Way:
    session = db.session()
    transaction, connection = session.info.get("prepared", (None, None))
    if transaction is None or transaction is not session.get_transaction():
        connection = session.connection()
        session.info["prepared"] = (session.get_transaction(), connection)
    # Not kept: whoever takes the driver's connection from the pool next shall be its only owner.
    return Way(connection.connection.driver_connection, connection.dialect, connection, [])


def _asked(way: Way, compiled: Compiled, given: dict[str, Any]) -> Row | None:
    """The first row of the statement, on the driver itself."""
    if way.connection is None and way.dialect.name != "sqlite":
        return _say(way, numbered(compiled, given))
    cursor = way.driver.execute(compiled.sql, given)
    row: Row | None = cursor.fetchone() if cursor.description else None
    cursor.close()
    return row


def _say(way: Way, said: postgres.Said) -> Row | None:
    """One statement after those that wait for it."""
    before = way.waiting[:]
    way.waiting.clear()
    return way.driver.ask(*before, said)  # type: ignore[no-any-return]
