"""Statements handed to PostgreSQL by its own library, past the driver's cursors: a tenth of the work.

`psycopg` drives every statement through Python, so that it may wait for many things; for one short statement that costs
several times what the server does. Here the library itself waits, while other threads go on. Several statements make
one trip, and a lock that the last but one takes is held no longer than the server needs. Values go in and come out by
the driver's own adaptation.

Only for connections that nobody else uses: a driver that rolls back makes its connection forget what it was taught.
"""

from __future__ import annotations

import select
from collections.abc import Sequence
from typing import Any

IDLE = 0  # the library's word for a connection outside every transaction
DONE, ROWS, SKIPPED = 1, 2, 11  # for results: fine, fine with rows, not looked at because an earlier one failed

Said = tuple[str, Sequence[Any]]
Row = tuple[Any, ...]


class Talk:
    """One connection: what it was taught already, and how its values are written and read. It keeps the driver's."""

    def __init__(self, driver: Any) -> None:
        from psycopg.adapt import PyFormat, Transformer

        self._library = driver.pgconn
        self._encoding = driver.info.encoding
        self._values = Transformer(driver)
        self._text = PyFormat.TEXT
        self._names: dict[str, bytes] = {}

    def ask(self, *said: Said) -> Row | None:
        """The first row of the last of these statements, each with `$1` and so on for its values, in one trip.

        Raises `psycopg.Error` and its kin; what comes after a statement that failed is left out.
        """
        return self._ask(*said[0]) if len(said) == 1 else self._ask_all(said)

    def roll_back(self) -> None:
        """Undo what has begun. Not by the driver, which then forgets what the connection was taught."""
        if self._library.transaction_status != IDLE:
            self._checked(self._library.exec_(b"ROLLBACK"))

    def _ask(self, sql: str, values: Sequence[Any]) -> Row | None:
        name = self._names.get(sql) or self._taught(sql)
        return self._row(self._checked(self._library.exec_prepared(name, self._written(values))))

    def _ask_all(self, said: Sequence[Said]) -> Row | None:
        ready = [(self._names.get(sql) or self._taught(sql), self._written(values)) for sql, values in said]
        self._library.enter_pipeline_mode()
        try:
            for name, written in ready:
                self._library.send_query_prepared(name, written)
            self._library.pipeline_sync()
            self._flush()
            results = [self._result() for _ in ready]
            self._next()  # the end of the trip
        finally:
            self._library.exit_pipeline_mode()
        for result in results:
            self._checked(result)
        return self._row(results[-1])

    def _written(self, values: Sequence[Any]) -> Sequence[Any]:
        written: Sequence[Any] = self._values.dump_sequence(values, [self._text] * len(values))
        return written

    def _row(self, result: Any) -> Row | None:
        if not result.ntuples:
            return None
        self._values.set_pgresult(result)
        row: Row = self._values.load_row(0, tuple)
        return row

    def _flush(self) -> None:
        while self._library.flush():
            self._wait(select.POLLIN | select.POLLOUT)
            self._library.consume_input()

    def _result(self) -> Any:
        """The result of one statement; the library says None after each."""
        result = self._next()
        if result is not None:
            self._next()
        return result

    def _next(self) -> Any:
        while self._library.is_busy():
            self._wait(select.POLLIN)
            self._library.consume_input()
        return self._library.get_result()

    def _wait(self, what: int) -> None:
        waiting = select.poll()
        waiting.register(self._library.socket, what)
        waiting.poll()

    def _taught(self, sql: str) -> bytes:
        name = f"koe_{len(self._names)}".encode()
        self._checked(self._library.prepare(name, sql.encode()))
        self._names[sql] = name
        return name

    def _checked(self, result: Any) -> Any:
        if result is not None and result.status in (DONE, ROWS):
            return result
        from psycopg import OperationalError, errors

        if result is None or self._library.status:  # the connection is gone, and the server said no more
            raise OperationalError("the connection to the database was lost")
        raise errors.error_from_result(result, encoding=self._encoding)
