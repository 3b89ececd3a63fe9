"""A page may not ask the database for longer than anybody waits; background work may (X-26)."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import text

from surveys.lib.db import db, limit_statements

pytestmark = pytest.mark.only("postgresql")

HOW_LONG = """
import sys
from sqlalchemy import text
from surveys import app
from surveys.lib.db import db
with getattr(app, sys.argv[1])().app_context():
    print(db.session.scalar(text("SHOW statement_timeout")))
"""


def test_a_page_that_asks_too_long_is_refused_as_busy_and_the_next_one_is_served(make_app, database_url):
    app = make_app(database_url)

    @app.get("/slow-on-purpose/<seconds>")
    def slow(seconds):
        return str(db.session.scalar(text(f"SELECT 'awake' FROM pg_sleep({seconds})")))

    with app.app_context():
        limit_statements(db.engine, timedelta(seconds=0.3))
        client = app.test_client()
        refused = client.get("/slow-on-purpose/30")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert client.get("/slow-on-purpose/0").text == "awake"


@pytest.mark.parametrize(("made_by", "longest"), [("serve", "5s"), ("create_app", "0")])
def test_what_serves_pages_is_limited_and_what_works_behind_them_is_not(tmp_path, database_url, made_by, longest):
    settings = {"KOE_DATA_DIR": str(tmp_path / "data"), "KOE_DATABASE_URL": database_url}
    command = [sys.executable, "-c", HOW_LONG, made_by]
    done = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == longest
