"""The question and the answer: GET and HEAD show and store nothing, a POST by a person's press records (E-20, E-21)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from surveys.auth import limits
from surveys.intake import actions, door, forms, late, nonces, pages, queries, reading, sent
from surveys.intake.actions import Closed, SentBefore, TakenBack
from surveys.intake.forms import Entered
from surveys.intake.nonces import Nonce, Reached
from surveys.intake.pages import Links
from surveys.intake.queries import Asked
from surveys.intake.views.room import Gone, Late, asked_by, bp, kept, number_in
from surveys.invitations import intents
from surveys.lib import clock, tokens
from surveys.lib.access import public
from surveys.lib.db import db, noting
from surveys.lib.errors import Refused, TooMany
from surveys.lib.forms import csrf
from surveys.lib.i18n import _, languages_of, speaking
from surveys.lib.tokens import Purpose
from surveys.questionnaires.questions import Sent, fields_of
from surveys.questionnaires.questions import read as read_further
from surveys.responses.models import Source
from surveys.responses.queries import Standing
from surveys.settings import queries as settings
from surveys.settings.queries import organisation


@bp.get("/s/<token>")
@public
def answer(token: str) -> Response:
    """The page of one question. `?score=` chooses; `?visit=` comes from the receipt of the visit that answered."""
    asked = asked_by(token)
    score = request.args.get("score", "")
    if not forms.SCORE.fullmatch(score):
        score = ""
    elif request.method == "GET":  # a HEAD is nobody's intent
        intents.seen(asked.invitation_id)
    return _answered(asked, token, score) if asked.is_answered else pages.first_view(asked, token, score)


@bp.post("/s/<token>")
@csrf.exempt  # type: ignore[untyped-decorator]
@public
def answer_posted(token: str) -> Any:
    number = number_in(Purpose.SURVEY, token)
    request.max_content_length = forms.LARGEST_BODY
    entered = forms.read(request.get_data())
    door.raise_again(request.environ)
    sender = sent.sender_in(request.environ)
    so_far = sent.standing_for(number, sender)
    if so_far is None:
        raise Gone("")
    if so_far.is_closed(clock.now()):
        raise Late("")
    nonce = nonces.read(number, entered.nonce)
    if entered.language:
        return _again(number, token, replace(entered, shown_in=entered.language), 200)  # nothing is stored
    further = _further(entered, so_far, nonce)
    if nonce is None or not forms.is_fine(entered, so_far, further):
        return _again(number, token, _whole(number, _with_problems(entered, so_far, nonce), nonce), 400)
    so_far = so_far._replace(version_id=nonce.version_id)
    with speaking(entered.shown_in or so_far.language):  # whatever is in the way
        actions.receive(Source.PAGE, so_far, sent.posting(entered, so_far, nonce, further, sender))
    db.session.commit()
    return Response(status=303, headers={"Location": f"/s/{token}/thanks?visit={nonce.text}"})


@bp.errorhandler(Late)
@bp.errorhandler(Closed)
def too_late(error: Refused) -> Response:
    """The days to answer, or to change the answer, are over: what was written goes back to who wrote it."""
    db.session.rollback()
    token = str((request.view_args or {})["token"])
    number, entered = number_in(Purpose.SURVEY, token), forms.read(request.get_data())
    nonce, asked = nonces.read(number, entered.nonce, good_for=nonces.A_LONG_TIME), queries.asked(number)
    if nonce is None or asked is None:
        return pages.neutral(reading.spoken())
    language = entered.language or entered.shown_in or asked.language
    with speaking(language):
        text = late.words(entered, queries.questions(nonce.version_id), language, pages.values(asked, language))
        shown: dict[str, Any] = {
            "words": text,
            "mail_to": late.mail_to(settings.brand(asked.brand_id).answers_to, text),
        }
        if not asked.is_gone:
            shown |= {"receipt": receipt_text(asked), "links": Links(token, tokens.token(Purpose.OPT_OUT, number), "")}
    return pages.page("late", language, error.status, brand_id=asked.brand_id, **shown)


@bp.errorhandler(TakenBack)
@bp.errorhandler(SentBefore)
def once_more(error: Refused) -> Response:
    """Withdrawn in another tab, or sent before with other words: whether they mean it is for them to say."""
    token = str((request.view_args or {})["token"])
    number, entered = number_in(Purpose.SURVEY, token), forms.read(request.get_data())
    whole = _whole(number, entered, nonces.read(number, entered.nonce))
    return _again(number, token, replace(whole, nonce=""), error.status, message=error.message)


@bp.errorhandler(TooMany)
def too_many(error: TooMany) -> Response:
    """Sent too often (X-12): the form comes back with all that was entered."""
    db.session.rollback()
    token = str((request.view_args or {}).get("token", ""))
    number = tokens.read_token(Purpose.SURVEY, token)
    if number is None:
        answer = pages.standalone("busy", reading.spoken(), 429)
    elif request.endpoint == "intake.answer_posted":
        answer = _again(number, token, forms.read(request.get_data()), 429, message=error.message)
    else:
        answer = kept(429)
    answer.headers["Retry-After"] = str(error.retry_after)
    return answer


@bp.errorhandler(413)
def too_long(_error: RequestEntityTooLarge) -> Response:
    """More than is read at all, its language included: said plainly, for the words are still in the browser."""
    db.session.rollback()
    number = tokens.read_token(Purpose.SURVEY, str((request.view_args or {}).get("token", "")))
    asked = queries.asked(number) if number else None
    language = asked.language if asked else languages_of(request.headers.get("Accept-Language", ""))
    return pages.standalone("too_long", language, 413, most=forms.LONGEST_COMMENT)


@bp.get("/s/<token>/more")
@public
def more(token: str) -> Response:
    """Where nobody who reads the page goes: notes that a machine came by (E-23), and shows nothing."""
    number_in(Purpose.SURVEY, token)
    if request.method == "GET":
        with noting():
            limits.note(sent.sender_in(request.environ).trap_key, clock.now())
    raise Gone("")


def _further(entered: Entered, so_far: Standing, nonce: Nonce | None) -> Sent:
    """The further answers, read with the questions of the version that was shown (R-29)."""
    questions = queries.questions(nonce.version_id if nonce else so_far.version_id)
    if nonce is not None and nonce.is_more:  # it asks for what is missing beside what stands
        return read_further(questions, entered.further, so_far.segment, so_far.answers or {})
    return forms.further_in(entered, so_far, questions)


def _with_problems(entered: Entered, so_far: Standing, nonce: Nonce | None) -> Entered:
    with speaking(entered.shown_in or so_far.language):
        if entered.is_broken:
            return replace(entered, problems={"form": _("This form did not arrive whole. Please send it again.")})
        found = forms.problems(entered, so_far, _further(entered, so_far, nonce))
        if nonce is None:
            found["form"] = _("This page was open for a long time. What you wrote is still here; please send it again.")
        return replace(entered, problems=found)


def _whole(number: int, entered: Entered, nonce: Nonce | None) -> Entered:
    """What came from the page of thanks, with what this visit chose before, for the whole form."""
    wrote = queries.still_seen(number, nonce) if nonce is not None and nonce.is_more else None
    if nonce is None or wrote is None:
        return entered
    chosen_before = fields_of(queries.questions(nonce.version_id), wrote.answers)
    return replace(entered, further=chosen_before | dict(entered.further))


def _again(number: int, token: str, entered: Entered, status: int, *, message: str = "") -> Response:
    """The form once more, with all that was entered."""
    db.session.rollback()
    asked = queries.asked(number)
    if asked is None:
        raise Gone("")
    known = nonces.read(number, entered.nonce)
    keeps = known is not None and not known.is_more  # in the whole form, the score can be changed as well
    nonce = entered.nonce if keeps else nonces.issue(number, asked.version_id)
    links = Links(token, tokens.token(Purpose.OPT_OUT, number), nonce)
    notice = ""
    if asked.is_answered and asked.is_editable:
        with speaking(entered.shown_in or asked.language):
            notice = _stands(asked)
    return pages.filled_form(asked, links, entered, status, message=message, notice=notice)


def _answered(asked: Asked, token: str, score: str) -> Response:
    """There is an answer: shown with its date, to be changed for some days; its words only for who wrote them."""
    number = asked.invitation_id
    links = Links(token, tokens.token(Purpose.OPT_OUT, number), "")
    became = queries.became(number, asked.language)
    with speaking(asked.language):
        receipt = receipt_text(asked)
        if not asked.is_editable:
            shown = {"receipt": receipt, "links": links, "became": became}
            return pages.page("receipt", asked.language, 200, brand_id=asked.brand_id, **shown)
        notice = _stands(asked)
    visit = request.args.get("visit", "")
    wrote = queries.written_in(number, nonces.read(number, visit))
    reached = Reached.CHANGE if wrote else Reached.FRESH
    nonce = nonces.issue(number, asked.version_id, reached, nonces.mark_in(visit) if wrote else "")
    chosen = score or ("" if asked.score is None else str(asked.score))
    entered = Entered(score=chosen)
    if wrote is not None:
        chosen_before = fields_of(queries.questions(asked.version_id), wrote.answers)
        entered = replace(entered, comment=wrote.comment, further=chosen_before, visit=visit)
    return pages.filled_form(asked, replace(links, nonce=nonce), entered, notice=notice, became=became)


def _stands(asked: Asked) -> str:
    """What was answered, and until when it can be changed, in the language being spoken."""
    until = pages.day_of(asked.editable_until, organisation())
    return _("%(receipt)s You can change it until %(date)s.", receipt=receipt_text(asked), date=until)


def receipt_text(asked: Asked) -> str:
    """What was answered and when, in the language being spoken (X-04)."""
    assert asked.answered_at is not None
    day = pages.day_of(asked.answered_at, organisation())
    if asked.score is None:
        return str(_("You answered on %(date)s.", date=day))
    return str(_("You answered %(score)s on %(date)s.", score=asked.score, date=day))
