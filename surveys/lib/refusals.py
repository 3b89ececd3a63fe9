"""How a refusal is shown: one page in the reader's language, with a number that is found in the log."""

from __future__ import annotations

import secrets
from typing import Any

import structlog
from flask import Flask, Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from jinja2 import Template
from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from surveys.lib.db import SAFE_METHODS, db
from surveys.lib.errors import Busy, Refused, TooMany
from surveys.lib.i18n import _
from surveys.lib.logs import masked

log = structlog.get_logger()
RETRY_AFTER = 5  # seconds
OUT_OF_RANGE = "22003"


def page(status: int, message: str = "", *, retry_after: int | None = None) -> Response:
    """The page for this status; templates/errors/<status>.html when there is one, else the general one."""
    db.session.rollback()
    number = secrets.token_hex(4)
    log.info("refused", status=status, id=number, method=request.method, path=masked(request.path))
    names: list[str | Template] = [f"errors/{status}.html", "errors/error.html"]
    answer = make_response(render_template(names, message=message, error_id=number, status=status), status)
    if retry_after is not None:
        answer.headers["Retry-After"] = str(retry_after)
    return answer


def install(app: Flask) -> None:
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(Busy, _busy)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(PoolTimeout, _busy)
    app.register_error_handler(DataError, _unfit)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _failed)


def _refused(error: Refused) -> Response:
    return page(error.status, error.message, retry_after=error.retry_after if isinstance(error, TooMany) else None)


def _busy(error: Exception) -> Response:
    """The database would not let us in, or went away: try again in a moment (R-24, R-25)."""
    log.warning("database_busy", error=str(error.orig if isinstance(error, DBAPIError) else error))
    return page(503, retry_after=RETRY_AFTER)


def _unfit(error: DataError) -> Response:
    """A number beyond what PostgreSQL keeps in that column: no row has it, and none can be given it."""
    if getattr(error.orig, "sqlstate", "") != OUT_OF_RANGE:
        return _failed(error)
    return page(404 if request.method in SAFE_METHODS else 400)


def _stale(_error: StaleDataError) -> Response:
    message = _("Somebody changed this at the same moment. Nothing of yours was saved; please look and try again.")
    return page(409, message)


def _forged(_error: CSRFError) -> Response:
    message = _("This form is too old or came from another page. Go back, reload the page and send it again.")
    return page(403, message)


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    return page(error.code)


def _failed(error: Exception) -> Response:
    db.session.rollback()
    number = secrets.token_hex(4)
    log.error("failed", id=number, method=request.method, path=masked(request.path), exc_info=error)
    return make_response(
        render_template(["errors/500.html", "errors/error.html"], message="", error_id=number, status=500), 500
    )
