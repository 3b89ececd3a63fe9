"""The question for everybody who has the address: GET shows it, a POST by a person's press records (E-20, E-21)."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request

from surveys.intake import nonces
from surveys.intake.reading import Entered
from surveys.lib.access import public
from surveys.lib.db import db
from surveys.lib.forms import csrf
from surveys.openlinks import actions, pages, queries
from surveys.openlinks.models import OpenLink
from surveys.openlinks.views.room import bp, language_for, open_link_at, read_posting
from surveys.openlinks.views.taking import again, is_fine, posting
from surveys.questionnaires.questions import fields_of


@bp.get("/o/<token>")
@public
def answer(token: str) -> Any:
    """The question. `?visit=` comes from the thanks page: whoever just sent an answer may say it anew."""
    link = open_link_at(token)
    if link.is_kiosk:
        return redirect(pages.path(link), 303)
    visit = request.args.get("visit", "")
    given = queries.answer_of(link, visit) if nonces.read(pages.subject(link), visit) else None
    if given is None:
        return pages.form(link, Entered(), language_for(link))
    score = "" if given.score is None else str(given.score)
    chosen = fields_of(given.version.further, given.answers)
    entered = Entered(nonce=visit, visit=visit, score=score, comment=given.comment, further=chosen)
    return pages.form(link, entered, language_for(link, given.language), version=given.version)


@bp.post("/o/<token>")
@csrf.exempt  # type: ignore[untyped-decorator]
@public
def answer_posted(token: str) -> Any:
    link = open_link_at(token)
    if link.is_kiosk:
        return redirect(pages.path(link), 303)
    return taken(link, f"{pages.path(link)}/thanks?visit=")


@bp.get("/o/<token>/thanks")
@public
def thanks(token: str) -> Response:
    """What was just sent, to whoever just sent it; to everybody else only the thanks."""
    link = open_link_at(token)
    visit = request.args.get("visit", "")
    given = queries.answer_of(link, visit) if nonces.read(pages.subject(link), visit) else None
    language = language_for(link, given.language if given else "")
    return pages.thanks(link, given, language, change_url=f"{pages.path(link)}?visit={visit}")


def taken(link: OpenLink, then: str) -> Response:
    """What was posted, stored, and on to the page of thanks; or the form once more, with all that was entered."""
    sent = read_posting()
    nonce = nonces.read(pages.subject(link), sent.entered.nonce)
    if sent.entered.language or nonce is None or not is_fine(link, sent.entered, nonce):
        return again(link, sent.entered, nonce)
    actions.receive(link, posting(link, sent, nonce))
    db.session.commit()
    return Response(status=303, headers={"Location": f"{then}{nonce.text}"})
