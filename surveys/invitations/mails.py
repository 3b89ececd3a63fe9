"""The mail that asks: written once for all who get the same words in one language, then filled in for each person.

Rendering the template and moving its styles inline takes milliseconds; filling in a name and a link takes
microseconds. So the whole mail is kept with marks in the places that differ, and each person's values replace them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from html import escape
from typing import Any
from urllib.parse import urlsplit

from css_inline import CSSInliner
from flask import render_template

from surveys.customers.models import Contact
from surveys.delivery.kinds import Hold, Kinds, MessageKind, Verdict
from surveys.delivery.mail import AUTOMATIC, Letter, Unbuildable, list_id, one_click
from surveys.delivery.models import Message
from surveys.invitations import actions, checks, names, planning, queries, reasons, rules
from surveys.invitations.models import Campaign, CampaignState, Invitation, SampleMail
from surveys.lib import clock, dates, tokens
from surveys.lib.db import db
from surveys.lib.i18n import _, speaking
from surveys.lib.process import config
from surveys.questionnaires import wording
from surveys.questionnaires.models import Version
from surveys.settings.models import Organisation, Product
from surveys.settings.queries import organisation

MARK = re.compile(r"@@(greeting|survey|not_me|opt_out|decoy)@@")
FOOT = {
    "en": ("Contact", "Privacy", "Not the right person?", "Unsubscribe or change how often"),
    "ja": ("お問い合わせ", "個人情報の取り扱い", "ご担当の変更", "配信停止・回数の変更"),
}
INLINER = CSSInliner(keep_at_rules=True, minify_css=True, load_remote_stylesheets=False)


@dataclass(frozen=True)
class Links:
    """Where a mail's links lead: addresses, or marks to be filled in."""

    survey: str = "@@survey@@"
    not_me: str = "@@not_me@@"
    opt_out: str = "@@opt_out@@"
    decoy: str = "@@decoy@@"
    contact: str = ""
    privacy: str = ""
    language: str = "en"

    @property
    def between(self) -> str:
        return "｜" if self.language == "ja" else " · "

    @property
    def foot(self) -> list[tuple[str, str]]:
        """The small print, in its order; what an installation does not have is left out."""
        addresses = (self.contact, self.privacy, self.not_me, self.opt_out)
        return [(label, href) for label, href in zip(FOOT[self.language], addresses, strict=True) if href]


@dataclass(frozen=True)
class Words:
    """What decides over a mail's words, except for the person it goes to."""

    version_id: int
    product_id: int
    product: str
    language: str
    deadline: str
    deadline_short: str
    revision: int


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


# ── Handed over to delivery ─────────────────────────────────────────────────────────────────────────────────────────


def kinds(also_held: rules.AlsoHeld = rules.nobody) -> Kinds:
    """How our two kinds of message are written, asked about and ended."""
    return {
        planning.ASK: MessageKind(compose, partial(may_still_send, also_held=also_held), actions.settled),
        actions.TEST: MessageKind(compose_sample, _always, actions.sample_settled, heeds_suppression=False),
    }


def compose(message: Message) -> Letter:
    """The letter of one invitation."""
    invitation = queries.invitation(message.subject_id)
    if invitation is None:
        raise Unbuildable("the invitation is gone")
    ours, contact = organisation(), invitation.contact
    written = _kept(_words(invitation.campaign, invitation.version, invitation.language, ours))
    opt_out = f"{config().public_url}/u/{tokens.token(tokens.Purpose.OPT_OUT, invitation.id)}"
    mail = written.filled(_values(invitation, opt_out))
    headers = one_click(opt_out) | _campaign_headers(invitation.campaign, ours)
    return _letter(ours, mail, to=(contact.name, message.to_address), headers=headers)


def may_still_send(message: Message, *, also_held: rules.AlsoHeld = rules.nobody) -> Verdict:
    """The quiet rules once more, right before the mail leaves."""
    invitation = queries.invitation(message.subject_id)
    if invitation is None:
        return Hold(rules.Rule.NEVER, "the invitation is gone")
    if invitation.campaign.state is CampaignState.CANCELLED:
        return Hold(rules.Rule.CANCELLED)
    held = rules.weigh_one(planning.question_of(invitation.campaign), invitation, also_held)
    return Hold(held.rule, reasons.title(held.rule)) if held else None


def subject_of(invitation: Invitation) -> str:
    """The subject line of an invitation's mail, for what answers to it."""
    words = _words(invitation.campaign, invitation.version, invitation.language, organisation())
    return _kept(words).subject


