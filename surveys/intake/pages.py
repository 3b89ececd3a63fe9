"""The customer's pages: composed once for each wording, then joined with what differs from person to person.

A page as it is first opened depends on the version, the product, the language, the organisation's texts and the score
that was pressed; all that is personal in it are two tokens and the nonce. So it is rendered with marks in their places,
kept in pieces, and put together anew for each request. Pages with something entered or answered are rendered as usual.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from flask import Response, current_app, render_template
from markupsafe import Markup

from surveys.config import ROOT
from surveys.intake import nonces, queries
from surveys.intake.forms import HONEYPOTS, Entered
from surveys.intake.queries import Asked
from surveys.lib import dates
from surveys.lib.clock import local_day
from surveys.lib.db import db
from surveys.lib.i18n import LANGUAGES, speaking
from surveys.lib.tokens import Purpose
from surveys.lib.tokens import token as token_for
from surveys.questionnaires.models import Kind, Version
from surveys.questionnaires.wording import Said, values_for
from surveys.settings.models import Organisation, Product
from surveys.settings.queries import organisation

MARKS: Final = {"token": "@@token@@", "leaving": "@@leaving@@", "nonce": "@@nonce@@"}
_MARK: Final = re.compile("(" + "|".join(MARKS.values()) + ")")
MOST_KEPT: Final = 1000
HTML: Final = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Links:
    """What is personal in a page."""

    token: str
    leaving: str
    nonce: str


def first_view(asked: Asked, token: str, score: str) -> Response:
    """The page as it is first opened, with the pressed score chosen."""
    links = Links(
        token, token_for(Purpose.OPT_OUT, asked.invitation_id), nonces.issue(asked.invitation_id, asked.version_id)
    )
    kept: dict[Any, list[str]] = current_app.extensions.setdefault("koe.pages", {})
    key = (asked.version_id, asked.product_id, asked.language, asked.revision, score)
    pieces = kept.get(key)
    if pieces is None:
        pieces = _MARK.split(_composed(asked, score))
        if asked.frozen_at is not None:  # before, the words may still change
            if len(kept) >= MOST_KEPT:
                kept.clear()
            kept[key] = pieces
    return answer("".join(_joined(pieces, links)))


def form(asked: Asked, links: Links, entered: Entered, **shown: Any) -> str:
    """The form with what was entered, and whatever else has to be said: `notice`, `problems`, `message`."""
    version = queries.version(asked.version_id)
    assert version is not None
    language = entered.shown_in or asked.language
    with speaking(language):
        said = _said(version, asked, language)
        return render_template(
            "intake/answer.html",
            brand=brand(language),
            said=said,
            points=_points(version.questionnaire.kind, said),
            links=links,
            entered=entered,
            problems=entered.problems,
            honeypots=HONEYPOTS,
            other_languages=_others(version, language),
            **shown,
        )


def answer(html: str, status: int = 200) -> Response:
    """A public page as a response: its one stylesheet allowed by its hash, nothing else from anywhere (A-30)."""
    response = Response(html, status, content_type=HTML)
    response.headers.set("Content-Security-Policy", policy())
    return response


def page(template: str, language: str, status: int = 200, **shown: Any) -> Response:
    """One of the small pages around the form."""
    with speaking(language):
        return answer(render_template(f"intake/{template}.html", brand=brand(language), **shown), status)


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


def brand(language: str) -> dict[str, Any]:
    """Who asks, as the layout shows it."""
    ours = organisation()
    return {"name": ours.name_in(language), "logo": None, "organisation": ours}


@cache
def stylesheet() -> Markup:
    """The one stylesheet of the public pages, as it stands inside them."""
    return Markup((ROOT / "static" / "css" / "public.css").read_text(encoding="utf-8").strip())  # noqa: S704 our own file


@cache
def policy() -> str:
    digest = base64.b64encode(hashlib.sha256(stylesheet().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def said_in(asked: Asked, language: str) -> Said:
    version = queries.version(asked.version_id)
    assert version is not None
    return _said(version, asked, language)


def day_of(moment: Any, ours: Organisation) -> str:
    return dates.near_day(local_day(moment, ours.timezone))


def _composed(asked: Asked, score: str) -> str:
    return form(asked, Links(**MARKS), Entered(score=score))


def _joined(pieces: list[str], links: Links) -> list[str]:
    values = {MARKS["token"]: links.token, MARKS["leaving"]: links.leaving, MARKS["nonce"]: links.nonce}
    return [values.get(piece, piece) for piece in pieces]


def _said(version: Version, asked: Asked, language: str) -> Said:
    product = db.session.get_one(Product, asked.product_id)
    return version.said(language, values_for(organisation(), product, language))


def _points(kind: Kind, said: Said) -> list[dict[str, Any]]:
    """Each point of the scale with its word and its side."""
    words = said.labels or [""] * len(kind.points)
    return [
        {"score": score, "word": word, "segment": kind.segment(score)}
        for score, word in zip(kind.points, words, strict=True)
    ]


def _others(version: Version, language: str) -> dict[str, str]:
    """The other languages this version is complete in."""
    return {code: name for code, name in LANGUAGES.items() if code != language and not version.missing(code)}
