"""A customer in tests: opens the link of an invitation, reads for a while, answers."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from werkzeug.test import TestResponse

from surveys.invitations.models import Invitation
from surveys.lib import clock, tokens

NONCE = re.compile(r'name="nonce" value="([^"]+)"')
READING = timedelta(seconds=5)


def link(invitation: Invitation) -> str:
    return f"/s/{tokens.token(tokens.Purpose.SURVEY, invitation.id)}"


def opt_out_link(invitation: Invitation) -> str:
    return f"/u/{tokens.token(tokens.Purpose.OPT_OUT, invitation.id)}"


def nonce_on(page: TestResponse) -> str:
    found = NONCE.search(page.text)
    assert found, "there is no form on this page"
    return found[1]


def answer(
    client: Any,
    invitation: Invitation,
    score: object = 9,
    comment: str = "",
    *,
    reading: timedelta = READING,
    **fields: Any,
) -> TestResponse:
    """Open the page, take `reading` to do so, and send the form; extra fields replace those of the form."""
    headers = fields.pop("headers", None)
    opened_at = clock.now()  # the two moments stand still, however busy the machine is
    with clock.at(opened_at):
        page = client.get(f"{link(invitation)}{fields.pop('query', '')}", headers=headers)
    sent = {"nonce": nonce_on(page), "shown_in": invitation.language, "score": score, "comment": comment, **fields}
    with clock.at(opened_at + reading):
        return client.post(link(invitation), data=sent, headers=headers)
