"""What a customer's page needs to know: one light query for the page, whole rows for the rest."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, bindparam, func, select
from sqlalchemy.orm import joinedload

from surveys.customers.models import Account, Contact
from surveys.intake import nonces
from surveys.intake.nonces import Nonce, Reached
from surveys.invitations import news
from surveys.invitations.models import Campaign, Invitation
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.errors import NotFound
from surveys.lib.i18n import _
from surveys.lib.prepared import Read
from surveys.questionnaires.models import Questionnaire, Version
from surveys.questionnaires.questions import Question
from surveys.questionnaires.wording import working_days
from surveys.responses.models import Change, Response, ResponseChange
from surveys.responses.queries import response
from surveys.settings.models import Organisation
from surveys.settings.queries import default_brand, organisation


class Asked(NamedTuple):
    """What was asked, in which language, and what came back so far."""

    invitation_id: int
    version_id: int
    product_id: int
    brand_id: int
    # That of the answer, once there is one.
    language: str
    closes_at: datetime
    revision: int
    edit_days: int
    score: int | None
    answered_at: datetime | None
    withdrawn_at: datetime | None

    @property
    def is_answered(self) -> bool:
        return self.answered_at is not None and self.withdrawn_at is None

    @property
    def editable_until(self) -> datetime:
        return (self.answered_at or clock.now()) + timedelta(days=self.edit_days)

    @property
    def is_editable(self) -> bool:
        """Whether the form may be sent: before the end of the campaign, or for some days after an answer."""
        now = clock.now()
        return now <= self.editable_until if self.is_answered else now <= self.closes_at

    @property
    def is_gone(self) -> bool:
        """Whether there is nothing to show any more."""
        return not self.is_editable and clock.now() > self.closes_at


def asked(invitation_id: int) -> Asked | None:
    row = _ASKED.first(invitation_id=invitation_id)
    return Asked(*row) if row else None


def version(version_id: int) -> Version | None:
    shown = joinedload(Version.questionnaire).joinedload(Questionnaire.kind)
    return db.session.get(Version, version_id, options=[shown])


_questions: WeakKeyDictionary[Engine, dict[int, tuple[Question, ...]]] = WeakKeyDictionary()


def questions(version_id: int) -> tuple[Question, ...]:
    """The further questions of a version; from memory once nobody can change them any more."""
    kept = questions_in_memory(version_id)
    if kept is not None:
        return kept
    found = version(version_id)
    if found is None:
        return ()
    if found.is_frozen:
        _questions.setdefault(db.engine, {})[version_id] = found.further
    return found.further


def questions_in_memory(version_id: int) -> tuple[Question, ...] | None:
    """The same as far as it was asked for before; asks no database."""
    return _questions.setdefault(db.engine, {}).get(version_id)


def invitation(invitation_id: int) -> Invitation | None:
    shown = (joinedload(Invitation.contact), joinedload(Invitation.account), joinedload(Invitation.product))
    return db.session.get(Invitation, invitation_id, options=shown)


def contact(contact_id: int | None) -> Contact:
    shown = joinedload(Contact.account).selectinload(Account.contracts)
    found = db.session.get(Contact, contact_id, options=[shown]) if contact_id else None
    if found is None:
        raise NotFound(_("Choose the person first: open their page and enter the answer from there."))
    return found


def response_to(invitation_id: int) -> Response | None:
    return db.session.scalar(select(Response).where(Response.invitation_id == invitation_id))


class Became(NamedTuple):
    """What became of an answer, in the words staff chose to share."""

    text: str
    language: str
    day: date


def became(invitation_id: int, language: str) -> list[Became]:
    """What staff shared of it, the newest first; in `language` where it was written in it."""
    found = []
    for each in news.rows_about(invitation_id):
        spoken = language if language in each.texts else next(iter(each.texts), "")
        if spoken:
            found.append(Became(each.texts[spoken], spoken, each.happened_on))
    return found


class Written(NamedTuple):
    """What a customer wrote and chose besides the score."""

    comment: str
    answers: dict[str, Any]


def written_in(invitation_id: int, visit: Nonce | None) -> Written | None:
    """What was written, as it is now, for the visit that wrote all of it; None for every other one (X-04).

    Whoever has a forwarded mail may change the score: what was said before, and stays, is not theirs to read.
    """
    changes = _last_changes(invitation_id) if visit else []
    if visit is None or not changes or changes[0][1].nonce != visit.text:
        return None
    response, last = changes[0]
    if visit.reached is Reached.FRESH:
        is_own = (last.comment, last.answers) == (response.comment, response.answers)
    else:  # it saw what stood when its form was handed out
        is_own = len(changes) > 1 and nonces.mark_in(changes[1][1].nonce) == visit.after
    return Written(response.comment, response.answers) if is_own and last.kind is not Change.SET_ASIDE else None


def still_seen(invitation_id: int, form: Nonce) -> Written | None:
    """What was written, while nobody has changed it since this form was handed to the visit that wrote it."""
    changes = _last_changes(invitation_id)
    if not changes or not form.after or nonces.mark_in(changes[0][1].nonce) != form.after:
        return None
    return Written(changes[0][0].comment, changes[0][0].answers)


def _last_changes(invitation_id: int) -> list[tuple[Response, ResponseChange]]:
    """The answer to an invitation with its last two changes, the newest first."""
    found = db.session.execute(
        select(Response, ResponseChange)
        .join(ResponseChange, ResponseChange.response_id == Response.id)
        .where(Response.invitation_id == invitation_id)
        .order_by(ResponseChange.id.desc())
        .limit(2)
    )
    return [(response, change) for response, change in found]


def told_response(response_id: int) -> Response:
    """An answer that came by a link, with who gave it; only its giver can be told about it."""
    found = response(response_id)
    if found.invitation is None:
        raise NotFound(_("This answer came without a link, so there is no page to show it on."))
    return found


def promise(response: Response, language: str) -> dict[str, str]:
    """Who will get in touch, and within how many working days: the hours of the tier, a day being our opening hours."""
    ours = organisation()
    owner = response.account.owner
    hours = ours.first_contact_hours
    minutes = hours.get(response.tier or "low_touch", hours["low_touch"]) * 60
    if owner is not None and owner.is_active:
        name = owner.name
    else:
        brand = response.campaign.brand if response.campaign else default_brand()
        name = brand.said("sender_name", language) or brand.name_in(language)
    return {"name": name, "days": working_days(max(1, -(-minutes // (ours.closes_at - ours.opens_at))))}


# Prepared: every page that is opened asks this, and nothing else (performance.md).
_ASKED = Read(
    select(
        Invitation.id,
        Invitation.version_id,
        Invitation.product_id,
        Campaign.brand_id,
        func.coalesce(Response.language, Invitation.language),
        Invitation.closes_at,
        Organisation.revision,
        Organisation.edit_days,
        Response.score,
        Response.answered_at,
        Response.withdrawn_at,
    )
    .select_from(Invitation)
    .join(Campaign, Campaign.id == Invitation.campaign_id)
    .join(Organisation, Organisation.id == 1)
    .outerjoin(Response, Response.invitation_id == Invitation.id)
    .where(Invitation.id == bindparam("invitation_id"))
)
