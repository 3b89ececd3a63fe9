"""A kind of message that writes down what it was asked, a way out, and messages to send."""

from __future__ import annotations

from itertools import count

import pytest

from surveys.delivery import actions
from surveys.delivery.models import Message
from surveys.delivery.transport import SmtpTransport, Timeouts
from surveys.lib.db import db
from tests.delivery.rooms import Room
from tests.smtp import SmtpServer

QUICK = Timeouts(connect=2, command=2, dot=2, goodbye=0.5)


@pytest.fixture
def room():
    return Room()


@pytest.fixture
def replies():
    return Room(at_least_once=True, heeds_suppression=False)


@pytest.fixture
def kinds(room, replies):
    return {"survey": room.kind, "reply": replies.kind}


@pytest.fixture
def server():
    with SmtpServer() as running:
        yield running


@pytest.fixture
def transport(server):
    out = SmtpTransport(server.mail_server, timeouts=QUICK)
    yield out
    out.close()


@pytest.fixture
def plan(app):
    """Plan a mail and commit; its row."""
    numbers = count(1)

    def make(kind="survey", to=None, **values) -> Message:
        number = next(numbers)
        message = actions.queue(kind, number, to=to or f"person{number}@customer.example.com", **values)
        db.session.commit()
        return message

    return make


@pytest.fixture
def send(kinds, transport):
    """Send all that is due; how many were tried."""

    def all_due(**options) -> int:
        tried = 0
        while number := actions.send_due(kinds, transport, worker="test", **options):
            tried += number
        db.session.rollback()
        db.session.expire_all()
        return tried

    return all_due
