"""Mails with a one-time link. It opens an account, so they never land in the built-in mailbox (X-15).

Composed when a worker claims them: the link follows from the row, the address of this installation from its settings.
"""

from __future__ import annotations

from flask import render_template

from surveys.auth import actions, limits, queries
from surveys.auth.models import LinkPurpose, OneTimeLink
from surveys.delivery.actions import queue
from surveys.delivery.kinds import Hold, MessageKind, Verdict
from surveys.delivery.mail import AUTOMATIC, Letter
from surveys.delivery.models import Message, Rank
from surveys.lib import addresses
from surveys.lib.db import db
from surveys.lib.i18n import speaking
from surveys.lib.process import config
from surveys.lib.styles import inlined
from surveys.settings.queries import default_brand, organisation


def ask_for_reset(email: str, network: str) -> None:
    """Plan the mail with the link when there is such an active user; nothing tells the caller whether there is."""
    limits.spend(limits.RESET, addresses.normal(email))
    limits.spend(limits.RESET_NETWORK, network)
    user = queries.user_by_email(email)
    if user is not None and user.is_active:
        send(actions.link_on_request(user))


def send(link: OneTimeLink) -> Message:
    """Plan the mail that carries this link."""
    return queue(link.purpose.value, link.id, to=link.user.email, rank=Rank.AWAITED, is_confidential=True)


def compose(message: Message) -> Letter:
    link = db.session.get_one(OneTimeLink, message.subject_id)
    ours, settings = organisation(), config()
    told = {
        "user": link.user,
        "link": link,
        "address": f"{settings.public_url}/links/{link.secret}",
        "minutes": int((link.expires_at - link.created_at).total_seconds() // 60),
    }
    name = f"auth/email/{link.purpose.value}"
    with speaking(link.user.locale):
        return Letter(
            sender=(ours.name_in(link.user.locale) or "Koe", default_brand().sender_address or settings.mail_from),
            to=(link.user.name, message.to_address),
            subject=render_template(f"{name}.subject.txt", **told).strip(),
            text=render_template(f"{name}.txt", **told),
            html=inlined(render_template(f"{name}.html", **told)),
            headers=AUTOMATIC,
        )


def may_still_send(message: Message) -> Verdict:
    link = db.session.get(OneTimeLink, message.subject_id)
    if link is None or not link.is_open:
        return Hold("link_closed")
    return None


def settled(message: Message) -> None:
    """Nothing waits for the end of these mails."""


_KIND = MessageKind(
    compose=compose, may_still_send=may_still_send, settled=settled, at_least_once=True, heeds_suppression=False
)
MESSAGE_KINDS = {purpose.value: _KIND for purpose in LinkPurpose}
"""For the worker's table of message kinds."""
