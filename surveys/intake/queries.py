"""What a customer's page needs to know: one light query for the page, whole rows for the rest."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import aliased, joinedload

from surveys.customers.models import Account, Contact
from surveys.invitations.models import Invitation
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.errors import NotFound
from surveys.lib.i18n import _
from surveys.lib.prepared import Read
from surveys.questionnaires.models import Questionnaire, Version
from surveys.questionnaires.wording import working_days
from surveys.responses.models import Response, ResponseChange
from surveys.settings.models import Organisation
from surveys.settings.queries import organisation


class Asked(NamedTuple):
    """What was asked, in which language, and what came back so far."""

    invitation_id: int
    version_id: int
    product_id: int
    language: str
    closes_at: datetime
    frozen_at: datetime | None
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


def words_of(invitation_id: int, nonce: str) -> str | None:
    """The comment as it is now, for the visit that wrote the answer last; None for every other one (X-04)."""
    each = aliased(ResponseChange)
    last = select(func.max(each.id)).where(each.response_id == Response.id).correlate(Response).scalar_subquery()
    return db.session.scalar(
        select(Response.comment)
        .join(ResponseChange, ResponseChange.response_id == Response.id)
        .where(Response.invitation_id == invitation_id, ResponseChange.nonce == nonce, ResponseChange.id == last)
    )


def promise(response: Response, language: str) -> dict[str, str]:
    """Who will get in touch, and within how many working days: the hours of the tier, a day being our opening hours."""
    ours = organisation()
    owner = response.account.owner
    hours = ours.first_contact_hours
    minutes = hours.get(response.tier or "low_touch", hours["low_touch"]) * 60
    name = owner.name if owner is not None and owner.is_active else ours.sender_name or ours.name_in(language)
    return {"name": name, "days": working_days(max(1, -(-minutes // (ours.closes_at - ours.opens_at))))}


# Prepared: every page that is opened asks this, and nothing else (performance.md).
_ASKED = Read(
    select(
        Invitation.id,
        Invitation.version_id,
        Invitation.product_id,
        Invitation.language,
        Invitation.closes_at,
        Version.frozen_at,
        Organisation.revision,
        Organisation.edit_days,
        Response.score,
        Response.answered_at,
        Response.withdrawn_at,
    )
    .select_from(Invitation)
    .join(Version, Version.id == Invitation.version_id)
    .join(Organisation, Organisation.id == 1)
    .outerjoin(Response, Response.invitation_id == Invitation.id)
    .where(Invitation.id == bindparam("invitation_id"))
)
