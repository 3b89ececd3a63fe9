"""When something breaks while an answer comes in: it is stored whole or not at all, and the page says what to do."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from sqlalchemy import event, func, select, text
from structlog.testing import capture_logs

from surveys.intake import nonces
from surveys.lib import clock, prepared
from surveys.lib.db import db
from surveys.measures.queries import Scope, counts, drift
from surveys.responses.models import Response, ResponseChange
from tests import factories
from tests.databases import OTHERS, plain
from tests.intake.customers import link, nonce_on
from tests.intake.test_storm import issued, post

WORDS = "Keep these words"
NOT_SAVED = "could not be saved"
EVERY = 12  # calls from one kill to the next


def form_of(invitation, score=8, comment=WORDS) -> dict[str, str]:
    return {"nonce": issued(invitation), "shown_in": "en", "score": str(score), "comment": comment}


def all_are_stored_once(number: int) -> None:
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Response)) == number
    assert db.session.scalar(select(func.count()).select_from(ResponseChange)) == number
    assert (sum(each.n for each in counts(Scope()).values()), drift()) == (number, [])


def says_what_to_do(page, began: float) -> None:
    """Said within the time a person waits, with the words still in the form and nothing of them in the address."""
    assert time.monotonic() - began < 8
    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    assert NOT_SAVED in page.text and WORDS in page.text


@pytest.mark.slow
def test_a_worker_that_is_killed_at_any_step_leaves_a_whole_answer_or_none(app, client, database_url):
    """R-20: a real process, killed a few calls later each time; the browser sends the same form again."""
    campaign = factories.make_campaign()
    campaign.version.freeze()
    invitations = [factories.make_invitation(campaign=campaign) for _ in range(60)]
    forms = [(link(each), form_of(each, each.id % 11)) for each in invitations]
    db.session.commit()
    settings = {"data_dir": str(app.extensions["koe.config"].data_dir), "database_url": database_url}
    command = [sys.executable, "-m", "tests.intake.killed"]
    ran = subprocess.run(
        command,
        input=json.dumps([{**settings, "base_url": "http://localhost"}, forms, EVERY]),
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=True,
        env=os.environ,
    )
    told = json.loads(ran.stdout.splitlines()[-1])
    assert told["status"] == 0 and told["killed"] >= 5
    sent = forms[: told["killed"] + 1]
    stored = db.session.scalar(select(func.count()).select_from(Response)) or 0
    all_are_stored_once(stored)
    assert 1 <= stored < len(sent)
    for path, form in sent:
        assert client.post(path, data=form).status_code == 303
    all_are_stored_once(len(sent))


@contextmanager
def connections(first_words: str):
    """New connections are opened with these words, the ones that were there are closed; as before afterwards."""

    def opened(connection, _record) -> None:
        connection.execute(first_words)
        connection.commit()

    def forget() -> None:
        db.session.rollback()
        prepared._forget_reader()
        db.engine.dispose()

    event.listen(db.engine, "connect", opened)
    forget()
    try:
        yield
    finally:
        event.remove(db.engine, "connect", opened)
        forget()


@pytest.mark.only("sqlite")
def test_a_full_disk_is_said_with_the_words_kept_and_heals_by_itself(client):
    """R-23: the file may not grow by a page; the same form goes through when there is room again."""
    invitation = factories.make_invitation()
    path, form = link(invitation), form_of(invitation, comment=WORDS + " and more" * 500)
    db.session.commit()
    pages = db.session.execute(text("PRAGMA page_count")).scalar_one()
    with connections(f"PRAGMA max_page_count={pages}"):
        began = time.monotonic()
        says_what_to_do(client.post(path, data=form), began)
        assert client.get(path).status_code == 200  # reading goes on
    all_are_stored_once(0)
    assert client.post(path, data=form).status_code == 303
    all_are_stored_once(1)


@pytest.mark.only("sqlite")
def test_a_database_that_may_only_be_read_is_said_with_the_words_kept_too(client):
    """R-25."""
    invitation = factories.make_invitation()
    path, form = link(invitation), form_of(invitation)
    db.session.commit()
    with connections("PRAGMA query_only=ON"):
        began = time.monotonic()
        says_what_to_do(client.post(path, data=form), began)
        assert client.get(path).status_code == 200
    all_are_stored_once(0)
    assert client.post(path, data=form).status_code == 303
    all_are_stored_once(1)


@pytest.mark.only("postgresql")
def test_a_database_that_may_only_be_read_is_said_with_the_words_kept(client):
    """R-25."""
    invitation = factories.make_invitation()
    path, form = link(invitation), form_of(invitation)
    db.session.commit()
    with connections("SET SESSION default_transaction_read_only = on"):
        began = time.monotonic()
        says_what_to_do(client.post(path, data=form), began)
        assert client.get(path).status_code == 200
    all_are_stored_once(0)
    assert client.post(path, data=form).status_code == 303
    all_are_stored_once(1)


@pytest.mark.slow
@pytest.mark.only("postgresql")
def test_a_table_held_for_more_than_five_seconds_is_said_and_nothing_hangs(client):
    """R-25 and X-19: the answer would wait for the counts; the log has neither the link nor the words."""
    invitation = factories.make_invitation()
    path, form = link(invitation), form_of(invitation)
    db.session.commit()
    with capture_logs() as told, psycopg.connect(plain(db.engine.url)) as stranger:
        stranger.execute("LOCK TABLE measure IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        says_what_to_do(client.post(path, data=form), began)
        stranger.rollback()
    assert [entry["event"] for entry in told] == ["not_saved"]
    assert path.removeprefix("/s/") not in str(told) and WORDS not in str(told)
    all_are_stored_once(0)
    assert client.post(path, data=form).status_code == 303
    all_are_stored_once(1)


@pytest.mark.slow
@pytest.mark.only("postgresql")
def test_answers_survive_a_database_that_cuts_every_connection_again_and_again(served, client):
    """R-24: under load each confirmed answer is there, each other one was told, and the same forms go through later."""
    campaign = factories.make_campaign()
    campaign.version.freeze()
    invitations = [factories.make_invitation(campaign=campaign) for _ in range(120)]
    forms = [(link(each), form_of(each, each.id % 11)) for each in invitations]
    numbers = {link(each): each.id for each in invitations}
    db.session.commit()
    db.session.remove()
    statuses: dict[str, int] = {}
    waiting = iter(forms)
    lock = threading.Lock()

    def answer() -> None:
        while True:
            with lock:
                path, form = next(waiting, (None, None))
            if path is None:
                return
            statuses[path] = post(served, path, **form)

    threads = [threading.Thread(target=answer) for _ in range(4)]
    for thread in threads:
        thread.start()
    with psycopg.connect(plain(db.engine.url), autocommit=True) as stranger:
        while any(thread.is_alive() for thread in threads):
            time.sleep(0.4)
            stranger.execute(OTHERS)
    assert len(statuses) == len(forms)
    assert set(statuses.values()) == {303, 503}
    confirmed = {path for path, status in statuses.items() if status == 303}
    db.engine.dispose()
    prepared._forget_reader()
    gc.collect()  # this server has a thread for each request, and each its connection
    stored = set(db.session.scalars(select(Response.invitation_id)))
    assert {numbers[path] for path in confirmed} <= stored
    db.session.commit()
    for path, form in forms:
        assert client.post(path, data=form).status_code == 303
    all_are_stored_once(len(forms))


def test_a_page_opened_before_a_new_version_is_stored_under_the_one_that_was_shown(client):
    """R-29 by the way of the door: the wording that was kept is the one that was answered."""
    campaign = factories.make_campaign()
    campaign.version.freeze()
    first = factories.make_invitation(campaign=campaign)
    for each in (factories.make_invitation(campaign=campaign), first):
        client.get(link(each))
    shown = client.get(link(first))
    with clock.at(clock.now() + timedelta(seconds=5)):
        sent = {"nonce": nonce_on(shown), "shown_in": "en", "score": "8", "comment": ""}
        client.post(link(first), data=sent)
    assert db.session.scalars(select(Response.version_id)).one() == campaign.version_id


@pytest.mark.parametrize(
    "body",
    [b"[" * 10_000 + b"]" * 10_000, b"{" * 30_000, b"score=8&" * 2000, b"\xff\xfe" * 100, b"%00%00=%00", b"=" * 9000],
    ids=["deep", "open", "repeated", "bytes", "nul", "signs"],
)
def test_a_body_no_browser_sends_is_refused_with_the_form(client, body):
    """X-26, R-27."""
    invitation = factories.make_invitation()
    page = client.post(link(invitation), data=body, content_type="application/json")
    assert (page.status_code, "<form" in page.text) == (400, True)
    all_are_stored_once(0)


def test_a_body_beyond_all_measure_is_refused_before_it_is_read(client):
    """X-26: 100 MB that never come; who says so is not waited for."""
    path = link(factories.make_invitation())
    page = client.post(path, environ_overrides={"CONTENT_LENGTH": str(100 * 1024 * 1024)}, content_type="text/plain")
    assert (page.status_code, "5000" in page.text or "5,000" in page.text) == (413, True)


def test_a_flood_of_marks_on_one_letter_is_kept_as_it_was_written(client):
    """X-26, R-27: combining marks and joined emoji are characters like others."""
    invitation = factories.make_invitation()
    flood = "e" + "\u0301" * 2400 + "👩\u200d👧" * 800
    assert client.post(link(invitation), data=form_of(invitation, comment=flood)).status_code == 303
    assert db.session.scalars(select(Response.comment)).one() == flood


PROBES = ['"><x-probe>', "<script>alert(1)</script>", "</textarea><x-probe>", "{{7*7}}<x-probe>", "javascript:alert(1)"]


@pytest.mark.parametrize("probe", PROBES)
def test_what_somebody_writes_is_text_on_every_page_that_shows_it_again(client, probe):
    """X-05: the form with a mistake, the page of thanks, the form for a change."""
    invitation = factories.make_invitation()
    wrong = client.post(link(invitation), data=form_of(invitation, "99", probe))
    shown = client.post(link(invitation), data=form_of(invitation, 8, probe))
    thanks = client.get(shown.headers["Location"])
    change = client.get(f"{link(invitation)}?{shown.headers['Location'].partition('?')[2]}")
    for page in (wrong, thanks, change):
        assert "<x-probe>" not in page.text and "<script>alert" not in page.text
        assert "49<" not in page.text


@pytest.mark.parametrize("to", ["//evil.example", "https:evil.example", "\\\\evil", "/%5cevil", "a\r\nX-Evil: 1"])
def test_no_word_of_the_sender_leads_elsewhere(client, to):
    """X-08: neither a query nor a field nor a nonce decides where one goes after an answer."""
    invitation = factories.make_invitation()
    form = form_of(invitation) | {"next": to, "url": to}
    shown = client.post(f"{link(invitation)}?next={quote(to)}", data=form)
    assert shown.headers["Location"].startswith(f"{link(invitation)}/thanks?visit=")
    assert "evil" not in shown.headers["Location"] and "X-Evil" not in shown.headers
    forged = client.post(link(invitation), data=form | {"nonce": to})
    assert (forged.status_code, "Location" in forged.headers) == (400, False)


def test_a_nonce_is_good_for_one_invitation_only(client):
    """X-11: the form needs no cookie; what stands in it was signed for this link."""
    mine, other = factories.make_invitation(), factories.make_invitation()
    stolen = form_of(mine)
    assert client.post(link(other), data=stolen).status_code == 400
    old = nonces.issue(other.id, other.version_id)
    with clock.at(clock.now() + timedelta(hours=25)):
        assert client.post(link(other), data=stolen | {"nonce": old}).status_code == 400
    all_are_stored_once(0)
