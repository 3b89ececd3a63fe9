"""What the strangers' pages share: the way in by token, and what is said when something is in the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import RequestEntityTooLarge

from surveys.auth import limits
from surveys.intake import late, nonces, reading
from surveys.intake import pages as public
from surveys.intake.queries import questions
from surveys.lib import clock, tokens
from surveys.lib.db import db, noting
from surveys.lib.errors import Busy, Refused, TooMany
from surveys.lib.i18n import _, languages_of, speaking
from surveys.lib.logs import masked
from surveys.lib.tokens import Purpose
from surveys.openlinks import forms, pages, queries
from surveys.openlinks.models import OpenLink, State
from surveys.settings.queries import organisation

log = structlog.get_logger()
bp = Blueprint("openlinks_door", __name__)  # its own: what goes wrong here is told to a stranger, not to a colleague

BAD_TOKENS: Final = limits.Limit("bad-token", 30, timedelta(minutes=1))  # counted with those of mailed links
RETRY_AFTER: Final = "5"  # seconds


class Gone(Refused):
    """The address leads nowhere; why is nobody's business (X-01)."""

    status = 404


class NotOpen(Refused):
    """The right address at the wrong time."""

    def __init__(self, link: OpenLink, state: State) -> None:
        super().__init__("", status=404 if state is State.PLANNED else 410)
        self.link, self.state = link, state


def link_at(token: str) -> OpenLink:
    """The link of this address. Raises `Gone` for every address that leads nowhere, and for a shut one."""
    found = tokens.read_renewable(Purpose.OPEN, token)
    if found is None:
        with noting():
            limits.spend(BAD_TOKENS, limits.network_of(request.remote_addr))
        raise Gone("")
    link = queries.at_address(*found)
    if link is None:
        raise Gone("")
    return link


def open_link_at(token: str) -> OpenLink:
    """The same, when it is open today. Raises `NotOpen` before its first day and after its last."""
    link = link_at(token)
    state = link.state_on(clock.today(organisation().timezone))
    if state is not State.OPEN:
        raise NotOpen(link, state)
    return link


def read_posting() -> forms.Sent:
    request.max_content_length = reading.LARGEST_BODY
    return forms.read(request.get_data())


def language_for(link: OpenLink, *wished: str) -> str:
    """What was asked for, else what the browser asks for; at a tablet nobody's browser says anything about anybody."""
    own = () if link.is_kiosk else (languages_of(request.headers.get("Accept-Language", "")),)
    return pages.language_of(link, *wished, request.args.get("language", ""), *own)


@bp.errorhandler(Gone)
def gone(_error: Gone) -> Response:
    """The neutral page, but for the words of somebody who opened the form before its address was shut."""
    db.session.rollback()
    found, language = _numbers(), reading.spoken()
    link = queries.known(found[0]) if found else None
    words = _given_back(link, language) if link else {}
    if words:
        return public.standalone("late", language, 404, **words)
    return pages.moved(language) if request.endpoint == "openlinks_door.kiosk" else public.neutral(language)


@bp.errorhandler(NotOpen)
def not_open(error: NotOpen) -> Response:
    db.session.rollback()
    language = language_for(error.link, reading.posted().shown_in)
    words = _given_back(error.link, language)
    return pages.page("not_open", error.link, language, error.status, state=error.state, is_late=bool(words), **words)


def _given_back(link: OpenLink, language: str) -> dict[str, str]:
    """What was written in a form of ours that comes too late; at a tablet the next person would read it."""
    entered = reading.posted()
    nonce = nonces.read(pages.subject(link), entered.nonce, good_for=nonces.A_LONG_TIME)
    if nonce is None or link.is_kiosk:
        return {}
    with speaking(language):
        words = late.words(entered, questions(nonce.version_id), language, pages.values(link, language))
        return {"words": words, "mail_to": late.mail_to(link.brand.answers_to, words)}


@bp.errorhandler(TooMany)
def too_many(error: TooMany) -> Response:
    """More than is taken from one network: what was written comes back, to be sent again in a moment (X-12)."""
    db.session.rollback()
    found, entered = _numbers(), reading.posted()
    link = queries.at_address(*found) if found else None
    if link is None:
        answer = public.standalone("busy", reading.spoken(), 429)
    else:
        language = language_for(link, entered.shown_in)
        with speaking(language):
            message = _(
                "Many answers are coming in at this moment. What you wrote is still here; please send it again."
            )
        answer = pages.form(link, entered, language, status=429, message=message)
    answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _numbers() -> tuple[int, int] | None:
    """Which link a form was sent to, and the edition of its address."""
    token = str((request.view_args or {}).get("token", ""))
    return tokens.read_renewable(Purpose.OPEN, token) if request.method == "POST" else None


@bp.errorhandler(413)
def too_long(_error: RequestEntityTooLarge) -> Response:
    db.session.rollback()
    found = _numbers()
    link = queries.at_address(*found) if found else None
    language = language_for(link) if link else languages_of(request.headers.get("Accept-Language", ""))
    return public.standalone("too_long", language, 413, most=reading.LONGEST_COMMENT)


@bp.errorhandler(Busy)
@bp.errorhandler(OperationalError)
@bp.errorhandler(PoolTimeout)
def not_saved(error: Exception) -> Response:
    """Nothing was stored, and nothing of what was written is lost (R-23, R-25)."""
    db.session.rollback()
    cause = error.orig if isinstance(error, DBAPIError) else error
    log.warning("not_saved", path=masked(request.path), error=str(cause))
    template = "not_saved" if request.method == "POST" else "busy"
    answer = public.standalone(template, reading.spoken(), 503, entered=reading.posted())
    answer.headers["Retry-After"] = RETRY_AFTER
    return answer
