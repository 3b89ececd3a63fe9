"""Counters that all workers share (X-12)."""

from datetime import timedelta
from threading import Thread

import pytest

from surveys.auth import limits
from surveys.auth.models import Attempt
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.errors import TooMany

THREE = limits.Limit("test", 3, timedelta(minutes=10))


def spend(subject="someone"):
    limits.spend(THREE, subject)
    db.session.commit()


def test_the_fourth_try_of_three_is_one_too_many_and_says_how_long_to_wait(app, standing):
    for _try in range(3):
        spend()
    with pytest.raises(TooMany) as refused:
        spend()
    assert 0 < refused.value.retry_after <= 601
    db.session.rollback()


def test_subjects_do_not_disturb_each_other_and_are_not_kept_readable(app):
    for _try in range(3):
        spend("one@example.com")
    spend("two@example.com")
    assert all("example" not in key for key in db.session.scalars(db.select(Attempt.key)))


def test_a_refused_try_does_not_count_so_that_waiting_helps(app, standing):
    for _try in range(3):
        spend()
    for _try in range(5):
        with pytest.raises(TooMany):
            limits.spend(THREE, "someone")
        db.session.rollback()
    with clock.at(standing + timedelta(minutes=20)):
        spend()


def test_tries_at_the_end_of_one_window_still_weigh_in_the_next(app, standing):
    with clock.at(standing + timedelta(minutes=9)):
        for _try in range(3):
            spend()
    with clock.at(standing + timedelta(minutes=10, seconds=30)), pytest.raises(TooMany):
        spend()


def test_a_try_given_back_can_be_made_again(app):
    for _try in range(3):
        spend()
    limits.refund(THREE, "someone")
    spend()


def test_many_at_once_are_all_counted(app):
    """More threads than tries: exactly as many get through as may, whichever database keeps the count."""
    passed = []

    def one():
        with app.app_context():
            try:
                spend("crowd")
            except TooMany:
                db.session.rollback()
            else:
                passed.append(1)
            finally:
                db.session.remove()

    db.session.rollback()
    threads = [Thread(target=one) for _number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 3


def test_old_counters_are_dropped(app, standing):
    spend()
    with clock.at(standing + timedelta(days=2)):
        limits.forget_old_tries()
        assert db.session.scalar(db.select(db.func.count()).select_from(Attempt)) == 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (None, ""),
        ("unknown", ""),
    ],
)
def test_an_ipv6_subscriber_is_one_network(address, network):
    assert limits.network_of(address) == network
