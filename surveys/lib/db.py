"""The database: one declarative base, aware moments, and SQLite made safe for many writers.

SQLite needs three things or it is wrong: our own BEGIN (the driver starts its transactions too late), BEGIN IMMEDIATE
for whoever writes, and a gate before it, because its own waiting is unfair and fails early. A GET reads in a plain
BEGIN and may not write at all; everything else writes. PostgreSQL needs none of this and passes through.
"""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from flask import Flask, has_request_context, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    Date,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    event,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, registry

from surveys.lib.errors import Busy

PAUSE = 0.0002  # seconds until a waiting writer looks again
# Seconds a writer waits for its turn, and then for a program that is none of ours; "busy" before five are over.
PATIENCE = 3.0
STRANGERS = 1.5
UNSEEN = {"hide_parameters": True}  # errors are logged, and what was written is often about a person
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _values(words: type[StrEnum]) -> list[str]:
    return [word.value for word in words]


class Base(DeclarativeBase):
    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        type_annotation_map={
            datetime: UTCDateTime(),
            date: Date(),
            str: Text(),
            StrEnum: Enum(StrEnum, native_enum=False, length=32, values_callable=_values, create_constraint=True),
            dict[str, Any]: JSON(),
            dict[str, str]: JSON(),
            list[str]: JSON(),
            list[int]: JSON(),
            list[Any]: JSON(),
        },
    )


# Row numbers are 64 bit on PostgreSQL; SQLite counts by itself only in a column called INTEGER.
BigId = BigInteger().with_variant(Integer(), "sqlite")
Short = String(255)

db = SQLAlchemy(model_class=Base, disable_autonaming=True)

_forced: ContextVar[bool | None] = ContextVar("forced_reading", default=None)


def is_reading() -> bool:
    forced = _forced.get()
    if forced is not None:
        return forced
    return has_request_context() and request.method in SAFE_METHODS


@contextmanager
def reading() -> Iterator[None]:
    """What begins inside may only read, and waits for nobody. Ends the transaction that it began."""
    token = _forced.set(True)
    try:
        yield
    finally:
        db.session.rollback()
        _forced.reset(token)


@contextmanager
def writing() -> Iterator[Connection]:
    """A short transaction of its own, for the rare GET that must note something (a session's last use)."""
    token = _forced.set(False)
    try:
        with db.engine.begin() as connection:
            yield connection
    finally:
        _forced.reset(token)


@contextmanager
def noting() -> Iterator[None]:
    """The same in the session, committed at the end: for a GET that has to count something before it reads anything."""
    token = _forced.set(False)
    try:
        yield
        db.session.commit()
    finally:
        db.session.rollback()
        _forced.reset(token)


class Gate:
    """One writer at a time, over all threads and processes of one SQLite file; processes take turns.

    Each process has one thread at most at the file's locks: first at the door, which makes it the next one, then at the
    gate. Without the door, the process that leaves would be the quickest to come in again.
    """

    def __init__(self, path: str) -> None:
        self._turn = threading.Lock()
        self._paths = [Path(path + ".door"), Path(path + ".gate")]
        self._files: list[int] = []

    def __del__(self) -> None:
        for file in self._files:
            os.close(file)

    def enter(self) -> None:
        deadline = time.monotonic() + PATIENCE
        if not self._turn.acquire(timeout=PATIENCE):
            raise Busy("busy")
        try:
            self._pass(deadline)
        except BaseException:
            self._turn.release()
            raise

    def leave(self) -> None:
        fcntl.flock(self._files[1], fcntl.LOCK_UN)
        self._turn.release()

    def _pass(self, deadline: float) -> None:
        if not self._files:
            self._files = [os.open(path, os.O_WRONLY | os.O_CREAT, 0o600) for path in self._paths]
        door, gate = self._files
        _lock(door, deadline)
        try:
            _lock(gate, deadline)
        finally:
            fcntl.flock(door, fcntl.LOCK_UN)


def _lock(file: int, deadline: float) -> None:
    """Ask again and again: the kernel's own waiting has no end that one could set."""
    pause = PAUSE
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Busy("busy") from None
            time.sleep(pause)
            pause = min(pause * 1.05, 5 * PAUSE)
        else:
            return


_gates: dict[str, Gate] = {}
_gates_lock = threading.Lock()


def gate_of(path: str) -> Gate:
    with _gates_lock:
        return _gates.setdefault(path, Gate(path))


class GatedConnection(sqlite3.Connection):
    """A SQLite connection whose writers pass the gate before BEGIN IMMEDIATE and leave it when they end."""

    gate: Gate | None = None
    inside = False
    query_only = False

    def start(self, *, write: bool) -> None:
        if self.query_only is write:
            self.execute(f"PRAGMA query_only={'OFF' if write else 'ON'}")
            self.query_only = not write
        if not write or self.gate is None:
            self.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            return
        self.gate.enter()
        self.inside = True
        try:
            self.execute("BEGIN IMMEDIATE")
        except BaseException:
            self._leave()
            raise

    def commit(self) -> None:
        try:
            super().commit()
        finally:
            if not self.in_transaction:
                self._leave()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self._leave()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._leave()

    def _leave(self) -> None:
        if self.inside and self.gate is not None:
            self.inside = False
            self.gate.leave()


def engine_options(url: str) -> dict[str, Any]:
    """What `create_engine` needs for this database."""
    if url.startswith("sqlite"):
        arguments = {"isolation_level": None, "factory": GatedConnection, "check_same_thread": False}
        pool = {"pool_size": 16, "max_overflow": 16, "pool_timeout": PATIENCE}
        return {"connect_args": arguments, "json_serializer": as_written, **UNSEEN, **pool}
    options = "-c lock_timeout=5000 -c idle_in_transaction_session_timeout=60000"
    pool = {"pool_size": 8, "max_overflow": 8, "pool_timeout": PATIENCE}
    return {"connect_args": {"options": options}, **UNSEEN, **pool}


def as_written(value: Any) -> str:
    """JSON with Japanese as it is: SQLite finds a key only as its bytes were written."""
    return json.dumps(value, ensure_ascii=False)


def listen(engine: Engine) -> None:
    """Teach an engine our way of connecting and beginning; nothing to teach for PostgreSQL."""
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _connected)
    event.listen(engine, "begin", _begun)


def limit_statements(engine: Engine, longest: timedelta) -> None:
    """Have PostgreSQL stop what takes longer than this on connections opened from now on: nobody waits for such a page,
    and it would keep others from theirs (X-26). Statements of SQLite run in a thread of their own process.
    """
    if engine.dialect.name == "postgresql":
        milliseconds = int(longest.total_seconds() * 1000)

        @event.listens_for(engine, "connect")
        def _limited(connection: Any, _record: object) -> None:
            connection.execute(f"SET statement_timeout = {milliseconds}")
            connection.commit()


def _connected(connection: GatedConnection, _record: object) -> None:
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        f"busy_timeout={int(STRANGERS * 1000)}",
        "synchronous=FULL",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")
    path = connection.execute("PRAGMA database_list").fetchone()[2]
    connection.gate = gate_of(path) if path else None


def _begun(connection: Connection) -> None:
    raw = connection.connection.driver_connection
    assert isinstance(raw, GatedConnection)
    try:
        raw.start(write=not is_reading())
    except sqlite3.Error as error:  # from here it would be the driver's own, which nobody expects
        raise DBAPIError.instance("BEGIN", None, error, sqlite3.Error, dialect=connection.dialect) from error


def install(app: Flask) -> None:
    db.init_app(app)
    with app.app_context():
        listen(db.engine)
