"""What every test may ask for: an application on an empty database, and people to ask it with.

`app` is fresh for each test and stands in its context; `client` is nobody, `admin`, `lead`, `agent`,
`product_manager` and `viewer` are logged in (`.user` is their row). The test's own session ends its transaction before
each request and forgets what it knew after it, so that a test reads what the request left behind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from sqlalchemy import event, update
from werkzeug.test import TestResponse

from surveys.app import create_app, flask_settings
from surveys.auth.models import StaffUser
from surveys.config import Config, prepared
from surveys.lib import clock, tokens
from surveys.lib.access import Role
from surveys.lib.db import db
from surveys.lib.tokens import keyring
from surveys.settings.models import Organisation
from tests import factories

if TYPE_CHECKING:
    from tests.databases import Start

pytest_plugins = ["tests.databases", "tests.reporting", "tests.browsers"]

DUPLICATE_ID = re.compile(r'\sid="([^"]+)"')
CSRF_FIELD = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, so that at the end no worker waits for another's."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


class Client(FlaskClient):
    """A browser without script; strict about every page it gets."""

    user: StaffUser

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        db.session.commit()
        for name in list(g):  # the test's own context would be shared by all requests
            g.pop(name)
        response = super().open(*args, **kwargs)
        db.session.rollback()
        db.session.expire_all()
        if response.mimetype == "text/html" and not response.is_streamed:
            check_page(response.text)
        return response

    def token(self, path: str) -> str:
        """The CSRF token of the form on a page."""
        found = CSRF_FIELD.search(self.get(path).text)
        assert found, f"there is no form on {path}"
        return found[1]


def check_page(text: str) -> None:
    """What must hold on every page we serve."""
    assert re.search(r"<html[^>]* lang=", text), "a page without a language"
    assert re.search(r"<title>\s*\S", text), "a page without a title"
    ids = DUPLICATE_ID.findall(text)
    assert len(ids) == len(set(ids)), f"an id twice: {sorted(i for i in set(ids) if ids.count(i) > 1)}"
    assert not re.search(r"\son[a-z]+=|<script(?![^>]*src=)(?![^>]*application/json)", text), "a script inside a page"


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    """Templates are compiled once a run, not once an application."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def make_app(tmp_path: Path, compiled_templates: BytecodeCache) -> Iterator[Callable[..., Flask]]:
    """Make an application with these settings; its database has every table."""
    made: list[Flask] = []

    def make(url: str, **settings: Any) -> Flask:
        checks_forms = settings.pop("csrf", False)
        app = create_app(settings_for(url, tmp_path, **settings))
        app.config.update(TESTING=False, WTF_CSRF_ENABLED=checks_forms)
        app.jinja_env.bytecode_cache = compiled_templates
        app.test_client_class = Client
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def settings_for(url: str, folder: Path, **settings: Any) -> Config:
    values = {"data_dir": folder / "data", "database_url": url, "base_url": "http://localhost", **settings}
    return prepared(Config.model_validate(values))


@pytest.fixture(scope="session")
def kept_app(tmp_path_factory: pytest.TempPathFactory, compiled_templates: BytecodeCache) -> Flask:
    """One application for all tests of a run: making it takes longer than most tests. `app` moves it house."""
    folder = tmp_path_factory.mktemp("app")
    app = create_app(settings_for(f"sqlite:///{folder / 'koe.db'}", folder))
    app.config.update(TESTING=False, WTF_CSRF_ENABLED=False)
    app.jinja_env.bytecode_cache = compiled_templates
    app.test_client_class = Client
    return app


@pytest.fixture
def app(kept_app: Flask, database_url: str, tmp_path: Path, start: Start) -> Iterator[Flask]:
    """The application on an empty database with what an installation starts with; the test stands in its context.

    CSRF is off so that tests may post without reading a form first; tests of CSRF make an application of their own.
    """
    config = settings_for(database_url, tmp_path)
    kept, extensions = dict(kept_app.config), dict(kept_app.extensions)
    kept_app.extensions["koe.config"] = config
    kept_app.extensions["koe.keyring"] = keyring(config.data_dir / "token-keys.json")
    kept_app.config.update(flask_settings(config), WTF_CSRF_ENABLED=False)
    engine = start.engine(database_url)
    with kept_app.app_context():
        db.engines[None] = engine
        if start.copy(engine):
            db.session.execute(update(Organisation).values(address_mark=tokens.address_mark()))
            db.session.commit()
        else:
            factories.make_ready()
            db.session.commit()
            start.keep(engine)
        yield kept_app
        db.session.remove()
    engine.dispose()
    kept_app.config.clear()
    kept_app.config.update(kept)
    kept_app.extensions.clear()
    kept_app.extensions.update(extensions)


@pytest.fixture
def client(app: Flask) -> Client:
    return app.test_client()  # type: ignore[return-value]


@pytest.fixture
def log_in(app: Flask) -> Callable[[Role], Client]:
    """Log a fresh user of a role in."""

    def make(role: Role, **values: Any) -> Client:
        client = app.test_client()
        client.user = factories.make_user(role=role, **values)
        factories.log_in(client, client.user)
        return client  # type: ignore[return-value]

    return make


@pytest.fixture
def admin(log_in: Callable[[Role], Client]) -> Client:
    return log_in(Role.ADMIN)


@pytest.fixture
def lead(log_in: Callable[[Role], Client]) -> Client:
    return log_in(Role.LEAD)


@pytest.fixture
def agent(log_in: Callable[[Role], Client]) -> Client:
    return log_in(Role.AGENT)


@pytest.fixture
def product_manager(log_in: Callable[[Role], Client]) -> Client:
    return log_in(Role.PRODUCT)


@pytest.fixture
def viewer(log_in: Callable[[Role], Client]) -> Client:
    return log_in(Role.VIEWER)


@pytest.fixture
def count_queries(app: Flask) -> Callable[[], Any]:
    """`with count_queries() as seen: …`, then `len(seen)` and the statements themselves."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    return counting


@pytest.fixture
def standing() -> Iterator[datetime]:
    """The clock stands still: Friday, 20 November 2026, 10:00 in Tokyo."""
    with clock.at(datetime.fromisoformat("2026-11-20T10:00:00+09:00")):
        yield clock.now()