def compose_sample(message: Message) -> Letter:
    """A campaign's mail to one of our own."""
    mail = db.session.get(SampleMail, message.subject_id)
    if mail is None:
        raise Unbuildable("the test mail is gone")
    written = sample(mail.campaign, mail.language, name=mail.user.name)
    with speaking(mail.language):
        subject = _("[Test] %(subject)s", subject=written.subject)
    to = (mail.user.name, message.to_address)
    return _letter(organisation(), Whole(subject, written.text, written.html), to=to, headers=dict(AUTOMATIC))


def _always(_message: Message) -> Verdict:
    return None


# ── Writing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def sample(campaign: Campaign, language: str, *, name: str = "", contact: Contact | None = None) -> Whole:
    """The mail as it would be now, to somebody of the audience or to an invented person; links lead to a preview."""
    version = campaign.version or campaign.questionnaire.versions[-1]
    written = _written(_words(campaign, version, language, organisation()))
    page = f"{config().public_url}/questionnaires/{campaign.questionnaire_id}/page/{language}"
    greeting = names.greeting(contact, language) if contact else names.greeting_of(language, name=name)
    return written.filled({"greeting": greeting, "survey": page, "not_me": page, "opt_out": page, "decoy": page})


def _words(campaign: Campaign, version: Version, language: str, ours: Organisation) -> Words:
    day = campaign.deadline_on or checks.usual_deadline(clock.now())
    with speaking(language):
        return Words(
            version_id=version.id,
            product_id=campaign.product_id,
            product=campaign.product.name_in(language),
            language=language,
            deadline=dates.long_day(day),
            deadline_short=dates.short_day(day),
            revision=ours.revision,
        )


@lru_cache(maxsize=64)
def _kept(words: Words) -> Whole:
    """Written once for all who get these words; a version whose mails leave does not change any more."""
    return _written(words)


def _written(words: Words) -> Whole:
    ours, version = organisation(), db.session.get_one(Version, words.version_id)
    product = db.session.get_one(Product, words.product_id)
    said = version.said(words.language, _mail_values(words, ours, product))
    with speaking(words.language):
        context: dict[str, Any] = {
            "said": said,
            "letter": wording.letter(said.letter),
            "points": version.questionnaire.kind.points,
            "links": _links(ours, words.language),
            "imprint": _imprint(ours, words.language),
        }
        subject, text, html = (
            render_template(f"invitations/email/ask.{part}", **context) for part in ("subject.txt", "txt", "html")
        )
    return Whole(subject.strip(), text.strip() + "\n", INLINER.inline(html))


def _mail_values(words: Words, ours: Organisation, product: Product) -> dict[str, str]:
    sender, company = ours.sender_name, ours.name_in(words.language)
    usual = wording.values_for(ours, product, words.language)
    return usual | {
        "sender": sender,
        "greeting": "@@greeting@@",
        "deadline": words.deadline,
        "deadline_short": words.deadline_short,
        "signature": ours.signature or f"{company}\n{sender}",
    }


def _links(ours: Organisation, language: str) -> Links:
    contact = ours.contact_url or f"mailto:{ours.reply_address or ours.sender_address}"
    return Links(contact=contact, privacy=ours.privacy_url, language=language)


def _imprint(ours: Organisation, language: str) -> str:
    """Who sends it and from where (P-04), on one line."""
    place = " ".join(ours.postal_address.split())
    return f"{ours.legal_name}・{place}" if language == "ja" else f"{ours.legal_name}, {place}"


def _values(invitation: Invitation, opt_out: str) -> dict[str, str]:
    survey = f"{config().public_url}/s/{tokens.token(tokens.Purpose.SURVEY, invitation.id)}"
    return {
        "greeting": names.greeting(invitation.contact, invitation.language),
        "survey": survey,
        "not_me": f"{survey}/not-me",
        "opt_out": opt_out,
        "decoy": f"{survey}/more",
    }


def _letter(ours: Organisation, mail: Whole, *, to: tuple[str, str], headers: Mapping[str, str]) -> Letter:
    return Letter(
        sender=(ours.sender_name, ours.sender_address),
        to=to,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        reply_to=(ours.sender_name, ours.reply_address or ours.sender_address),
        headers=headers,
    )


def _campaign_headers(campaign: Campaign, ours: Organisation) -> dict[str, str]:
    """E-01: what mailbox providers and answering machines read."""
    host = urlsplit(config().public_url).hostname or "localhost"
    domain = ours.sender_address.rpartition("@")[2]
    named = list_id(ours.name or ours.sender_name, f"campaign-{campaign.id}.{host}")
    return named | AUTOMATIC | {"Feedback-ID": f"campaign-{campaign.id}:{host}:survey:{domain}"}
