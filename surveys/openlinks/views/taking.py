"""From the fields of a posting to an answer, or back to the form with what was entered."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, request

from surveys.intake import reading
from surveys.intake.nonces import Nonce
from surveys.intake.queries import version
from surveys.intake.reading import Entered
from surveys.intake.sent import sender_in
from surveys.lib import clock
from surveys.lib.i18n import _, speaking
from surveys.openlinks import limits, pages
from surveys.openlinks.actions import Posting
from surveys.openlinks.forms import Sent
from surveys.openlinks.models import Doubt, OpenLink
from surveys.openlinks.views.room import language_for
from surveys.questionnaires.models import Version
from surveys.questionnaires.questions import Sent as Further
from surveys.responses.evidence import SHORTEST_READING


def is_fine(link: OpenLink, entered: Entered, nonce: Nonce) -> bool:
    return reading.is_fine(entered, _scale(link), _further(link, entered, nonce))


def posting(link: OpenLink, sent: Sent, nonce: Nonce) -> Posting:
    """A device's clock is believed as far as it can be right: not before the link was made, and not after now."""
    entered, now, scale = sent.entered, clock.now(), _scale(link)
    made_at = sent.made_at if sent.is_from_device and sent.made_at else now
    return Posting(
        version=_version(link, nonce),
        score=reading.score_in(entered.score, scale.low, scale.high),
        comment=entered.comment,
        answers=_further(link, entered, nonce).answers,
        language=pages.language_of(link, entered.shown_in),
        client_id=sent.client_id or nonce.text,
        answered_at=min(max(made_at, link.created_at), now),
        network=limits.mark(link, request.remote_addr),
        doubts=_doubts(sent, nonce),
        replaces=not sent.is_from_device and entered.visit == nonce.text,
    )


def again(link: OpenLink, entered: Entered, nonce: Nonce | None) -> Response:
    """The form once more: in another language when that was asked for, else with what is wrong."""
    language = language_for(link, entered.language, entered.shown_in)
    if entered.language:
        kept = entered if nonce else replace(entered, nonce="")
        return pages.form(link, kept, language, version=_version(link, nonce))
    with speaking(language):
        problems = _problems(link, entered, nonce)
    kept = replace(entered, problems=problems, nonce=entered.nonce if nonce else "")
    return pages.form(link, kept, language, version=_version(link, nonce), status=400)


def _problems(link: OpenLink, entered: Entered, nonce: Nonce | None) -> dict[str, str]:
    if entered.is_broken:
        return {"form": _("This form did not arrive whole. Please send it again.")}
    found = reading.problems(entered, _scale(link), _further(link, entered, nonce))
    if nonce is None:
        found["form"] = _("This page was open for a long time. What you wrote is still here; please send it again.")
    return found


def _scale(link: OpenLink) -> pages.Scale:
    return pages.Scale(link.questionnaire.kind)


def _version(link: OpenLink, nonce: Nonce | None) -> Version:
    """The words that were shown; the present ones when nobody knows which (R-29)."""
    return (version(nonce.version_id) if nonce else None) or link.version


def _further(link: OpenLink, entered: Entered, nonce: Nonce | None) -> Further:
    """The answers to the further questions, read with those that were shown."""
    return reading.further_in(entered, _scale(link), _version(link, nonce).further)


def _doubts(sent: Sent, nonce: Nonce) -> tuple[Doubt, ...]:
    """A device hands in at once what people took their time for."""
    is_fast = not sent.is_from_device and clock.now() - nonce.issued_at < SHORTEST_READING
    signs = (
        (Doubt.FAST, is_fast),
        (Doubt.HONEYPOT, sent.entered.filled_honeypot),
        (Doubt.PREFETCH, sender_in(request.environ).said_prefetch),
    )
    return tuple(name for name, is_there in signs if is_there)
