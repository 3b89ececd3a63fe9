"""The door before Flask is no way of its own: what it answers and stores is what Flask would have (E-20, E-21, X-20, X-21)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from werkzeug.test import Client

from surveys.intake import door
from surveys.lib import clock
from surveys.lib.db import db
from surveys.responses.models import Response, ResponseChange
from tests import factories
from tests.intake.customers import answer, link, nonce_on
from tests.intake.test_further import QUESTIONS

OWN = re.compile(r"/[su]/[0-9A-Za-z]+\.[\w-]+|[0-9]+-[0-9]+-[0-9a-f]{8}-[fcm][0-9a-f]*\.[\w-]+")


@pytest.fixture
def flask(app):
    """A client that comes in behind the door."""
    assert isinstance(app.wsgi_app, door.Door)
    return Client(app.wsgi_app.inside)


@pytest.fixture
def at_door(app):
    """A client that gets no further than the door."""

    def shut(_environ, _start_response):
        raise AssertionError("the door sent it on")

    return Client(door.Door(app, shut, https=False))


@pytest.fixture
def two(client):
    """Two people who were asked the same; whoever comes by the door finds a page that was composed before."""
    campaign = factories.make_campaign()
    campaign.version.questions = QUESTIONS
    campaign.version.freeze()
    db.session.commit()
    answer(client, factories.make_invitation(campaign=campaign), 2)  # leaves in memory what the door needs
    found = [factories.make_invitation(campaign=campaign) for _ in range(2)]
    db.session.commit()
    return found


def alike(page):
    """A response without what is personal in it."""
    headers = sorted(
        (name, OWN.sub("…", value)) for name, value in page.headers if name not in ("Date", "Content-Length")
    )
    return page.status, headers, OWN.sub("…", page.get_data(as_text=True))


def stored(invitation):
    """The rows of an answer without their numbers and their nonce."""
    db.session.rollback()
    found = db.session.scalars(select(Response).where(Response.invitation_id == invitation.id)).one()
    change = db.session.scalars(select(ResponseChange).where(ResponseChange.response_id == found.id)).one()
    db.session.refresh(invitation)
    leave = {"id", "invitation_id", "contact_id", "account_id", "response_id", "nonce"}
    rows = (found, change)
    facts = [{c.key: getattr(row, c.key) for c in row.__table__.columns if c.key not in leave} for row in rows]
    return [*facts, invitation.answered_at]


@pytest.mark.parametrize("query", ["", "?score=8", "?score=0", "?score=11", "?score=", "?visit=x", "?score=8&x=1"])
def test_a_page_is_the_same_on_both_ways(client, flask, two, query):
    client.get(f"{link(two[0])}{query}")
    assert alike(client.get(f"{link(two[0])}{query}")) == alike(flask.get(f"{link(two[1])}{query}"))


@pytest.mark.parametrize(
    "fields",
    [
        {"score": "9"},
        {"score": "2", "comment": "Zwei\r\nZeilen 😀", "contact": "yes", "shown_in": "ja"},
        {"score": "2", "q1": "2", "q2.1": "1", "q3": "5", "q4": "no", "q5": "x", "q9": "y"},
        {"score": "9", "website": "x"},
        {"score": "9", "visit": "x"},
    ],
)
@pytest.mark.parametrize("reading", [timedelta(seconds=5), timedelta(milliseconds=300)])
def test_an_answer_is_the_same_on_both_ways(client, flask, at_door, two, standing, fields, reading):
    client.get(link(two[0]))
    ways = [link(each) for each in two]
    nonces = [nonce_on(client.get(way)) for way in ways]
    db.session.commit()  # the door has a connection of its own
    sent = [{"shown_in": "en"} | fields | {"nonce": nonce} for nonce in nonces]
    with clock.at(standing + reading):
        mine, theirs = at_door.post(ways[0], data=sent[0]), flask.post(ways[1], data=sent[1])
    assert mine.status_code == 303 and alike(mine) == alike(theirs)
    assert stored(two[0]) == stored(two[1])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"score=9",
        b"score=9&score=8&nonce=%(nonce)s",
        b"score=11&nonce=%(nonce)s",
        b"score=9&comment=%%00&nonce=%(nonce)s",
        b"score=9&comment=%%ff&nonce=%(nonce)s",
        b"score=9&language=ja&q1=2&nonce=%(nonce)s",
        b"score=9&q3=7&nonce=%(nonce)s",
        b"score=9&comment=" + b"x" * 5001 + b"&nonce=%(nonce)s",
    ],
)
def test_what_is_no_answer_comes_back_the_same_on_both_ways(client, flask, two, standing, body):
    nonces = [nonce_on(client.get(link(each))) for each in two]
    kind = "application/x-www-form-urlencoded"
    bodies = [body % {b"nonce": nonce.encode()} if b"%(" in body else body for nonce in nonces]
    with clock.at(standing + timedelta(seconds=5)):
        mine = client.post(link(two[0]), data=bodies[0], content_type=kind)
        theirs = flask.post(link(two[1]), data=bodies[1], content_type=kind)
    assert mine.status_code in (200, 400) and alike(mine) == alike(theirs)
    assert len(db.session.scalars(select(Response)).all()) == 1


class Torn:
    """What a client sends, when reading it fails in a way that nobody foresaw."""

    def read(self, *_most: int) -> bytes:
        raise ZeroDivisionError("a defect")


def test_an_error_at_the_door_is_told_by_flask_with_its_page_and_its_number(client):
    """The customer gets a page, the log gets the error, nothing is stored."""
    invitation = factories.make_invitation()
    torn = {"wsgi.input": Torn(), "CONTENT_LENGTH": "20", "CONTENT_TYPE": "application/x-www-form-urlencoded"}
    answer = client.post(link(invitation), environ_overrides=torn)
    assert answer.status_code == 500
    assert "<html" in answer.text and "Content-Security-Policy" in answer.headers
    assert db.session.scalars(select(Response)).all() == []
