"""The pages of open links as strangers see them: the same question as in a mail, and nobody's name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from flask import Response, render_template

from surveys.intake import nonces
from surveys.intake import pages as public
from surveys.intake.faces import face
from surveys.intake.reading import HONEYPOTS, Entered
from surveys.lib.i18n import LANGUAGES, speaking
from surveys.lib.tokens import Purpose, renewable
from surveys.openlinks.models import OpenAnswer, OpenLink
from surveys.questionnaires import questions as further
from surveys.questionnaires.models import Kind, Version
from surveys.questionnaires.wording import Said, values_for
from surveys.settings.queries import organisation


@dataclass(frozen=True)
class Scale:
    """What a posting is held against."""

    kind: Kind

    @property
    def low(self) -> int | None:
        return self.kind.low

    @property
    def high(self) -> int | None:
        return self.kind.high

    def segment_of(self, score: int | None) -> str | None:
        return None if score is None else self.kind.segment(score)


def token(link: OpenLink) -> str:
    return renewable(Purpose.OPEN, link.id, link.edition)


def path(link: OpenLink) -> str:
    """Where people answer."""
    return f"/o/{token(link)}/kiosk" if link.is_kiosk else f"/o/{token(link)}"


def subject(link: OpenLink) -> str:
    """What the forms of this link are signed for; those of its earlier addresses stay good."""
    return f"open-link-{link.id}"


def languages(link: OpenLink) -> list[str]:
    """The languages the page can be read in, the first one first."""
    complete = [code for code in LANGUAGES if not link.version.missing(code)]
    if link.language:
        return [link.language]
    usual = organisation().locale
    return sorted(complete, key=lambda code: code != usual) or [usual]


def language_of(link: OpenLink, *wished: str) -> str:
    """The first of the wished languages that the page can be read in."""
    offered = languages(link)
    return next((code for code in wished if code in offered), offered[0])


def values(link: OpenLink, language: str) -> dict[str, str]:
    """What stands for the words in braces."""
    return values_for(link.brand, link.product, language)


def said(link: OpenLink, version: Version, language: str) -> Said:
    """The words of the question. Nobody is asked for a consent: nobody knows whom to contact."""
    return replace(version.said(language, values(link, language)), consent="", identity="")


def form(
    link: OpenLink, entered: Entered, language: str, *, version: Version | None = None, status: int = 200, **shown: Any
) -> Response:
    """The question with what was entered."""
    asked = version or link.version
    who = face(link.brand_id, language, organisation().revision)
    with speaking(language):
        words = said(link, asked, language)
        scale = public.points(asked.questionnaire.kind, words)
        questions = further.said(asked.further, language, values(link, language))
        extra = who.style + further.stylesheet(asked.further)
        html = render_template(
            "openlinks/kiosk.html" if link.is_kiosk else "openlinks/answer.html",
            brand=who,
            extra=extra,
            link=link,
            action=path(link),
            said=words,
            points=scale,
            further=questions,
            firsts=public.firsts(scale, questions),
            nonce=entered.nonce or nonces.issue(subject(link), asked.id),
            entered=entered,
            problems=entered.problems,
            honeypots=HONEYPOTS,
            other_languages={code: LANGUAGES[code] for code in languages(link) if code != language},
            **shown,
        )
    return answer(link, html, status, extra=extra)


def answer(link: OpenLink, html: str, status: int = 200, *, extra: str = "") -> Response:
    """A page as a response; a tablet's may run our script, keep itself and talk to us."""
    response = public.answer(html, status, extra=extra)
    if link.is_kiosk:
        response.headers.set("Content-Security-Policy", kiosk_policy(response.headers["Content-Security-Policy"]))
    return response


MORE: Final = "script-src 'self'; worker-src 'self'; connect-src 'self'; style-src 'self' "


def kiosk_policy(usual: str) -> str:
    return usual.replace("style-src ", MORE, 1).replace("img-src ", "img-src 'self' ", 1)


def page(template: str, link: OpenLink, language: str, status: int = 200, **shown: Any) -> Response:
    """One of the small pages around the form."""
    who = face(link.brand_id, language, organisation().revision)
    shown = {"brand": who, "extra": who.style, "link": link, "action": path(link), **shown}
    with speaking(language):
        html = render_template(f"openlinks/{template}.html", **shown)
    return answer(link, html, status, extra=who.style)


def moved(language: str) -> Response:
    """The neutral page of an address that leads nowhere, for a tablet that may still have answers."""
    with speaking(language):
        response = public.answer(render_template("openlinks/moved.html", brand=None), 404)
    response.headers.set("Content-Security-Policy", kiosk_policy(response.headers["Content-Security-Policy"]))
    return response


def thanks(link: OpenLink, given: OpenAnswer | None, language: str, *, change_url: str) -> Response:
    """What was just sent, to whoever just sent it. No door leads on from here, whatever the score (X-08)."""
    with speaking(language):
        words = said(link, given.version if given else link.version, language)
    is_worst = given is not None and given.score is not None and link.questionnaire.kind.is_worst(given.score)
    return page(
        "thanks",
        link,
        language,
        given=given,
        answered=in_words(link, given, language) if given else [],
        is_open=bool(given and still_open(given)),
        sorry=words.thanks_worst if is_worst else "",
        change_url=change_url if given else "",
    )


def still_open(given: OpenAnswer) -> list[str]:
    """The required questions that were shown with this answer and left out."""
    asked = further.shown(given.version.further, given.segment, given.answers)
    return [each.key for each in asked if each.is_required and each.key not in given.answers]


def in_words(link: OpenLink, given: OpenAnswer, language: str) -> list[tuple[str, str]]:
    """The further questions that were answered, each with its answer."""
    return further.in_words(given.version.further, given.answers, language, values(link, language))
