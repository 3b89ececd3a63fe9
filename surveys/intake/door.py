"""What thousands do at once, past Flask: open the page of a link, and send its form for the first time.

Flask's own work is more than ours here. Only what needs no words of its own is done at the door: a page whose wording
was composed before, an answer that is right. Whatever else comes – a token that is none of ours, somebody who answered
already, a form with a mistake, a database that is away – goes on to Flask, which decides as if nobody stood here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, TypeVar

from flask import Flask
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from surveys.intake import actions, forms, nonces, pages, queries, sent
from surveys.intake.queries import Asked
from surveys.invitations import intents
from surveys.lib import clock, headers, tokens
from surveys.lib.errors import Busy, Refused
from surveys.lib.prepared import NeedsSession, alone
from surveys.lib.tokens import Purpose
from surveys.responses.models import Source

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SCORES: Final = {"": "", **{f"score={score}": str(score) for score in range(11)}}
Found = TypeVar("Found")
# Where the view finds what was asked here already, so that a page is one query on both ways, and what went wrong.
ASKED: Final = "koe.asked"
FAILED: Final = "koe.failed"


class Door:
    """Stands before the application and lets through what is not its own."""

    def __init__(self, app: Flask, inside: WSGIApplication, *, https: bool) -> None:
        self.app, self.inside = app, inside
        self.headers = [("Content-Type", pages.HTML), *headers.TOKEN_HEADERS, *([headers.STRICT] if https else [])]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        if path.startswith("/s/"):
            if environ["REQUEST_METHOD"] == "GET":
                score = SCORES.get(environ.get("QUERY_STRING", ""))
                page = None if score is None else self._page(environ, path[3:], score)
                if page is not None:
                    body, policy = page
                    return self._answer(start_response, "200 OK", body, ("Content-Security-Policy", policy))
            elif environ["REQUEST_METHOD"] == "POST":
                place = self._place(environ, path[3:])
                if place is not None:
                    plain = ("Content-Security-Policy", headers.POLICY)
                    return self._answer(start_response, "303 SEE OTHER", b"", plain, ("Location", place))
        return self.inside(environ, start_response)

    def _answer(
        self, start_response: StartResponse, status: str, body: bytes, *more: tuple[str, str]
    ) -> Iterable[bytes]:
        start_response(status, [*self.headers, ("Content-Length", str(len(body))), *more])
        return [body]

    def _page(self, environ: WSGIEnvironment, token: str, score: str) -> tuple[bytes, str] | None:
        with self.app.app_context():
            return _told_inside(environ, partial(_first_view, environ, token, score))

    def _place(self, environ: WSGIEnvironment, token: str) -> str | None:
        with self.app.app_context():
            return _told_inside(environ, partial(_first_answer, environ, token))


def install(app: Flask, *, https: bool) -> None:
    app.wsgi_app = Door(app, app.wsgi_app, https=https)  # type: ignore[method-assign]


def asked_before(environ: dict[str, Any], invitation_id: int) -> Asked | None:
    """What the door read of this invitation a moment ago."""
    asked: Asked | None = environ.pop(ASKED, None)
    return asked if asked is not None and asked.invitation_id == invitation_id else None


def raise_again(environ: dict[str, Any]) -> None:
    """What kept the door from storing an answer is told by the view: waiting for the database once is enough."""
    failed: Exception | None = environ.pop(FAILED, None)
    if failed is not None:
        raise failed


def _told_inside(environ: WSGIEnvironment, work: Callable[[], Found | None]) -> Found | None:
    """What this work finds; whatever goes wrong is raised again by the view, for Flask has a page and a log for it."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 nothing is kept quiet: it is raised again inside
        environ[FAILED] = error
        return None


def _first_view(environ: WSGIEnvironment, token: str, score: str) -> tuple[bytes, str] | None:
    """The page and its policy, when it is the usual one."""
    number = tokens.read_token(Purpose.SURVEY, token)
    if number is None:
        return None
    with suppress(DBAPIError, PoolTimeout):
        environ[ASKED] = asked = queries.asked(number)
        if asked is not None and not asked.is_answered and not asked.is_gone:
            kept = pages.kept(asked, score)
            if kept is not None:
                if score:
                    intents.seen(number)
                return pages.joined(kept, pages.links_of(asked, token)), kept.policy
    return None


def _first_answer(environ: WSGIEnvironment, token: str) -> str | None:
    """Store the answer, when there is nothing to say about it; where its sender goes then."""
    number = tokens.read_token(Purpose.SURVEY, token)
    body = None if number is None else _body(environ)
    if number is None or body is None:
        return None
    try:
        return _taken(number, token, body, sent.sender_in(environ))
    except (DBAPIError, PoolTimeout, Busy) as error:
        environ[FAILED] = error
    except (NeedsSession, Refused):
        pass
    return None


def _taken(number: int, token: str, body: bytes, sender: sent.Sender) -> str | None:
    entered = forms.read(body)
    nonce = nonces.read(number, entered.nonce)
    if nonce is None or entered.language:
        return None
    so_far = sent.standing_for(number, sender)
    if so_far is None or so_far.response_id is not None or so_far.is_closed(clock.now()):
        return None
    questions = queries.questions_in_memory(nonce.version_id)
    further = None if questions is None else forms.further_in(entered, so_far, questions)
    if further is None or not forms.is_fine(entered, so_far, further):
        return None
    so_far = so_far._replace(version_id=nonce.version_id)
    with alone():
        actions.receive(Source.PAGE, so_far, sent.posting(entered, so_far, nonce, further, sender))
    return f"/s/{token}/thanks?visit={nonce.text}"


def _body(environ: WSGIEnvironment) -> bytes | None:
    """All that was sent, left for the next reader too; None when it is too much, or of unknown length."""
    length = environ.get("CONTENT_LENGTH") or ""
    if not length.isascii() or not length.isdigit() or int(length) > forms.LARGEST_BODY:
        return None
    body: bytes = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(body)
    return body if len(body) == int(length) else None
