"""Many at once and a killed server: what was confirmed is there, once, and nothing else is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from surveys.intake import nonces
from surveys.lib import clock
from surveys.lib.db import db
from surveys.measures.queries import Scope, counts, drift
from surveys.responses.models import Response, ResponseChange
from tests import factories
from tests.benchmarks.test_submissions import free_port
from tests.intake.customers import link

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def issued(invitation) -> str:
    """The nonce of a form that was opened five seconds ago."""
    with clock.at(clock.now() - timedelta(seconds=5)):
        return nonces.issue(invitation.id, invitation.version_id)


def post(address: str, path: str, **fields: object) -> int:
    """The status; 0 when the server went away."""
    connection = HTTPConnection(address.removeprefix("http://"), timeout=30)
    try:
        connection.request("POST", path, urlencode(fields), FORM)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        connection.close()


def press(address: str, path: str, **fields: object) -> int:
    """Send the form, and again while the page says that it could not be saved at this moment."""
    while (status := post(address, path, **fields)) == 503:
        time.sleep(0.2)
    return status


def at_once(jobs) -> None:
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.slow
def test_fifty_postings_at_once_leave_one_answer_and_the_whole_history(served, monkeypatch):
    """R-21, X-02."""
    monkeypatch.setattr("surveys.intake.actions.receive.__kwdefaults__", {"by": None, "most": 1000})
    invitation = factories.make_invitation()
    path = link(invitation)
    forms = [
        {"nonce": issued(invitation), "shown_in": "en", "score": at % 11, "comment": f"words {at}"} for at in range(50)
    ]
    db.session.commit()
    statuses: list[int] = []
    at_once([lambda form=form: statuses.append(press(served, path, **form)) for form in forms])
    db.session.rollback()
    response = db.session.scalars(select(Response)).one()
    entries = db.session.scalars(select(ResponseChange).order_by(ResponseChange.id)).all()
    assert statuses == [303] * 50
    assert sorted(entry.comment for entry in entries) == sorted(form["comment"] for form in forms)
    assert (response.score, response.comment) == (entries[-1].score, entries[-1].comment)
    assert (counts(Scope())["nps"].n, drift()) == (1, [])


@pytest.mark.slow
def test_one_form_pressed_fifty_times_at_once_is_one_answer(served):
    """R-21."""
    invitation = factories.make_invitation()
    path, nonce = link(invitation), issued(invitation)
    db.session.commit()
    statuses: list[int] = []
    form = {"nonce": nonce, "shown_in": "en", "score": 8, "comment": ""}
    at_once([lambda: statuses.append(press(served, path, **form))] * 50)
    db.session.rollback()
    assert statuses == [303] * 50
    assert db.session.scalar(select(func.count()).select_from(ResponseChange)) == 1
    assert (counts(Scope())["nps"].scores[8], drift()) == (1, [])


@pytest.mark.storm
def test_what_was_confirmed_survives_a_server_that_is_killed(app, database_url):
    """R-20: postings run while the server is killed again and again; each confirmed one is stored, once."""
    config = app.extensions["koe.config"]
    environ = {
        "KOE_DATA_DIR": str(config.data_dir),
        "KOE_DATABASE_URL": database_url,
        "KOE_BASE_URL": "http://localhost",
    }
    campaign = factories.make_campaign()
    invitations = [factories.make_invitation(campaign=campaign) for _ in range(300)]
    forms = [
        (each.id, link(each), {"nonce": issued(each), "shown_in": "en", "score": each.id % 11, "comment": "kept"})
        for each in invitations
    ]
    db.session.commit()
    confirmed: dict[int, int] = {}
    waiting = list(forms)
    port = free_port()
    for round_number in range(5):
        server = start(port, environ)
        killer = threading.Timer(
            0.2 + 0.15 * round_number, lambda process=server: os.killpg(process.pid, signal.SIGKILL)
        )
        killer.start()
        while waiting and server.poll() is None:
            number, path, form = waiting[0]
            status = post(f"http://127.0.0.1:{port}", path, **form)
            if status == 303:
                confirmed[number] = int(form["score"])
            if status:
                waiting.pop(0)
        killer.join()
        server.wait()
    server = start(port, environ)
    for number, path, form in waiting:
        assert post(f"http://127.0.0.1:{port}", path, **form) == 303
        confirmed[number] = int(form["score"])
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()
    db.session.rollback()
    kept = dict(list(db.session.execute(select(Response.invitation_id, Response.score))))
    assert kept == confirmed
    assert len(kept) == len(forms)
    assert db.session.scalar(select(func.count()).select_from(ResponseChange)) == len(forms)
    assert drift() == []


def start(port: int, environ: dict[str, str], *, target: str = "surveys.app:create_app") -> subprocess.Popen[bytes]:
    options = ["--interface", "wsgi", "--factory", "--workers", "1", "--blocking-threads", "4", "--log-level", "error"]
    server = subprocess.Popen(
        [sys.executable, "-m", "granian", *options, "--port", str(port), target],
        env=os.environ | environ,
        cwd=Path(__file__).parents[2],
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            probe = HTTPConnection(f"127.0.0.1:{port}", timeout=5)
            probe.request("GET", "/healthz")
            probe.getresponse().read()
            probe.close()
        except (OSError, HTTPException):
            time.sleep(0.1)
        else:
            return server
    raise AssertionError("the server did not start")
