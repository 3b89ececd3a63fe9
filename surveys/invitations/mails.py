"""The mails of campaigns as delivery knows them: how each is composed, whether it may still go, what its end means."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from surveys.delivery.kinds import Hold, Kinds, MessageKind, Verdict
from surveys.delivery.mail import AUTOMATIC, Letter, Unbuildable
from surveys.delivery.models import Message
from surveys.invitations import actions, letters, names, planning, queries, reasons, rules
from surveys.invitations.models import CampaignState, Invitation, SampleMail
from surveys.lib import tokens
from surveys.lib.db import db
from surveys.lib.i18n import _, speaking
from surveys.lib.process import config


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
    brand, contact, language = invitation.campaign.brand, invitation.contact, invitation.language
    lines = letters.news_for(contact, language)
    words = letters.words_of(invitation.campaign, invitation.version, language)
    written = letters.kept(replace(words, news=len(lines)))
    opt_out = f"{config().public_url}/u/{tokens.token(tokens.Purpose.OPT_OUT, invitation.id)}"
    mail = written.filled(_values(invitation, opt_out) | lines)
    headers = letters.headers_of(invitation.campaign, opt_out)
    to = (contact.name, message.to_address)
    return letters.letter(brand, mail, language, to=to, headers=headers)


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
    return letters.kept(letters.words_of(invitation.campaign, invitation.version, invitation.language)).subject


def compose_sample(message: Message) -> Letter:
    """A campaign's mail to one of our own."""
    mail = db.session.get(SampleMail, message.subject_id)
    if mail is None:
        raise Unbuildable("the test mail is gone")
    written = letters.sample(mail.campaign, mail.language, name=mail.user.name)
    with speaking(mail.language):
        subject = _("[Test] %(subject)s", subject=written.subject)
    to = (mail.user.name, message.to_address)
    shown = letters.Whole(subject, written.text, written.html)
    return letters.letter(mail.campaign.brand, shown, mail.language, to=to, headers=dict(AUTOMATIC))


def _always(_message: Message) -> Verdict:
    return None


def _values(invitation: Invitation, opt_out: str) -> dict[str, str]:
    survey = f"{config().public_url}/s/{tokens.token(tokens.Purpose.SURVEY, invitation.id)}"
    return {
        "greeting": names.greeting(invitation.contact, invitation.language),
        "survey": survey,
        "not_me": f"{survey}/not-me",
        "opt_out": opt_out,
        "decoy": f"{survey}/more",
    }
