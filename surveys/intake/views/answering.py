"""The question and the answer: GET and HEAD show and store nothing, a POST by a person's press records (E-20, E-21)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from flask import Response, redirect, request
from werkzeug.exceptions import RequestEntityTooLarge

from surveys.auth import limits
from surveys.intake import actions, forms, nonces, pages, queries
from surveys.intake.actions import Closed
from surveys.intake.forms import Entered
from surveys.intake.nonces import Nonce
from surveys.intake.pages import Links
from surveys.intake.queries import Asked
from surveys.intake.views.room import Gone, asked_by, bp, number_in
from surveys.lib import clock, tokens
from surveys.lib.access import public
from surveys.lib.db import db, noting
from surveys.lib.errors import TooMany
from surveys.lib.forms import csrf
from surveys.lib.i18n import _, languages_of, speaking
from surveys.lib.tokens import Purpose
from surveys.responses.evidence import Posting
from surveys.responses.models import Source
from surveys.responses.queries import Standing, standing_before
from surveys.settings.queries import organisation

TRAP: Final = limits.Limit("trap", 1000, timedelta(minutes=2))
ROBOT: Final = re.compile(r"bot/|crawler|spider|prefetch|link-?preview|urlscan", re.IGNORECASE)


@bp.get("/s/<token>")
@public
def answer(token: str) -> Response:
    """The page of one question. `?score=` chooses; `?visit=` comes from the receipt of the visit that answered."""
    asked = asked_by(token)
    score = request.args.get("score", "")
    if not forms.SCORE.fullmatch(score):
        score = ""
    return _answered(asked, token, score) if asked.is_answered else pages.first_view(asked, token, score)


@bp.post("/s/<token>")
@csrf.exempt  # type: ignore[untyped-decorator]
@public
def answer_posted(token: str) -> Any:
    number = number_in(Purpose.SURVEY, token)
    request.max_content_length = forms.LARGEST_BODY
    entered = forms.read(request.get_data())
    so_far = standing_before(number, trap=trap_key(), trap_since=clock.now() - TRAP.span)
    if so_far is None or so_far.is_closed(clock.now()):
        raise Gone("")
    nonce = nonces.read(number, entered.nonce)
    if entered.language:
        return _in_other_words(number, token, entered)
    if nonce is None or not forms.is_fine(entered, so_far):
        return _again(number, token, _with_problems(entered, so_far, nonce), 400)
    posting = _posting(entered, so_far, nonce)
    actions.receive(Source.PAGE, so_far._replace(version_id=nonce.version_id), posting)
    db.session.commit()
    return Response(status=303, headers={"Location": f"/s/{token}/thanks?visit={nonce.text}"})


@bp.errorhandler(Closed)
def closed(_error: Closed) -> Any:
    """The days in which it could be changed are over: the page says so."""
    db.session.rollback()
    return redirect(request.path, 303)


@bp.errorhandler(TooMany)
def too_many(error: TooMany) -> Response:
    """Sent too often (X-12): the form comes back with all that was entered."""
    db.session.rollback()
    number = tokens.read_token(Purpose.SURVEY, str((request.view_args or {}).get("token", "")))
    if number is None or request.method != "POST":
        language = languages_of(request.headers.get("Accept-Language", ""))
        answer = pages.standalone("busy", language, 429)
    else:
        answer = _again(number, request.path.split("/")[2], forms.read(request.get_data()), 429, message=error.message)
    answer.headers["Retry-After"] = str(error.retry_after)
    return answer


@bp.errorhandler(413)
def too_long(_error: RequestEntityTooLarge) -> Response:
    """More than is read at all: said plainly, for the words are still in the browser."""
    db.session.rollback()
    language = languages_of(request.headers.get("Accept-Language", ""))
    return pages.standalone("too_long", language, 413, most=forms.LONGEST_COMMENT)


@bp.get("/s/<token>/more")
@public
def more(token: str) -> Response:
    """Where nobody who reads the page goes: notes that a machine came by (E-23), and shows nothing."""
    number_in(Purpose.SURVEY, token)
    if request.method == "GET":
        with noting():
            limits.note(trap_key(), clock.now())
    raise Gone("")


def trap_key() -> str:
    """Under which a machine of this network and this kind of browser is noted; not readable back."""
    network = limits.network_of(request.remote_addr)
    return tokens.hidden(f"trap\x1f{network}\x1f{request.headers.get('User-Agent', '')}")


def _posting(entered: Entered, so_far: Standing, nonce: Nonce) -> Posting:
    number = so_far.invitation_id or 0
    return Posting(
        score=forms.score_in(entered.score, so_far.low, so_far.high),
        comment=entered.comment,
        wants_contact=entered.wants_contact,
        language=entered.shown_in or so_far.language,
        nonce=nonce.text,
        issued_at=nonce.issued_at,
        at=clock.now(),
        is_change=nonce.is_change,
        replaces_comment=bool(entered.visit) and nonces.read(number, entered.visit) is not None,
        filled_honeypot=entered.filled_honeypot,
        said_prefetch=_said_prefetch(),
        was_trapped=so_far.was_trapped,
    )


def _said_prefetch() -> bool:
    kept = request.headers
    return "prefetch" in (kept.get("Sec-Purpose", "") + kept.get("Purpose", "")) or bool(
        ROBOT.search(kept.get("User-Agent", ""))
    )


def _with_problems(entered: Entered, so_far: Standing, nonce: Nonce | None) -> Entered:
    with speaking(entered.shown_in or so_far.language):
        if entered.is_broken:
            return replace(entered, problems={"form": _("This form did not arrive whole. Please send it again.")})
        found = forms.problems(entered, so_far)
        if nonce is None:
            found["form"] = _("This page was open for a long time. What you wrote is still here; please send it again.")
        return replace(entered, problems=found)


def _in_other_words(number: int, token: str, entered: Entered) -> Response:
    """The same page in another language, with what was entered; nothing is stored."""
    return _again(number, token, replace(entered, shown_in=entered.language), 200)


def _again(number: int, token: str, entered: Entered, status: int, *, message: str = "") -> Response:
    """The form once more, with all that was entered."""
    db.session.rollback()
    asked = queries.asked(number)
    if asked is None:
        raise Gone("")
    nonce = entered.nonce if nonces.read(number, entered.nonce) else nonces.issue(number, asked.version_id)
    links = Links(token, tokens.token(Purpose.OPT_OUT, number), nonce)
    return pages.answer(pages.form(asked, links, entered, message=message), status)


def _answered(asked: Asked, token: str, score: str) -> Response:
    """There is an answer: shown with its date, to be changed for some days; its words only for who wrote them."""
    number = asked.invitation_id
    links = Links(token, tokens.token(Purpose.OPT_OUT, number), "")
    with speaking(asked.language):
        receipt = receipt_text(asked)
        if not asked.is_editable:
            return pages.page("receipt", asked.language, receipt=receipt, links=links)
        until = pages.day_of(asked.editable_until, organisation())
        notice = " ".join((receipt, _("You can change it until %(date)s.", date=until)))
    visit = request.args.get("visit", "")
    wrote = queries.words_of(number, visit) if nonces.read(number, visit) else None
    nonce = nonces.issue(number, asked.version_id, is_change=wrote is not None)
    chosen = score or ("" if asked.score is None else str(asked.score))
    entered = Entered(score=chosen, comment=wrote or "", visit=visit if wrote is not None else "")
    return pages.answer(pages.form(asked, replace(links, nonce=nonce), entered, notice=notice))


def receipt_text(asked: Asked) -> str:
    """What was answered and when, in the language being spoken (X-04)."""
    assert asked.answered_at is not None
    day = pages.day_of(asked.answered_at, organisation())
    if asked.score is None:
        return str(_("You answered on %(date)s.", date=day))
    return str(_("You answered %(score)s on %(date)s.", score=asked.score, date=day))
