"""The ways out: no more surveys (E-03), and not the right person. A GET shows a button and changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from flask import Response, redirect, request

from surveys.delivery.models import SuppressionReason
from surveys.delivery.queries import suppression_of
from surveys.intake import actions, nonces, pages, queries
from surveys.intake.actions import NotMe
from surveys.intake.pages import Links
from surveys.intake.views.room import Gone, asked_by, bp, number_in
from surveys.invitations.models import Invitation
from surveys.lib import clock, tokens
from surveys.lib.access import public
from surveys.lib.db import db
from surveys.lib.forms import csrf
from surveys.lib.tokens import Purpose

SHORTEST_READING: Final = timedelta(milliseconds=800)


@bp.get("/u/<token>")
@public
def leaving(token: str) -> Response:
    return _leaving_page(_invitation(number_in(Purpose.OPT_OUT, token)))


@bp.post("/u/<token>")
@csrf.exempt  # type: ignore[untyped-decorator]
@public
def leaving_posted(token: str) -> Any:
    """The mail program's one click (RFC 8058) gets a bare 200; the page's own buttons come back to the page."""
    invitation = _invitation(number_in(Purpose.OPT_OUT, token))
    if request.form.get("List-Unsubscribe") == "One-Click":
        actions.opt_out(invitation, source="one_click")
        db.session.commit()
        return Response("", 200, content_type="text/plain; charset=utf-8")
    if "leave" in request.form:
        nonce = nonces.read(invitation.id, request.form.get("nonce", ""))
        is_suspect = nonce is None or clock.now() - nonce.issued_at < SHORTEST_READING
        actions.opt_out(invitation, source="page", is_suspect=is_suspect)
    elif "return" in request.form:
        actions.opt_in(invitation)
    else:
        return _leaving_page(invitation)
    db.session.commit()
    return redirect(f"/u/{token}", 303)


@bp.get("/s/<token>/not-me")
@public
def not_me(token: str) -> Any:
    asked = asked_by(token)
    invitation = _invitation(asked.invitation_id)
    links = Links(token, tokens.token(Purpose.OPT_OUT, invitation.id), "")
    return pages.page("not_me", asked.language, links=links, is_done=bool(invitation.contact.unreachable))


@bp.post("/s/<token>/not-me")
@csrf.exempt  # type: ignore[untyped-decorator]
@public
def not_me_posted(token: str) -> Any:
    invitation = _invitation(asked_by(token).invitation_id)
    why = request.form.get("why", "")
    if why in set(NotMe):
        actions.not_me(invitation, NotMe(why))
        db.session.commit()
    return redirect(f"/s/{token}/not-me", 303)


def _invitation(number: int) -> Invitation:
    found = queries.invitation(number)
    if found is None:
        raise Gone("")
    return found


def _leaving_page(invitation: Invitation) -> Response:
    suppression = suppression_of(invitation.contact.email)
    return pages.page(
        "leaving",
        invitation.language,
        has_left=suppression is not None,
        may_return=suppression is not None and suppression.reason is SuppressionReason.OPT_OUT,
        nonce=nonces.issue(invitation.id, invitation.version_id),
    )
