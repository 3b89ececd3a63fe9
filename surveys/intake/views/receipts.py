"""After the answer: thanks, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, request

from surveys.intake import actions, nonces, pages, queries
from surveys.intake.nonces import Reached
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
from surveys.questionnaires import offers
from surveys.questionnaires.questions import Said as SaidQuestion
from surveys.questionnaires.questions import shown
from surveys.questionnaires.wording import Said, fill
from surveys.responses.models import Response
from surveys.settings.queries import organisation


@dataclass(frozen=True)
class More:
    """A form for what is still open, sent like a change of the answer."""

    nonce: str
    score: str
    why: str
    questions: Sequence[SaidQuestion]

    @property
    def is_required(self) -> bool:
        return any(each.is_required for each in self.questions)


@bp.get("/s/<token>/thanks")
@public
def thanks(token: str) -> Any:
    """What was stored, until when it can be changed, what happens now; the words only for the visit that wrote them."""
    asked = asked_by(token)
    if not (asked.is_answered and asked.is_editable):  # the page of the link says what there is to say
        return redirect(f"/s/{token}", 303)
    visit = request.args.get("visit", "")
    wrote = queries.written_in(asked.invitation_id, nonces.read(asked.invitation_id, visit))
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
            brand_id=asked.brand_id,
            links=_links(asked, token),
            thanks=fill(said.thanks, {"date": until}),
            sorry=said.thanks_worst if worst else "",
            promise=fill(said.thanks_contact, queries.promise(response, language)) if response.wants_contact else "",
            receipt=receipt_text(asked),
            became=queries.became(asked.invitation_id, language),
            comment=wrote.comment if wrote else "",
            offers=offers.fitting(
                response.version.questionnaire, language, tier=response.tier, segment=response.segment
            ),
            more=_more(asked, response, said, visit) if wrote else None,
            change_url=f"/s/{token}?visit={visit}" if visit else f"/s/{token}",
        )


@bp.get("/s/<token>/withdrawal")
@public
def withdrawal(token: str) -> Any:
    asked = asked_by(token, or_withdrawn=True)
    links = _links(asked, token)
    shown: dict[str, Any] = {"links": links, "is_done": not asked.is_answered, "may_answer": not asked.is_gone}
    return pages.page("withdrawal", asked.language, brand_id=asked.brand_id, **shown)


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


def _more(asked: Asked, response: Response, said: Said, visit: str) -> More | None:
    """What is still open after the answer: the words, and the further questions that fit it; None when nothing is."""
    asked_with_it = queries.questions(response.version_id)
    shown_with_it = shown(asked_with_it, response.segment, response.answers)
    unanswered = [each for each in shown_with_it if each.key not in response.answers]
    why = "" if response.comment or response.segment is None else said.why(response.segment)
    if not why and not unanswered:
        return None
    return More(
        nonce=nonces.issue(asked.invitation_id, response.version_id, Reached.MORE, nonces.mark_in(visit)),
        score="" if response.score is None else str(response.score),
        why=why,
        questions=pages.asked_further(unanswered, asked, response.language),
    )


def _links(asked: Asked, token: str) -> Links:
    return Links(token, tokens.token(Purpose.OPT_OUT, asked.invitation_id), "")
