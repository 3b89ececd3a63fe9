"""Statements that go past SQLAlchemy: the same values, the same errors, and no lasting harm from a lost connection."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError

from surveys.auth.models import Attempt, StaffUser
from surveys.lib import prepared
from surveys.lib.access import Role
from surveys.lib.db import db
from surveys.lib.prepared import NeedsSession, Read, Write, alone
from surveys.lib.statements import Compiled
from tests import factories

MOMENT = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)
ADD = Write(insert(Attempt).returning(Attempt.window, Attempt.count), sets=["key", "window", "count"])
FIND = Read(select(Attempt.window, Attempt.count).where(Attempt.key == bindparam("key")))
ROLE = Read(select(StaffUser.role, StaffUser.created_at).where(StaffUser.id == bindparam("id")))


def test_values_go_in_and_come_out_as_their_columns_say(app):
    assert ADD.run(key="a", window=MOMENT, count=3) == (MOMENT, 3)
    db.session.commit()
    assert FIND.first(key="a") == (MOMENT, 3)
    user = factories.make_user(role=Role.LEAD, created_at=MOMENT)
    assert ROLE.first(id=user.id) == (Role.LEAD, MOMENT)


def test_nothing_found_is_none(app):
    assert FIND.first(key="nobody") is None


def test_a_write_belongs_to_the_transaction_of_the_session(app):
    ADD.run(key="b", window=MOMENT, count=1)
    db.session.rollback()
    assert FIND.first(key="b") is None


def test_a_refused_write_is_refused_in_the_words_of_sqlalchemy(app):
    ADD.run(key="c", window=MOMENT, count=1)
    with pytest.raises(IntegrityError):
        ADD.run(key="c", window=MOMENT, count=2)
    db.session.rollback()


def test_a_read_survives_the_loss_of_its_connection(app):
    ADD.run(key="d", window=MOMENT, count=1)
    db.session.commit()
    assert FIND.first(key="d")
    prepared._kept.driver.close()
    assert FIND.first(key="d") == (MOMENT, 1)


@pytest.mark.only("sqlite")
def test_a_read_that_cannot_be_answered_says_so(app):
    broken = Read(select(Attempt.key).where(Attempt.key == bindparam("key")))
    broken._compiled["sqlite"] = Compiled("SELECT nothing FROM nowhere", {}, (), (), "", ())
    with pytest.raises(OperationalError):
        broken.first()


def test_a_transaction_of_its_own_ends_with_its_block_and_needs_no_session(app):
    with alone():
        ADD.later(key="e", window=MOMENT, count=1)
        assert ADD.run(key="f", window=MOMENT, count=2) == (MOMENT, 2)
        ADD.later(key="g", window=MOMENT, count=3)
    assert [FIND.first(key=key) for key in "efg"] == [(MOMENT, 1), (MOMENT, 2), (MOMENT, 3)]


def add_alone(*keys, then=None):
    """One row each in a transaction of its own; `then` comes last in it."""
    with alone():
        for key in keys[:-1]:
            ADD.later(key=key, window=MOMENT, count=1)
        ADD.run(key=keys[-1], window=MOMENT, count=1)
        if then is not None:
            then()


def _break():
    raise ZeroDivisionError


def test_what_fails_undoes_the_transaction_of_its_own(app):
    with pytest.raises(ZeroDivisionError):
        add_alone("h", then=_break)
    for keys in (["h", "h", "h"], ["h", "i", "h"]):
        with pytest.raises(IntegrityError):
            add_alone(*keys)
    assert (FIND.first(key="h"), FIND.first(key="i")) == (None, None)
    add_alone("h")
    assert FIND.first(key="h") == (MOMENT, 1)


def test_who_asks_for_the_session_inside_is_sent_back_and_nothing_is_left(app):
    db.session.commit()
    with pytest.raises(NeedsSession):
        add_alone("j", then=factories.make_user)
    db.session.rollback()
    assert FIND.first(key="j") is None
    assert factories.make_user().id
