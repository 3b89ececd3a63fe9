"""How customers will see a questionnaire: its page and its letter, to an invented person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Response, make_response, render_template

from surveys.lib import clock, dates
from surveys.lib.i18n import _, speaking
from surveys.questionnaires import queries, wording
from surveys.questionnaires.forms import WordingForm
from surveys.questionnaires.models import Questionnaire, Version
from surveys.settings.queries import calendar, default_product, organisation

# Texts of a version in the order in which a customer meets them.
PAGE = (
    "question",
    "low",
    "high",
    "why_bad",
    "why_middle",
    "why_good",
    "consent",
    "consent_yes",
    "consent_no",
    "identity",
)
AFTER = ("thanks", "thanks_worst", "thanks_contact")
MAIL = ("subject", "letter")


# A preview may be shown by our own pages only, and can neither run nor load nor send anything.
SHUT_IN = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'; base-uri 'none'; "
    "sandbox"
)


@dataclass(frozen=True)
class Links:
    """Links that lead nowhere."""

    survey: str = "#"
    foot: tuple[tuple[str, str], ...] = ()
    between: str = " · "
    decoy: str = ""


def names() -> dict[str, list[tuple[str, Any]]]:
    """The texts by the place where they stand, with their names for staff."""
    labels = {name: field.args[0] for name, field in vars(WordingForm).items() if hasattr(field, "field_class")}
    parts = ((_("Page"), PAGE), (_("After sending"), AFTER), (_("Mail to customers"), MAIL))
    return {title: [(name, labels[name]) for name in each] for title, each in parts}


def page(questionnaire: Questionnaire, language: str, number: int | None, score: str | None) -> str:
    said = _version(questionnaire, number).said(language, _values(language))
    kind = questionnaire.kind
    words = said.labels or [""] * len(kind.points)
    with speaking(language):
        return render_template(
            "questionnaires/page.html",
            said=said,
            points=[
                {"score": point, "word": word, "segment": kind.segment(point)}
                for point, word in zip(kind.points, words, strict=True)
            ],
            entered={"score": score, "comment": "", "contact": ""},
            problems={},
            brand={"name": organisation().name_in(language)},
        )


def mail(questionnaire: Questionnaire, language: str, number: int | None) -> str:
    said = _version(questionnaire, number).said(language, _values(language))
    with speaking(language):
        return render_template(
            "questionnaires/mail.html",
            said=said,
            letter=wording.letter(said.letter),
            points=questionnaire.kind.points,
            links=Links(),
        )


def _version(questionnaire: Questionnaire, number: int | None) -> Version:
    versions = {version.number: version for version in questionnaire.versions}
    return versions.get(number or 0) or queries.latest(questionnaire)


def _values(language: str) -> dict[str, str]:
    """What stands in for the facts of a real mail."""
    ours, days = organisation(), calendar()
    today = clock.today(ours.timezone)
    deadline = days.workday_after(today, 5)
    with speaking(language):
        invented = "あおば物流 総務部\n佐藤 花子 様" if language == "ja" else "Hello Jane Smith,"
        return wording.values_for(ours, default_product(), language) | {
            "greeting": invented,
            "sender": ours.sender_name or "–",
            "signature": ours.signature or f"{ours.name_in(language)}\n{ours.sender_name}",
            "deadline": dates.long_day(deadline),
            "deadline_short": dates.short_day(deadline),
            "date": dates.near_day(today + timedelta(days=ours.edit_days)),
            "name": ours.sender_name or "–",
            "days": wording.working_days(1),
        }


def shut_in(html: str) -> Response:
    """Somebody else's page or mail as an answer of ours, for a frame on our pages."""
    response = make_response(html)
    response.headers["Content-Security-Policy"] = SHUT_IN
    return response
