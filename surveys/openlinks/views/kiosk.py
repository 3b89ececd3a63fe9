"""The tablet on a counter: the question fills the page, comes back by itself, and waits for nobody's network."""

from __future__ import annotations

from typing import Any, Final

from flask import Response, current_app, json, jsonify, redirect, request

from surveys.intake import nonces
from surveys.intake.reading import Entered
from surveys.lib import clock
from surveys.lib.access import public
from surveys.lib.db import db
from surveys.lib.forms import csrf
from surveys.openlinks import actions, pages
from surveys.openlinks.models import State
from surveys.openlinks.views.answering import taken
from surveys.openlinks.views.room import (
    NotOpen,
    bp,
    language_for,
    link_at,
    open_link_at,
    read_posting,
)
from surveys.openlinks.views.taking import is_fine, posting
from surveys.settings.queries import organisation

THANKED: Final = 8  # seconds
WORDS: Final = {404: "moved", 410: "shut", 413: "refused", 429: "later", 503: "later"}


@bp.get("/o/<token>/kiosk")
@public
def kiosk(token: str) -> Any:
    link = open_link_at(token)
    if not link.is_kiosk:
        return redirect(pages.path(link), 303)
    return pages.form(link, Entered(), language_for(link))


@bp.post("/o/<token>/kiosk")
@csrf.exempt  # type: ignore[untyped-decorator]
@public
def kiosk_posted(token: str) -> Any:
    """From the form, or later from the device, which names each answer and says when it was given."""
    link, sent = link_at(token), read_posting()
    if not sent.is_from_device:
        return taken(open_link_at(token), f"{pages.path(link)}/thanks?visit=")
    # It may have its page from last spring: what it sends is authorised by the address, which staff can renew.
    nonce = nonces.read(pages.subject(link), sent.entered.nonce, good_for=nonces.A_LONG_TIME)
    if nonce is None or not is_fine(link, sent.entered, nonce):
        return jsonify(refused=True), 400
    given = posting(link, sent, nonce)
    if not link.takes(given.answered_at, clock.now(), organisation().timezone):
        raise NotOpen(link, State.CLOSED)
    actions.receive(link, given)
    db.session.commit()
    return jsonify(stored=True)


@bp.after_request
def in_a_word(answer: Response) -> Response:
    """A device that hands in an answer reads no pages: a word of ours says what becomes of it."""
    word = WORDS.get(answer.status_code)
    if word and not answer.is_json and request.headers.get("Accept") == "application/json":
        answer.set_data(json.dumps({word: True}))
        answer.content_type = "application/json"
    return answer


@bp.get("/o/<token>/kiosk/thanks")
@public
def kiosk_thanks(token: str) -> Any:
    """For a tablet without script: thanks, and back to the question by itself, for nobody may be there to press."""
    link = open_link_at(token)
    if not link.is_kiosk:
        return redirect(pages.path(link), 303)
    answer = pages.page("kiosk_thanks", link, language_for(link))
    answer.headers["Refresh"] = f"{THANKED}; url={pages.path(link)}"
    return answer


@bp.get("/o/<token>/worker.js")
@public
def worker(token: str) -> Response:
    """What keeps the page on the tablet while there is no network; it may look after the pages of this link only."""
    link_at(token)
    answer = current_app.send_static_file("js/kiosk-worker.js")
    answer.headers["Content-Type"] = "text/javascript; charset=utf-8"
    answer.headers["Cache-Control"] = "no-store"
    return answer
