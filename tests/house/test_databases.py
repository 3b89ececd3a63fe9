"""The test databases themselves: the server of the wheel, and that each test starts empty."""

from __future__ import annotations

import psycopg
from sqlalchemy import create_engine, make_url, text

from tests.databases import embedded_server, plain


def test_the_server_that_comes_as_a_wheel_starts_and_stops():
    server = embedded_server()
    assert server.url, server.reason
    try:
        url = server.create("koe_test_probe")
        with psycopg.connect(plain(url)) as connection:
            assert connection.execute("SELECT current_database()").fetchone() == ("koe_test_probe",)
    finally:
        server.stop()
    assert not server.folder.exists()


def test_a_bare_database_has_no_table(bare_database_url):
    engine = create_engine(make_url(bare_database_url))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE left_over (id INTEGER)"))
    engine.dispose()
