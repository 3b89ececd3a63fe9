"""Workers killed or stopped at any moment: one copy each, and what nobody can know is listed (R-01, 02, 12, 14)."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from surveys.delivery import actions
from surveys.delivery.models import Message, MessageState
from surveys.lib import clock
from surveys.lib.db import db, reading
from tests.delivery import worker
from tests.delivery.rooms import LONG
from tests.smtp import calls

PHASES = ("connect", "ehlo", "mail", "rcpt", "data")
FINAL = (MessageState.ACCEPTED, MessageState.UNKNOWN)
DEADLINE = 60


FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.delivery.worker"])


class Worker:
    """One process that sends mails until it is killed."""

    def __init__(self, app, server, *, lease=2.0, dies=False):
        config, ready = app.extensions["koe.config"], FORKS.Event()
        order = {"url": config.database, "data_dir": str(config.data_dir), "port": server.port, "lease": lease}
        self.process = FORKS.Process(target=worker.main, args=(ready,), kwargs=order | {"dies": dies}, daemon=True)
        self.process.start()
        assert ready.wait(DEADLINE)

    @property
    def is_dead(self):
        return not self.process.is_alive()

    def kill(self):
        self.signal(signal.SIGKILL)

    def signal(self, number):
        os.kill(self.process.pid, number)

    def end(self):
        if not self.is_dead:
            self.signal(signal.SIGCONT)
            self.kill()
        self.process.join()


@contextmanager
def workers(app, server, count=1, **options):
    db.session.rollback()
    running = [Worker(app, server, **options) for _ in range(count)]
    try:
        yield running
    finally:
        for each in running:
            each.end()


def state_of(message):
    db.session.rollback()
    with reading():
        return db.session.scalar(select(Message.state).where(Message.id == message.id))


def wait_for(done, what, patience=DEADLINE):
    deadline = time.monotonic() + patience
    while not done():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


def open_rows():
    db.session.rollback()
    with reading():
        return db.session.scalar(select(func.count()).select_from(Message).where(Message.state.not_in(FINAL)))


def copies(server):
    """How many copies of each mail the server took."""
    return Counter(line for mail in server.mails for line in mail.data.split(b"\r\n") if line.startswith(b"Message-ID"))


def die_at(app, server, phase, plan, **what):
    """Plan a mail and have the worker that takes it killed at this phase; the mail."""
    with workers(app, server) as [first]:
        server.at(phase, calls(first.kill))
        message = plan(**what)
        db.session.rollback()
        wait_for(lambda: first.is_dead, "the death of the worker")
    return message


@pytest.mark.parametrize("phase", [*PHASES, "body"])
def test_a_worker_killed_before_the_dot_leaves_a_mail_that_another_sends_once(app, plan, server, phase):
    message = die_at(app, server, phase, plan, sequence=LONG if phase == "body" else 0)
    assert state_of(message) is MessageState.CLAIMED
    with workers(app, server):
        wait_for(lambda: state_of(message) is MessageState.ACCEPTED, "the second worker")
    assert list(copies(server).values()) == [1]


def test_a_worker_killed_before_it_connects_leaves_a_mail_that_another_sends_once(app, plan, server):
    message = plan()
    with workers(app, server, dies=True) as [first]:
        wait_for(lambda: first.is_dead, "the death of the worker")
    assert (state_of(message), server.connections) == (MessageState.CLAIMED, 0)
    with workers(app, server):
        wait_for(lambda: state_of(message) is MessageState.ACCEPTED, "the second worker")
    assert list(copies(server).values()) == [1]


def test_a_worker_killed_after_the_dot_leaves_an_unknown_that_nobody_sends_by_himself(app, plan, server):
    message = die_at(app, server, "dot", plan)
    assert state_of(message) is MessageState.SENDING
    with workers(app, server):
        wait_for(lambda: state_of(message) is MessageState.UNKNOWN, "the lease to end")
        time.sleep(0.5)
        assert len(server.mails) == 1
        db.session.get(Message, message.id, populate_existing=True).send_again()
        db.session.commit()
        wait_for(lambda: state_of(message) is MessageState.ACCEPTED, "the mail that was sent again")
    assert server.mails[0].data == server.mails[1].data


def test_a_reply_whose_worker_was_killed_after_the_dot_goes_out_again_by_itself(app, plan, server, kinds):
    message = die_at(app, server, "dot", plan, kind="reply")
    with clock.at(clock.now() + timedelta(minutes=1)):
        assert actions.free_next(kinds)
    assert state_of(message) is MessageState.PLANNED
    message.not_before = clock.now()
    db.session.commit()
    with workers(app, server):
        wait_for(lambda: state_of(message) is MessageState.ACCEPTED, "the second worker")
    assert server.mails[0].data == server.mails[1].data


def test_a_worker_stopped_longer_than_its_lease_does_not_send_what_another_sent(app, plan, server):
    stopped = []
    with workers(app, server, 2, lease=1.0) as pair:

        def stop_whoever_asks():
            owner = _owner(app)
            stopped.extend(each for each in pair if str(each.process.pid) == owner)
            stopped[0].signal(signal.SIGSTOP)

        server.at("data", calls(stop_whoever_asks, then_closes=False))
        message = plan()
        db.session.rollback()
        wait_for(lambda: state_of(message) is MessageState.ACCEPTED, "the other worker")
        stopped[0].signal(signal.SIGCONT)
        time.sleep(1)
        assert not stopped[0].is_dead
    assert list(copies(server).values()) == [1]


@pytest.mark.parametrize("count", [2, 3])
def test_several_workers_send_each_mail_once(app, server, count):
    actions.queue_all("survey", [(number, f"p{number}@example.com") for number in range(60)])
    db.session.commit()
    with workers(app, server, count):
        wait_for(lambda: open_rows() == 0, "all mails")
    assert (len(copies(server)), set(copies(server).values())) == (60, {1})


def test_workers_killed_at_random_send_each_mail_at_most_once(app, server):
    _storm(app, server, mails=100, crews=4, seed=20261122)


@pytest.mark.storm
@pytest.mark.parametrize("seed", range(20))
def test_workers_killed_at_random_by_many_seeds(app, server, seed):
    _storm(app, server, mails=500, crews=10, seed=seed)


@pytest.mark.storm
def test_ten_thousand_mails_and_workers_killed_every_two_seconds(app, server):
    _storm(app, server, mails=10_000, crews=60, seed=1, pause=2.0)


@pytest.mark.storm
@pytest.mark.parametrize("round_", range(20))
@pytest.mark.parametrize("phase", [*PHASES, "body", "dot"])
def test_a_worker_killed_at_a_phase_after_a_random_number_of_mails(app, server, phase, round_):
    before = random.Random(round_).randrange(5)
    actions.queue_all("survey", [(number, f"p{number}@example.com") for number in range(8)])
    db.session.commit()
    with workers(app, server) as [first]:
        wait_for(lambda: len(server.mails) >= min(before, 8), "the first mails")
        server.at(phase, calls(first.kill))
        wait_for(lambda: first.is_dead or open_rows() == 0, "the death of the worker")
    with workers(app, server):
        wait_for(lambda: open_rows() == 0, "all mails")
    _check(server, 8)


def _storm(app, server, *, mails, crews, seed, pause=0.6):
    """Three workers at a time, killed together every moment or two, until a last crew may finish."""
    dice = random.Random(seed)
    actions.queue_all("survey", [(number, f"p{number}@example.com") for number in range(mails)])
    db.session.commit()
    for _ in range(crews):
        with workers(app, server, 3, lease=1.0):
            time.sleep(dice.uniform(0.05, pause))
    with workers(app, server, 3, lease=1.0):
        wait_for(lambda: open_rows() == 0, f"all mails (seed {seed})", patience=DEADLINE + mails / 5)
    _check(server, mails, seed)


def _check(server, mails, seed=None):
    """No mail twice; the mails that are missing are exactly among the unknown ones."""
    db.session.rollback()
    states = dict(db.session.execute(select(Message.state, func.count()).group_by(Message.state)).all())
    counted = copies(server)
    unknown = states.get(MessageState.UNKNOWN, 0)
    assert sum(states.values()) == mails, seed
    assert set(counted.values()) == {1}, seed
    assert states.get(MessageState.ACCEPTED, 0) <= len(counted) <= states.get(MessageState.ACCEPTED, 0) + unknown, seed
    accepted = db.session.scalars(select(Message.message_id).where(Message.state == MessageState.ACCEPTED))
    assert {f"Message-ID: {each}".encode() for each in accepted} <= set(counted), seed


def _owner(app):
    """Who holds the only mail there is."""
    with app.app_context(), reading():
        return db.session.scalar(select(Message.claimed_by))
