"""A stage: the application on a port of its own, which shows kept answers again beside its own pages."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse


class Stage:
    """Shows an answer as it was sent, under an address of its own, without the visit it belonged to."""

    def __init__(self, app: Flask) -> None:
        self.app, self.answers, self.address = app, list[TestResponse](), ""

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith("/shown/"):
            return self.app(environ, start_response)
        answer = self.answers[int(environ["PATH_INFO"].removeprefix("/shown/"))]
        start_response(answer.status, [(name, value) for name, value in answer.headers if name != "Set-Cookie"])
        return [answer.get_data()]

    def put(self, answer: TestResponse) -> str:
        """Where this answer can be seen."""
        self.answers.append(answer)
        return f"{self.address}/shown/{len(self.answers) - 1}"


@pytest.fixture
def stage(app: Flask) -> Iterator[Stage]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    made = Stage(app)
    server = make_server("127.0.0.1", 0, made, threaded=True)
    made.address = f"http://127.0.0.1:{server.server_port}"
    app.extensions["koe.config"] = app.extensions["koe.config"].model_copy(update={"base_url": made.address})
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()
