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
from surveys.lib.prepared import Read, Write
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
    broken._compiled["sqlite"] = prepared.Compiled("SELECT nothing FROM nowhere", {}, (), ())
    with pytest.raises(OperationalError):
        broken.first()
