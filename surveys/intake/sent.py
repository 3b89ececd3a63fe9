"""One sending of the form, as the request says: from where, and what it means for the answer (E-23).

Without Flask, for the door reads it as well as the view.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from surveys.auth import limits
from surveys.intake import forms, nonces
from surveys.intake.forms import Entered
from surveys.intake.nonces import Nonce
from surveys.lib import clock, tokens
from surveys.questionnaires.questions import Sent
from surveys.responses.evidence import Posting
from surveys.responses.queries import Standing, standing_before

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

TRAP: Final = limits.Limit("trap", 1000, timedelta(minutes=2))
ROBOT: Final = re.compile(r"bot/|crawler|spider|prefetch|link-?preview|urlscan", re.IGNORECASE)


class Sender(NamedTuple):
    """Who sent a form: the network, the browser, and whether it says that it only fetches ahead."""

    address: str
    agent: str
    purpose: str

    @property
    def said_prefetch(self) -> bool:
        return "prefetch" in self.purpose or bool(ROBOT.search(self.agent))

    @property
    def trap_key(self) -> str:
        """Under which a machine of this network and this kind of browser is noted; not readable back."""
        return tokens.hidden(f"trap\x1f{limits.network_of(self.address)}\x1f{self.agent}")


def sender_in(environ: WSGIEnvironment) -> Sender:
    purpose = environ.get("HTTP_SEC_PURPOSE", "") + environ.get("HTTP_PURPOSE", "")
    return Sender(environ.get("REMOTE_ADDR", ""), environ.get("HTTP_USER_AGENT", ""), purpose)


def standing_for(number: int, sender: Sender) -> Standing | None:
    """Where the invitation stands before the transaction begins, and whether this sender was in the trap."""
    return standing_before(number, trap=sender.trap_key, trap_since=clock.now() - TRAP.span)


def posting(entered: Entered, so_far: Standing, nonce: Nonce, further: Sent, sender: Sender) -> Posting:
    number = so_far.invitation_id or 0
    return Posting(
        score=forms.score_in(entered.score, so_far.low, so_far.high),
        comment=entered.comment,
        answers=further.answers,
        questions=further.questions,
        wants_contact=entered.wants_contact,
        language=entered.shown_in or so_far.language,
        nonce=nonce.text,
        issued_at=nonce.issued_at,
        at=clock.now(),
        is_change=nonce.is_change,
        is_more=nonce.is_more,
        replaces_comment=bool(entered.visit) and nonces.read(number, entered.visit) is not None,
        filled_honeypot=entered.filled_honeypot,
        said_prefetch=sender.said_prefetch,
        was_trapped=so_far.was_trapped,
    )
