"""The worker's loop: one failure, or a database that is busy, never ends it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from surveys.lib import clock, jobs
from surveys.lib.db import db, gate_of
from surveys.lib.jobs import Job, JobRun


def test_a_periodic_job_runs_once_a_slot(app):
    runs = []
    job = Job("count", lambda: bool(runs.append(1)), timedelta(hours=1))
    jobs.run_once([job])
    jobs.run_once([job])
    assert (len(runs), db.session.query(JobRun).count()) == (1, 1)


def test_runs_are_remembered_for_a_month(app):
    start = clock.now()
    job = Job("forget", jobs.forget_old_runs, timedelta(days=1))
    for days in (0, 20, 32):
        with clock.at(start + timedelta(days=days)):
            jobs.run_once([job])
    assert db.session.query(JobRun).count() == 2


def test_a_job_that_fails_does_not_stop_the_others(app):
    done = []

    def fail():
        raise RuntimeError("on purpose")

    jobs.run_once([Job("broken", fail), Job("next", lambda: bool(done.append(1)))])
    assert done == [1]


@pytest.mark.only("sqlite")
def test_a_busy_database_makes_the_worker_wait_and_not_end(app, monkeypatch):
    monkeypatch.setattr("surveys.lib.db.PATIENCE", 0.05)
    gate, runs = gate_of(db.engine.url.database), []
    job = Job("count", lambda: bool(runs.append(1)), timedelta(hours=1))
    db.session.remove()
    gate.enter()
    try:
        assert jobs.run_once([job]) == 0
    finally:
        gate.leave()
    jobs.run_once([job])
    assert runs == [1]
