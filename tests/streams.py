"""A file on its way to somebody, as a server sends it: its first block leaves before the rest is made."""

from __future__ import annotations

import contextvars
from collections.abc import Iterator
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder


def blocks_of(app: Flask, client: FlaskClient, path: str) -> Iterator[bytes]:
    """The blocks of this address, each made when it is asked for, in a context of its own: not in that of the test."""
    cookie = client.get_cookie("koe")
    assert cookie
    environ = EnvironBuilder(path, headers={"Cookie": f"koe={cookie.value}"}).get_environ()
    context = contextvars.Context()
    statuses: list[str] = []

    def begin(status: str, _headers: Any, _error: Any = None) -> Any:
        statuses.append(status)

    body = context.run(app, environ, begin)
    assert statuses == ["200 OK"]
    blocks = iter(body)
    try:
        while block := context.run(next, blocks, b""):
            yield block
    finally:
        context.run(getattr(body, "close", lambda: None))
