"""What the customer's pages share: the way in by token, the neutral page, the page when the database is away."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from surveys.auth import limits
from surveys.intake import door, pages, queries, reading, sheets
from surveys.intake.queries import Asked
from surveys.lib import tokens
from surveys.lib.db import db, noting
from surveys.lib.errors import Busy, Refused
from surveys.lib.logs import masked
from surveys.lib.tokens import Purpose

log = structlog.get_logger()
bp = Blueprint("intake", __name__)
bp.add_app_template_global(sheets.stylesheet, "public_css")

BAD_TOKENS: Final = limits.Limit("bad-token", 30, timedelta(minutes=1))
RETRY_AFTER: Final = "5"  # seconds


class Gone(Refused):
    """The link leads nowhere; why is nobody's business (X-01)."""

    status = 404


class Late(Gone):
    """Somebody opened the form in time and sent it when the link led nowhere any more."""


def asked_by(token: str, *, or_withdrawn: bool = False, or_over: bool = False) -> Asked:
    """What the holder of this survey link was asked. Raises `Gone` for every kind of link that leads nowhere.

    `or_withdrawn`: also when the answer was taken back and the time to give another is over; `or_over`: also when
    only that time is over.
    """
    invitation_id = number_in(Purpose.SURVEY, token)
    door.raise_again(request.environ)
    asked = door.asked_before(request.environ, invitation_id) or queries.asked(invitation_id)
    if asked is None or (asked.is_gone and not or_over and not (or_withdrawn and asked.withdrawn_at)):
        raise Gone("")
    return asked


def number_in(purpose: Purpose, token: str) -> int:
    """The row a token of ours is about; a bad one is counted against the network it came from (X-01)."""
    number = tokens.read_token(purpose, token)
    if number is None:
        with noting():
            limits.spend(BAD_TOKENS, limits.network_of(request.remote_addr))
        raise Gone("")
    return number


def kept(status: int) -> Response:
    """A page with all that was sent, to be sent once more; asks the database nothing."""
    template = "busy"
    if request.method == "POST":
        template = "not_saved" if request.endpoint == "intake.answer_posted" else "not_done"
    shown = {"entered": reading.posted(), "sent": list(request.form.items(multi=True))}
    return pages.standalone(template, reading.spoken(), status, **shown)


@bp.errorhandler(Gone)
def gone(_error: Gone) -> Response:
    db.session.rollback()
    return pages.neutral(reading.spoken())


@bp.errorhandler(Busy)
@bp.errorhandler(OperationalError)
@bp.errorhandler(InternalError)  # PostgreSQL that may only be read
@bp.errorhandler(PoolTimeout)
def not_saved(error: Exception) -> Response:
    """Nothing was stored, and nothing of what was written is lost (R-23, R-25)."""
    db.session.rollback()
    cause = error.orig if isinstance(error, DBAPIError) else error
    log.warning("not_saved", path=masked(request.path), error=str(cause))
    answer = kept(503)
    answer.headers["Retry-After"] = RETRY_AFTER
    return answer
