"""How the installation is, for machines and for an administrator."""

from __future__ import annotations

from collections import namedtuple
from datetime import timedelta

import flask_migrate
import pytest
from flask import current_app
from sqlalchemy import create_engine, text

from surveys.config import Misconfigured
from surveys.delivery.models import Message, MessageState
from surveys.lib import clock, tokens
from surveys.lib.db import db
from surveys.lib.errors import Refused
from surveys.reports import health
from tests import factories

Disk = namedtuple("Disk", "total used free")


@pytest.fixture
def migrated(app):
    """The tables stand; now the database also says so."""
    flask_migrate.stamp()
    return app


@pytest.fixture
def looked_at(migrated):
    """What is found, by name."""

    def look():
        return {each.name: each for each in health.findings(migrated.extensions["koe.config"])}

    return look


def message(**values):
    now = clock.now()
    defaults = {
        "kind": "ask",
        "subject_id": 1,
        "not_before": now,
        "created_at": now,
        "to_address": "a@example.com",
        "address_key": "x",
    }
    return factories.save(Message(**{**defaults, **values}))


def test_alive_asks_the_database_nothing(client, count_queries):
    with count_queries() as seen:
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json, seen) == (200, {"status": "ok"}, [])


def test_a_migrated_database_is_ready(client, migrated):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_a_database_of_another_koe_is_not_and_strangers_hear_no_more(client, migrated):
    db.session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    db.session.commit()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "not ready"})


def test_a_full_disk_is_not_ready(client, migrated, monkeypatch):
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _path: Disk(10, 9, 1))
    assert client.get("/readyz").status_code == 503


@pytest.mark.parametrize("url", ["sqlite:////nowhere/koe.db", "postgresql+psycopg://nobody@127.0.0.1:1/nothing"])
def test_a_database_that_is_down_is_a_plain_no(client, migrated, url):
    kept, db.engines[None] = db.engines[None], create_engine(url)
    db.session.remove()
    with migrated.app_context():
        answer = migrated.test_client().get("/readyz")
    db.session.remove()
    db.engines[None] = kept
    assert (answer.status_code, answer.json) == (503, {"status": "not ready"})


def test_everything_is_in_order(looked_at):
    assert [each.name for each in looked_at().values() if not each.is_ok] == []
    assert set(looked_at()) == set(health.NAMES)


@pytest.mark.parametrize(("number", "words"), [("9999", "upgrade Koe"), (None, "run koe migrate")])
def test_a_stale_schema_says_what_to_do(looked_at, number, words):
    db.session.execute(text("DELETE FROM alembic_version"))
    if number:
        db.session.execute(text("INSERT INTO alembic_version VALUES (:number)"), {"number": number})
    db.session.commit()
    found = looked_at()["schema"]
    assert (found.is_ok, words in found.words) == (False, True)
    with pytest.raises(Refused, match=words):
        health.refuse_stale_schema()


def test_other_keys_than_those_of_the_database_are_refused(client, looked_at, tmp_path):
    health.refuse_other_keys()
    current_app.extensions["koe.keyring"] = tokens.keyring(tmp_path / "other-keys.json")
    found = looked_at()["keys"]
    assert (found.is_ok, "token-keys.json" in found.words) == (False, True)
    with pytest.raises(Misconfigured, match=r"^KOE_DATA_DIR: token-keys.json"):
        health.refuse_other_keys()
    assert client.get("/readyz").status_code == 503


def test_mail_that_has_been_due_for_long_asks_for_the_worker(looked_at):
    message(not_before=clock.now() - timedelta(minutes=5))
    assert looked_at()["sending"].is_ok
    message(subject_id=2, not_before=clock.now() - timedelta(minutes=11))
    found = looked_at()["sending"]
    assert (found.is_ok, "is the worker running?" in found.words) == (False, True)


def test_overdue_mail_waits_for_a_person_and_not_for_the_worker(looked_at):
    message(not_before=clock.now() - timedelta(hours=49))
    found = looked_at()["sending"]
    assert (found.is_ok, "1 mail is overdue by more than two days" in found.words) == (False, True)


def test_unknown_outcomes_wait_for_a_person(looked_at):
    message(state=MessageState.UNKNOWN)
    found = looked_at()["unknown"]
    assert (found.is_ok, "1 mail with an unknown outcome waits" in found.words) == (False, True)


def test_the_page_shows_it_to_an_administrator(admin, migrated):
    page = admin.get("/settings/health")
    assert page.status_code == 200
    for name in health.NAMES.values():
        assert str(name) in page.text
    assert "no mail is overdue" in page.text


def test_and_to_nobody_else(lead, migrated):
    assert lead.get("/settings/health").status_code == 403
