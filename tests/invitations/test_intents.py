"""Score links that were fetched: remembered, written down aside, counted for staff and for nobody else (E-22)."""

from __future__ import annotations

import os
import signal
import time
from datetime import timedelta
from urllib.request import urlopen

import pytest
from sqlalchemy import delete, func, select

from surveys.delivery.actions import queue
from surveys.delivery.models import Message, MessageState
from surveys.intake.pages import MARKS
from surveys.invitations import intents
from surveys.invitations.models import Intent, Invitation, Outcome
from surveys.lib import clock
from surveys.lib.db import db, reading
from surveys.measures.queries import Scope, counts
from surveys.responses.models import Response
from tests import factories
from tests.benchmarks.test_submissions import free_port
from tests.intake.customers import answer, link
from tests.intake.test_storm import start


@pytest.fixture
def memory(app):
    intents.install(app, pause=0)
    return app.extensions[intents.NAME]


def written() -> list[tuple[int, int]]:
    with reading():
        return [tuple(row) for row in db.session.execute(select(Intent.invitation_id, Intent.times))]


def test_a_get_writes_nothing_and_what_it_remembers_is_written_aside(client, memory):
    """E-22: each way to the page, the composed one and the kept one, is remembered once a fetch."""
    invitation, silent = factories.make_invitation(), factories.make_invitation()
    invitation.version.freeze()
    db.session.commit()
    for _n in range(3):
        client.get(f"{link(invitation)}?score=8")
    client.get(link(silent))
    assert written() == []
    memory.write()
    assert written() == [(invitation.id, 3)]
    with clock.at(clock.now() + timedelta(days=2)):
        client.get(f"{link(invitation)}?score=3")
        memory.write()
    kept = db.session.scalars(select(Intent)).one()
    assert (kept.times, kept.last_at - kept.first_at > timedelta(days=1)) == (4, True)


def test_a_head_an_odd_score_and_a_page_without_one_are_no_intents(client, memory):
    invitation = factories.make_invitation()
    client.head(f"{link(invitation)}?score=8")
    for odd in ("?score=11", "?score=%EF%BC%98", "?score=", ""):
        client.get(f"{link(invitation)}{odd}")
    client.get("/s/1.AAAAAAAAAAAAAAAAAAAAAA?score=8")
    memory.write()
    assert written() == []


def test_an_intent_is_in_no_number_and_on_no_page_of_the_customer(client, memory):
    invitation = factories.make_invitation()
    client.get(f"{link(invitation)}?score=2")
    memory.write()
    assert db.session.scalar(select(func.count()).select_from(Response)) == 0
    assert sum(each.n for each in counts(Scope()).values()) == 0
    page = client.get(link(invitation)).text
    assert " checked" not in page and MARKS["token"] not in page
    answer(client, invitation, 9)
    assert counts(Scope())["nps"].scores[9] == 1


def test_the_campaign_says_at_how_many_addresses_a_link_was_opened(client, lead, memory):
    campaign = factories.make_campaign()
    for _n in range(2):
        invitation = factories.make_invitation(campaign=campaign)
        client.get(f"{link(invitation)}?score=8")
        client.get(f"{link(invitation)}?score=9")
    campaign.launched_at, campaign.state = clock.now(), "sending"
    db.session.commit()
    assert "score link was opened" not in lead.get(f"/campaigns/{campaign.id}").text
    memory.write()
    assert "2 addresses where a score link was opened (person or machine)" in lead.get(f"/campaigns/{campaign.id}").text


def test_a_mail_of_unknown_fate_whose_link_is_fetched_has_arrived(client, memory):
    """E-43."""
    invitation = factories.make_invitation(outcome=Outcome.UNKNOWN)
    sent = queue("ask", invitation.id, to="somebody@example.com")
    sent.state = MessageState.UNKNOWN
    db.session.commit()
    client.get(f"{link(invitation)}?score=8")
    memory.write()
    db.session.expire_all()
    assert db.session.get_one(Message, sent.id).state is MessageState.ACCEPTED


def test_an_intent_goes_with_its_invitation_and_one_of_nobody_is_not_kept(client, memory):
    gone, here = factories.make_invitation(), factories.make_invitation()
    client.get(f"{link(gone)}?score=8")
    memory.write()
    client.get(f"{link(gone)}?score=8")
    client.get(f"{link(here)}?score=8")
    db.session.execute(delete(Invitation).where(Invitation.id == gone.id))
    db.session.commit()
    assert written() == []
    memory.write()
    assert written() == [(here.id, 1)]


def test_what_was_fetched_is_forgotten_after_ninety_days(client, memory):
    """P-16."""
    client.get(f"{link(factories.make_invitation())}?score=8")
    memory.write()
    for days, left in ((89, 1), (91, 0)):
        with clock.at(clock.now() + timedelta(days=days)):
            intents.forget_old()
            db.session.commit()
        assert len(written()) == left


def test_a_database_that_is_away_costs_intents_and_nothing_else(client, memory, monkeypatch):
    invitation = factories.make_invitation()
    memory.add(invitation.id, clock.now())
    db.session.commit()
    with monkeypatch.context() as broken:
        broken.setattr(db.engine, "pool", type("Nothing", (), {"connect": _refuse})())
        memory.write()
    assert written() == []
    assert client.get(f"{link(invitation)}?score=8").status_code == 200


def _refuse(*_args, **_kwargs):
    from sqlalchemy.exc import OperationalError

    raise OperationalError("connect", None, Exception("away"))


@pytest.mark.slow
def test_a_server_writes_intents_by_itself_and_when_it_stops(app, database_url):
    invitation = factories.make_invitation()
    number, path = invitation.id, link(invitation)
    db.session.commit()  # from here on nothing of the test holds the database
    config = app.extensions["koe.config"]
    environ = {
        "KOE_DATA_DIR": str(config.data_dir),
        "KOE_DATABASE_URL": database_url,
        "KOE_BASE_URL": "http://localhost",
    }
    port = free_port()
    server = start(port, environ, target="surveys.app:serve")
    try:
        address = f"http://127.0.0.1:{port}{path}?score=8"
        urlopen(address).read()
        deadline = time.monotonic() + 30
        while not written() and time.monotonic() < deadline:
            time.sleep(0.2)
        assert written() == [(number, 1)]
        urlopen(address).read()
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)
        assert written() == [(number, 2)]
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
