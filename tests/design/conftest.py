"""The gallery as a web site of its own, for a browser to look at."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from werkzeug.serving import make_server

from surveys.lib.db import db
from tests import factories
from tests.design import gallery as pages


@pytest.fixture
def gallery_app(make_app: Callable[..., Flask], sqlite_template: Path, tmp_path: Path) -> Flask:
    """The application with the gallery in it; which database it has does not matter here."""
    file = tmp_path / "gallery.db"
    shutil.copy(sqlite_template, file)
    app = make_app(f"sqlite:///{file}")
    pages.install(app)
    with app.app_context():
        factories.make_ready()
        db.session.commit()
        db.session.remove()
    return app


@pytest.fixture
def site(gallery_app: Flask) -> Iterator[str]:
    """The address of the application while a server shows it."""
    server = make_server("127.0.0.1", 0, gallery_app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def gallery(site: str) -> str:
    """The address of the pages with the components."""
    return f"{site}/gallery"
