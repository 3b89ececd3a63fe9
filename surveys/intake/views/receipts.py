"""After the answer: thanks, and taking it back."""

from __future__ import annotations

from typing import Any

from flask import redirect, request

from surveys.intake import actions, nonces, pages, queries
from surveys.intake.pages import Links
from surveys.intake.queries import Asked
from surveys.intake.views.answering import receipt_text
from surveys.intake.views.room import Gone, asked_by, bp
from surveys.lib import tokens
from surveys.lib.access import public
from surveys.lib.db import db
from surveys.lib.forms import csrf
from surveys.lib.i18n import speaking
from surveys.lib.tokens import Purpose
from surveys.questionnaires.wording import fill
from surveys.settings.queries import organisation


@bp.get("/s/<token>/thanks")
@public
def thanks(token: str) -> Any:
    """What was stored, until when it can be changed, what happens now; the words only for the visit that wrote them."""
    asked = asked_by(token)
    if not (asked.is_answered and asked.is_editable):  # the page of the link says what there is to say
        return redirect(f"/s/{token}", 303)
    visit = request.args.get("visit", "")
    comment = queries.words_of(asked.invitation_id, visit) if nonces.read(asked.invitation_id, visit) else None
    response = queries.response_to(asked.invitation_id)
    assert response is not None
    language = response.language
    with speaking(language):
        said = pages.said_in(asked, language)
        until = pages.day_of(asked.editable_until, organisation())
        worst = response.score is not None and response.kind.is_worst(response.score)
        return pages.page(
            "thanks",
            language,
            links=_links(asked, token),
            thanks=fill(said.thanks, {"date": until}),
            sorry=said.thanks_worst if worst else "",
            promise=fill(said.thanks_contact, queries.promise(response, language)) if response.wants_contact else "",
            receipt=receipt_text(asked),
            comment=comment or "",
            change_url=f"/s/{token}?visit={visit}" if visit else f"/s/{token}",
        )


@bp.get("/s/<token>/withdrawal")
@public
def withdrawal(token: str) -> Any:
    asked = asked_by(token, or_withdrawn=True)
    links = _links(asked, token)
    return pages.page("withdrawal", asked.language, links=links, is_done=not asked.is_answered)


@bp.post("/s/<token>/withdrawal")
@csrf.exempt  # type: ignore[untyped-decorator]
@public
def withdrawal_posted(token: str) -> Any:
    asked = asked_by(token, or_withdrawn=True)
    response = queries.response_to(asked.invitation_id)
    if response is None:
        raise Gone("")
    if response.withdrawn_at is None and "withdraw" in request.form:
        actions.withdraw(response)
        db.session.commit()
    return redirect(f"/s/{token}/withdrawal", 303)


def _links(asked: Asked, token: str) -> Links:
    return Links(token, tokens.token(Purpose.OPT_OUT, asked.invitation_id), "")
