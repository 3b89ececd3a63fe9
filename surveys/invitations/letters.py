"""The words of the mail that asks: written once for all who get the same in one language, then filled in for each.

Rendering the template and moving its styles inline takes milliseconds; filling in a name and a link takes
microseconds. So the whole mail is kept with marks in the places that differ, and each person's values replace them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import urlsplit

from flask import render_template

from surveys.customers.models import Contact
from surveys.delivery.mail import AUTOMATIC, Letter, list_id, one_click
from surveys.invitations import names, news
from surveys.invitations.links import links_of
from surveys.invitations.models import Campaign
from surveys.lib import clock, dates
from surveys.lib.db import db
from surveys.lib.i18n import _, speaking
from surveys.lib.process import config
from surveys.lib.styles import inlined
from surveys.questionnaires import wording
from surveys.questionnaires.models import Version
from surveys.settings import faces
from surveys.settings.models import Brand, Product
from surveys.settings.queries import calendar, organisation

USUAL_WORKDAYS = 5
MARK = re.compile(r"@@(greeting|survey|not_me|opt_out|decoy|news\d)@@")


@dataclass(frozen=True)
class Words:
    """What decides over a mail's words, except for the person it goes to."""

    version_id: int
    product_id: int
    brand_id: int
    product: str
    language: str
    deadline: str
    deadline_short: str
    revision: int
    # How many lines there are about what became of what was told us.
    news: int = 0


@dataclass(frozen=True)
class Whole:
    """A mail with marks where the person's values go."""

    subject: str
    text: str
    html: str

    def filled(self, values: Mapping[str, str]) -> Whole:
        in_html = {name: "<br>".join(escape(line) for line in value.split("\n")) for name, value in values.items()}
        return Whole(_fill(self.subject, values), _fill(self.text, values), _fill(self.html, in_html))


def _fill(text: str, values: Mapping[str, str]) -> str:
    return MARK.sub(lambda found: values[found[1]], text)


def sample(campaign: Campaign, language: str, *, name: str = "", contact: Contact | None = None) -> Whole:
    """The mail as it would be now, to somebody of the audience or to an invented person; links lead to a preview."""
    version = campaign.version or campaign.questionnaire.versions[-1]
    lines = news_for(contact, language) if contact else {}
    written = written_as(replace(words_of(campaign, version, language), news=len(lines)))
    page = f"{config().public_url}/questionnaires/{campaign.questionnaire_id}/page/{language}"
    greeting = names.greeting(contact, language) if contact else names.greeting_of(language, name=name)
    values = {"greeting": greeting, "survey": page, "not_me": page, "opt_out": page, "decoy": page}
    return written.filled(values | lines)


def news_for(contact: Contact, language: str) -> dict[str, str]:
    """What is new since this contact's last answer, by the marks where it stands."""
    with speaking(language):
        said = [
            _("%(text)s (%(day)s)", text=line.text, day=dates.plain_day(line.day))
            for line in news.since_last_answer(contact, language)
        ]
    return {f"news{place}": text for place, text in enumerate(said)}


def usual_deadline(start: datetime) -> date:
    """Five working days to answer."""
    days = calendar()
    return days.workday_after(days.local(start).date(), USUAL_WORKDAYS)


def words_of(campaign: Campaign, version: Version, language: str) -> Words:
    day = campaign.deadline_on or usual_deadline(clock.now())
    with speaking(language):
        return Words(
            version_id=version.id,
            product_id=campaign.product_id,
            brand_id=campaign.brand_id,
            product=campaign.product.name_in(language),
            language=language,
            deadline=dates.long_day(day),
            deadline_short=dates.short_day(day),
            revision=organisation().revision,
        )


@lru_cache(maxsize=64)
def kept(words: Words) -> Whole:
    """Written once for all who get these words; a version whose mails leave does not change any more."""
    return written_as(words)


def written_as(words: Words) -> Whole:
    brand, version = db.session.get_one(Brand, words.brand_id), db.session.get_one(Version, words.version_id)
    product = db.session.get_one(Product, words.product_id)
    said = version.said(words.language, _mail_values(words, brand, product))
    with speaking(words.language):
        context: dict[str, Any] = {
            "said": said,
            "letter": wording.letter(said.letter),
            "points": version.questionnaire.kind.points,
            "links": links_of(brand, words.language),
            "face": faces.face(brand, words.language),
            "public_url": config().public_url,
            "news": [f"@@news{place}@@" for place in range(words.news)],
            "imprint": _imprint(brand, words.language),
        }
        subject, text, html = (
            render_template(f"invitations/email/ask.{part}", **context) for part in ("subject.txt", "txt", "html")
        )
    return Whole(subject.strip(), text.strip() + "\n", inlined(html))


def _mail_values(words: Words, brand: Brand, product: Product) -> dict[str, str]:
    sender, company = brand.said("sender_name", words.language), brand.name_in(words.language)
    usual = wording.values_for(brand, product, words.language)
    return usual | {
        "sender": sender,
        "greeting": "@@greeting@@",
        "deadline": words.deadline,
        "deadline_short": words.deadline_short,
        "signature": brand.said("signature", words.language) or f"{company}\n{sender}",
    }


def _imprint(brand: Brand, language: str) -> str:
    """Who sends it and from where (P-04), on one line."""
    name, place = brand.said("legal_name", language), " ".join(brand.said("postal_address", language).split())
    return f"{name}・{place}" if language == "ja" else f"{name}, {place}"


def letter(brand: Brand, mail: Whole, language: str, *, to: tuple[str, str], headers: Mapping[str, str]) -> Letter:
    name = brand.said("sender_name", language)
    return Letter(
        sender=(name, brand.sender_address),
        to=to,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        reply_to=(name, brand.answers_to),
        headers=headers,
    )


def headers_of(campaign: Campaign, opt_out: str) -> dict[str, str]:
    """E-01: what mailbox providers and answering machines read; `opt_out` is where their button posts to."""
    host = urlsplit(config().public_url).hostname or "localhost"
    brand = campaign.brand
    domain = brand.sender_address.rpartition("@")[2]
    named = list_id(brand.name or brand.sender_name, f"campaign-{campaign.id}.{host}")
    return one_click(opt_out) | named | AUTOMATIC | {"Feedback-ID": f"campaign-{campaign.id}:{host}:survey:{domain}"}
