"""SQLite with many writers: nothing lost, nobody starved, and readers wait for nobody (dependencies: SQLite)."""

from __future__ import annotations

import multiprocessing
import threading
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from surveys.lib.db import GatedConnection, UTCDateTime, db, gate_of, reading, writing
from surveys.lib.errors import Busy
from tests.lib import writers
from tests.lib.writers import Counter

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.lib.writers"])
PROCESSES, THREADS, TIMES = 4, 8, 500


@pytest.fixture
def path(tmp_path):
    return tmp_path / "counter.db"


@pytest.fixture
def app(path):
    made = writers.make_app(path)
    with made.app_context():
        db.session.add(Counter(name="n", value=0))
        db.session.commit()
        yield made
        db.session.remove()
        db.engine.dispose()


def value():
    db.session.rollback()
    with reading():
        return db.session.get_one(Counter, "n", populate_existing=True).value


def p99(took):
    return sorted(took)[int(len(took) * 0.99)]


def test_four_processes_that_read_and_write_the_same_row_lose_no_update(app, path):
    told = FORKS.Queue()
    crew = [
        FORKS.Process(target=writers.add_ones_in_a_process, args=(str(path), TIMES, told)) for _ in range(PROCESSES)
    ]
    for process in crew:
        process.start()
    took = [seconds for _ in crew for seconds in told.get(timeout=120)]
    for process in crew:
        process.join()
    assert (value(), len(took)) == (PROCESSES * TIMES, PROCESSES * TIMES)
    assert max(took) < 5  # nobody is starved, also on a busy machine


def test_eight_threads_lose_no_update_and_nobody_waits_long(app):
    took = []
    crew = [threading.Thread(target=lambda: took.extend(writers.add_ones(app, 100))) for _ in range(THREADS)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    assert value() == THREADS * 100
    assert p99(took) < 1


def test_a_writer_that_fails_leaves_the_gate_open(app, path):
    for _ in range(20):
        with pytest.raises(IntegrityError):
            db.session.execute(insert(Counter).values(name="n", value=1))
        db.session.rollback()
    writers.add_ones(app, 3)
    assert value() == 3


def test_a_writer_that_is_killed_inside_the_gate_leaves_it_open_and_nothing_behind(app, path):
    inside = FORKS.Event()
    process = FORKS.Process(target=writers.take_the_gate_and_die, args=(str(path), inside))
    db.session.rollback()
    process.start()
    assert inside.wait(60)
    process.kill()
    process.join()
    writers.add_ones(app, 1)
    assert value() == 1


def test_a_reader_does_not_wait_for_a_writer(app):
    db.session.get_one(Counter, "n").value = 7
    db.session.flush()
    seen = []

    def read():
        with app.app_context(), reading():
            started = time.perf_counter()
            seen.extend((db.session.get_one(Counter, "n").value, time.perf_counter() - started))

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    db.session.rollback()
    assert seen[0] == 0
    assert seen[1] < 2


def test_a_writer_waits_for_its_turn_and_then_says_busy(app, monkeypatch):
    monkeypatch.setattr("surveys.lib.db.PATIENCE", 0.2)
    db.session.get_one(Counter, "n").value = 7
    db.session.flush()
    failures = []

    def write():
        with app.app_context():
            try:
                writers.add_ones(app, 1)
            except Busy as error:
                failures.append(type(error).__name__)
            db.session.rollback()

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    db.session.rollback()
    assert failures == ["Busy"]


def test_reading_may_not_write(app):
    db.session.rollback()
    with pytest.raises(OperationalError, match="readonly"), reading():
        db.session.execute(update(Counter).values(value=9))
    assert value() == 0


@pytest.mark.parametrize(("method", "allowed"), [("GET", False), ("HEAD", False), ("POST", True)])
def test_only_a_request_that_changes_something_may_write(app, method, allowed):
    db.session.rollback()
    with app.test_request_context("/", method=method):
        if allowed:
            db.session.execute(update(Counter).values(value=9))
        else:
            with pytest.raises(OperationalError, match="readonly"):
                db.session.execute(update(Counter).values(value=9))
        db.session.rollback()


def test_a_page_that_is_only_looked_at_may_note_something_in_a_transaction_of_its_own(app):
    db.session.rollback()
    with app.test_request_context("/"):
        with writing() as connection:
            connection.execute(update(Counter).values(value=5))
        assert db.session.get_one(Counter, "n").value == 5
        db.session.rollback()


def test_what_was_committed_is_on_disk_and_written_ahead(app):
    assert db.session.scalar(text("PRAGMA synchronous")) == 2  # FULL
    assert db.session.scalar(text("PRAGMA journal_mode")) == "wal"
    assert db.session.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_savepoint_is_part_of_the_transaction_around_it(app):
    db.session.get_one(Counter, "n").value = 1
    with db.session.begin_nested():
        db.session.get_one(Counter, "n").value = 2
    db.session.rollback()
    assert value() == 0


def test_one_gate_for_one_file(path):
    assert gate_of(str(path)) is gate_of(str(path))
    assert gate_of(str(path)) is not gate_of(f"{path}2")


def test_every_connection_is_one_of_ours(app):
    assert isinstance(db.session.connection().connection.driver_connection, GatedConnection)


def test_a_moment_without_a_zone_is_refused():
    kind = UTCDateTime()
    with pytest.raises(ValueError, match="time zone"):
        kind.process_bind_param(datetime(2026, 11, 22), None)
    assert kind.process_result_value(datetime(2026, 11, 22), None) == datetime(2026, 11, 22, tzinfo=UTC)
