"""The customer's pages: composed once for each wording, then joined with what differs from person to person.

A page as it is first opened depends on the version, the product, the language, the organisation's texts and the score
that was pressed; all that is personal in it are two tokens and the nonce. So it is rendered with marks in their places,
kept in pieces, and put together anew for each request. Pages with something entered or answered are rendered as usual.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from flask import Response, current_app, render_template

from surveys.intake import nonces, queries
from surveys.intake.faces import face
from surveys.intake.forms import HONEYPOTS, Entered
from surveys.intake.queries import Asked
from surveys.intake.sheets import policy
from surveys.lib import dates
from surveys.lib.clock import local_day
from surveys.lib.db import db
from surveys.lib.i18n import LANGUAGES, speaking
from surveys.lib.tokens import Purpose
from surveys.lib.tokens import token as token_for
from surveys.questionnaires import questions as further
from surveys.questionnaires.models import Kind, Version
from surveys.questionnaires.questions import Question
from surveys.questionnaires.wording import Said, values_for
from surveys.settings import queries as settings
from surveys.settings.models import Organisation, Product
from surveys.settings.queries import organisation

MARKS: Final = {"token": "@@token@@", "leaving": "@@leaving@@", "nonce": "@@nonce@@"}
_TOKEN, _LEAVING, _NONCE = (mark.encode() for mark in MARKS.values())
_MARK: Final = re.compile(b"(" + b"|".join((_TOKEN, _LEAVING, _NONCE)) + b")")
MOST_KEPT: Final = 1000
HTML: Final = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Links:
    """What is personal in a page."""

    token: str
    leaving: str
    nonce: str


class Kept(NamedTuple):
    """A page as all who were asked the same see it: its pieces, between them what is personal, and its policy."""

    pieces: tuple[bytes, ...]
    policy: str


def first_view(asked: Asked, token: str, score: str) -> Response:
    """The page as it is first opened, with the pressed score chosen; kept for those who open it next."""
    composed = answer(_composed(asked, score), extra=style(asked))
    found = Kept(tuple(_MARK.split(composed.get_data())), composed.headers["Content-Security-Policy"])
    version = queries.version(asked.version_id)
    if version is not None and version.is_frozen:  # before, the words may still change
        pages = _kept()
        if len(pages) >= MOST_KEPT:
            pages.clear()
        pages[_key(asked, score)] = found
    composed.set_data(joined(found, links_of(asked, token)))
    return composed


def kept(asked: Asked, score: str) -> Kept | None:
    """The page that somebody who was asked the same opened before."""
    return _kept().get(_key(asked, score))


def links_of(asked: Asked, token: str) -> Links:
    leaving = token_for(Purpose.OPT_OUT, asked.invitation_id)
    return Links(token, leaving, nonces.issue(asked.invitation_id, asked.version_id))


def joined(page: Kept, links: Links) -> bytes:
    values = {_TOKEN: links.token.encode(), _LEAVING: links.leaving.encode(), _NONCE: links.nonce.encode()}
    return b"".join([values.get(piece, piece) for piece in page.pieces])


def form(asked: Asked, links: Links, entered: Entered, **shown: Any) -> str:
    """The form with what was entered, and whatever else has to be said: `notice`, `problems`, `message`."""
    version = queries.version(asked.version_id)
    assert version is not None
    language = entered.shown_in or asked.language
    with speaking(language):
        said = _said(version, asked, language)
        scale = points(version.questionnaire.kind, said)
        questions = asked_further(version.further, asked, language)
        return render_template(
            "intake/answer.html",
            brand=face(asked.brand_id, language, asked.revision),
            extra=style(asked),
            said=said,
            points=scale,
            further=questions,
            firsts=firsts(scale, questions),
            links=links,
            entered=entered,
            problems=entered.problems,
            honeypots=HONEYPOTS,
            other_languages=other_languages(version, language),
            asks_contact=version.questionnaire.asks_contact,
            **shown,
        )


def filled_form(asked: Asked, links: Links, entered: Entered, status: int = 200, **shown: Any) -> Response:
    """The same as a response."""
    return answer(form(asked, links, entered, **shown), status, extra=style(asked))


def answer(html: str, status: int = 200, *, extra: str = "") -> Response:
    """A public page as a response: its one stylesheet allowed by its hash, nothing else from anywhere (A-30).

    `extra`: the rules of its own that the page adds to those all share.
    """
    response = Response(html, status, content_type=HTML)
    response.headers.set("Content-Security-Policy", policy(extra))
    return response


def page(template: str, language: str, status: int = 200, *, brand_id: int | None = None, **shown: Any) -> Response:
    """One of the small pages around the form, of a brand or of the default one."""
    asks = face(brand_id, language, organisation().revision)
    with speaking(language):
        html = render_template(f"intake/{template}.html", brand=asks, extra=asks.style, **shown)
    return answer(html, status, extra=asks.style)


def asked_further(questions: Iterable[Question], asked: Asked, language: str) -> list[further.Said]:
    """The further questions as this page asks them."""
    return further.said(questions, language, values(asked, language))


def standalone(template: str, language: str, status: int, **shown: Any) -> Response:
    """A page that asks the database nothing: it may be what failed."""
    with speaking(language):
        return answer(render_template(f"intake/{template}.html", brand=None, **shown), status)


def neutral(language: str) -> Response:
    """The one page for every link that leads nowhere."""
    kept: dict[str, str] = current_app.extensions.setdefault("koe.neutral", {})
    if language not in kept:
        kept[language] = standalone("gone", language, 404).get_data(as_text=True)
    return answer(kept[language], 404)


def said_in(asked: Asked, language: str) -> Said:
    version = queries.version(asked.version_id)
    assert version is not None
    return _said(version, asked, language)


def day_of(moment: Any, ours: Organisation) -> str:
    return dates.near_day(local_day(moment, ours.timezone))


def style(asked: Asked) -> str:
    """The rules that only this page has: the colour of who asks, and which further questions show."""
    version = queries.version(asked.version_id)
    assert version is not None
    return face(asked.brand_id, asked.language, asked.revision).style + further.stylesheet(version.further)


def _composed(asked: Asked, score: str) -> str:
    return form(asked, Links(**MARKS), Entered(score=score))


def _kept() -> dict[Any, Kept]:
    found: dict[Any, Kept] = current_app.extensions.setdefault("koe.pages", {})
    return found


def _key(asked: Asked, score: str) -> tuple[Any, ...]:
    return (asked.version_id, asked.product_id, asked.brand_id, asked.language, asked.revision, score)


def _said(version: Version, asked: Asked, language: str) -> Said:
    return version.said(language, values(asked, language))


def values(asked: Asked, language: str) -> dict[str, str]:
    product = db.session.get_one(Product, asked.product_id)
    return values_for(settings.brand(asked.brand_id), product, language)


def firsts(points: list[dict[str, Any]], questions: Iterable[further.Said]) -> dict[str, str]:
    """Where each problem can be mended: the id of the first thing to press or write in."""
    score = f"s{points[0]['score']}" if points else "comment"
    return {"score": score, "form": score, "comment": "comment"} | {each.key: each.first for each in questions}


def points(kind: Kind, said: Said) -> list[dict[str, Any]]:
    """Each point of the scale with its word and its side."""
    words = said.labels or [""] * len(kind.points)
    return [
        {"score": score, "word": word, "segment": kind.segment(score)}
        for score, word in zip(kind.points, words, strict=True)
    ]


def other_languages(version: Version, language: str) -> dict[str, str]:
    """The other languages this version is complete in."""
    return {code: name for code, name in LANGUAGES.items() if code != language and not version.missing(code)}
