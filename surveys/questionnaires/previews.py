"""How customers will see a questionnaire: its page and its letter, to an invented person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from flask import Response, make_response, render_template

from surveys.lib import clock, dates
from surveys.lib.headers import SHUT_IN
from surveys.lib.i18n import _, speaking
from surveys.questionnaires import questions as further
from surveys.questionnaires import wording
from surveys.questionnaires.forms import WordingForm
from surveys.questionnaires.models import Kind, Version
from surveys.questionnaires.questions import Question
from surveys.settings import faces
from surveys.settings.queries import calendar, default_brand, default_product, organisation

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


@dataclass(frozen=True)
class Shown:
    """What a preview shows: a version in one language, as it is saved or with what somebody is writing."""

    version: Version
    language: str
    texts: Mapping[str, Any]
    questions: tuple[Question, ...]

    @classmethod
    def of(cls, version: Version, language: str) -> Shown:
        return cls(version, language, version.whole_texts(language), version.further)

    def saying(self, texts: Mapping[str, Any]) -> Shown:
        """With these texts instead of its own."""
        return replace(self, texts=wording.whole(texts, self.version.other_texts(self.language)))

    def asking(self, questions: Iterable[Mapping[str, Any]]) -> Shown:
        """With these further questions instead of its own."""
        return replace(self, questions=further.parsed(questions))

    @property
    def kind(self) -> Kind:
        return self.version.questionnaire.kind

    def said(self, values: Mapping[str, str]) -> wording.Said:
        return wording.said(self.texts, self.language, values)


def page(shown: Shown, score: str | None) -> str:
    values = _values(shown.language)
    said, kind = shown.said(values), shown.kind
    asks = faces.face(default_brand(), shown.language)
    words = said.labels if len(said.labels) == len(kind.points) else [""] * len(kind.points)
    with speaking(shown.language):
        return render_template(
            "questionnaires/page.html",
            said=said,
            points=[
                {"score": point, "word": word, "segment": kind.segment(point)}
                for point, word in zip(kind.points, words, strict=True)
            ],
            entered={"score": score, "comment": "", "contact": "", "further": {}},
            problems={},
            asks_contact=shown.version.questionnaire.asks_contact,
            further=further.said(shown.questions, shown.language, values),
            extra=asks.style + further.stylesheet(shown.questions),
            brand=asks,
        )


def mail(shown: Shown) -> str:
    said = shown.said(_values(shown.language))
    with speaking(shown.language):
        return render_template(
            "questionnaires/mail.html",
            said=said,
            letter=wording.letter(said.letter),
            points=shown.kind.points,
            links=Links(),
            face=faces.face(default_brand(), shown.language),
            public_url="",
        )


def _values(language: str) -> dict[str, str]:
    """What stands in for the facts of a real mail."""
    ours, brand, days = organisation(), default_brand(), calendar()
    sender, today = brand.said("sender_name", language), clock.today(ours.timezone)
    deadline = days.workday_after(today, 5)
    with speaking(language):
        invented = "あおば物流 総務部\n佐藤 花子 様" if language == "ja" else "Hello Jane Smith,"
        return wording.values_for(brand, default_product(), language) | {
            "greeting": invented,
            "sender": sender or "–",
            "signature": brand.said("signature", language) or f"{brand.name_in(language)}\n{sender}",
            "deadline": dates.long_day(deadline),
            "deadline_short": dates.short_day(deadline),
            "date": dates.near_day(today + timedelta(days=ours.edit_days)),
            "name": sender or "–",
            "days": wording.working_days(1),
        }


def shut_in(html: str) -> Response:
    """Somebody else's page or mail as an answer of ours, for a frame on our pages."""
    response = make_response(html)
    response.headers["Content-Security-Policy"] = SHUT_IN
    return response
