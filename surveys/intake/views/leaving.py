"""Being asked less, differently or never again (E-03), and not the right person. A GET shows and changes nothing.

All of it takes the token of the opt-out, which never expires; a survey's token opens none of it, nor the other way
round (X-01). Whoever holds one sees what was chosen and nothing else of the person (X-04, X-22).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from flask import Response, redirect, request

from surveys.auth import limits
from surveys.customers import wishes
from surveys.customers.models import WISHES
from surveys.delivery.models import SuppressionReason
from surveys.delivery.queries import suppression_of
from surveys.intake import actions, late, nonces, pages, queries
from surveys.intake.forms import NotMeForm
from surveys.intake.pages import Links
from surveys.intake.queries import Asked
from surveys.intake.views.room import Gone, asked_by, bp, number_in
from surveys.invitations.models import Invitation
from surveys.lib import clock, tokens
from surveys.lib.access import public
from surveys.lib.db import db, noting
from surveys.lib.forms import csrf
from surveys.lib.i18n import LANGUAGES, _, speaking
from surveys.lib.tokens import Purpose
from surveys.settings.queries import brand

SHORTEST_READING: Final = timedelta(milliseconds=800)
NOTES: Final = limits.Limit("not-me", 20, timedelta(hours=1))
BY_TOKEN: Final = {"csrf": False}  # what a form proves itself by stands in its address
LARGEST_NOTE: Final = 32 * 1024  # bytes


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
        actions.opt_out(invitation, source="page", is_suspect=_is_suspect(invitation))
    elif "return" in request.form:
        actions.opt_in(invitation)
    elif "save" in request.form:
        chosen = {name: name in request.form for name in WISHES}
        wishes.choose(invitation.contact, chosen, request.form.get("language", ""), is_suspect=_is_suspect(invitation))
    else:
        return _leaving_page(invitation)
    db.session.commit()
    return redirect(f"/u/{token}?saved=1" if "save" in request.form else f"/u/{token}", 303)


def _is_suspect(invitation: Invitation) -> bool:
    """Whether a machine may have pressed the button: it takes effect all the same, and staff see it."""
    nonce = nonces.read(invitation.id, request.form.get("nonce", ""))
    return nonce is None or clock.now() - nonce.issued_at < SHORTEST_READING


@bp.get("/s/<token>/not-me")
@public
def not_me(token: str) -> Any:
    asked = asked_by(token)
    with speaking(asked.language):
        return _not_me_page(token, asked, _invitation(asked.invitation_id), NotMeForm(formdata=None, meta=BY_TOKEN))


@bp.post("/s/<token>/not-me")
@csrf.exempt  # type: ignore[untyped-decorator]
@public
def not_me_posted(token: str) -> Any:
    """Takes effect at once; who was named waits for staff, and no mail goes there by itself."""
    asked = asked_by(token, or_over=True)
    request.max_content_length = LARGEST_NOTE
    with noting():
        limits.spend(NOTES, limits.network_of(request.remote_addr))
    invitation = _invitation(asked.invitation_id)
    with speaking(asked.language):
        form = NotMeForm(meta=BY_TOKEN)
        if asked.is_gone:
            return _too_late(asked, form)
        if form.validate() and (form.why.data or form.named):
            with form.keeping():
                actions.not_me(invitation, form.why.data, form.named)
                db.session.commit()
                return redirect(f"/s/{token}/not-me{'?named=1' if form.named else ''}", 303)
        return _not_me_page(token, asked, invitation, form)


def _too_late(asked: Asked, form: NotMeForm) -> Response:
    """The link led nowhere any more when it was sent: what was written goes back (R-28)."""
    said = [each for each in (form.name, form.email, form.words) if each.data]
    words = "\n".join(_("%(who)s: %(what)s", who=each.label.text, what=each.data) for each in said)
    mail_to = late.mail_to(brand(asked.brand_id).answers_to, words)
    return pages.page("late", asked.language, 404, brand_id=asked.brand_id, words=words, mail_to=mail_to)


def _not_me_page(token: str, asked: Asked, invitation: Invitation, form: NotMeForm) -> Response:
    return pages.page(
        "not_me",
        asked.language,
        form.status,
        brand_id=asked.brand_id,
        links=Links(token, tokens.token(Purpose.OPT_OUT, invitation.id), ""),
        form=form,
        is_done=bool(invitation.contact.unreachable),
        has_named="named" in request.args,
    )


def _invitation(number: int) -> Invitation:
    found = queries.invitation(number)
    if found is None:
        raise Gone("")
    return found


def _leaving_page(invitation: Invitation) -> Response:
    contact = invitation.contact
    suppression = suppression_of(contact.email)
    return pages.page(
        "leaving",
        contact.language if contact.is_language_own else invitation.language,
        chosen={name for name in WISHES if getattr(contact, name)},
        languages=LANGUAGES,
        spoken=contact.language,
        brand_id=invitation.campaign.brand_id,
        is_saved="saved" in request.args,
        has_left=suppression is not None,
        may_return=suppression is not None and suppression.reason is SuppressionReason.OPT_OUT,
        nonce=nonces.issue(invitation.id, invitation.version_id),
    )
