"""Reading responses: what stands before an answer is recorded, how it came about, and what waits for a look."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, exists, func, select
from sqlalchemy.orm import joinedload

from surveys.auth.models import Attempt
from surveys.customers.models import Account, Contact, ContactRole, Contract, Phase, Tier
from surveys.invitations.models import Invitation, Outcome
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.errors import NotFound
from surveys.lib.i18n import _
from surveys.lib.prepared import Read, Write
from surveys.questionnaires.models import Kind, Questionnaire, Version
from surveys.responses.models import Evidence, Response, ResponseChange, Segment
from surveys.settings.models import Organisation, Product
from surveys.settings.queries import organisation


class Standing(NamedTuple):
    """All that recording an answer needs to know: who was asked what, the facts of today, the answer so far."""

    invitation_id: int | None
    campaign_id: int | None
    contact_id: int
    account_id: int
    version_id: int
    layout: int
    product_id: int
    language: str
    owner_at_send_id: int | None
    sent_on: date | None
    sent_tier: Tier | None
    outcome: Outcome | None
    closes_at: datetime | None
    frozen_at: datetime | None
    kind_key: str
    low: int | None
    high: int | None
    segments: dict[str, Any]
    tier: Tier | None
    phase: Phase | None
    owner_id: int | None
    role: ContactRole | None
    mrr: int | None
    currency: str | None
    timezone: str
    edit_days: int
    revision: int | None
    response_id: int | None
    score: int | None
    segment: Segment | None
    comment: str | None
    answers: dict[str, Any] | None
    wants_contact: bool | None
    evidence: Evidence | None
    quarantined_at: datetime | None
    quarantine: list[str] | None
    withdrawn_at: datetime | None
    excluded_at: datetime | None
    answered_at: datetime | None
    updated_at: datetime | None
    day: date | None
    response_language: str | None
    response_tier: Tier | None
    was_trapped: bool

    @property
    def counts(self) -> bool:
        """Whether the answer so far is in the score (M-01)."""
        outside = self.quarantined_at or self.withdrawn_at or self.excluded_at
        return self.response_id is not None and outside is None

    def is_read_only(self, now: datetime) -> bool:
        """Whether the days in which an answer may be changed are over; one that was taken back may be given again."""
        if self.answered_at is None or self.withdrawn_at is not None:
            return False
        return now > self.answered_at + timedelta(days=self.edit_days)

    def is_closed(self, now: datetime) -> bool:
        """Whether the invitation leads nowhere any more: over, and not answered a few days ago."""
        over = self.closes_at is not None and now > self.closes_at
        return over and (self.answered_at is None or self.withdrawn_at is not None or self.is_read_only(now))

    def segment_of(self, score: int | None) -> Segment | None:
        return next((name for name in Segment if score is not None and _within(self.segments[name], score)), None)


class Earlier(NamedTuple):
    """How often an answer was posted lately, and whether with this very form."""

    lately: int
    is_repeat: bool


def standing(invitation_id: int) -> Standing | None:
    """Where an invitation stands, inside the transaction that is going to change it."""
    row = _STANDING.run(invitation_id=invitation_id, trap="", trap_since=clock.now())
    return Standing(*row) if row else None


def standing_before(invitation_id: int, *, trap: str, trap_since: datetime) -> Standing | None:
    """The same before the transaction begins, so that no other writer waits for it; what is there is read again under
    its lock. `trap` is the key under which a machine's visit would have been noted.
    """
    row = _STANDING_BEFORE.first(invitation_id=invitation_id, trap=trap, trap_since=trap_since)
    return Standing(*row) if row else None


def standing_of(contact: Contact, version: Version, product: Product) -> Standing:
    """The same for an answer without an invitation, told to a member of staff."""
    kind, account = version.questionnaire.kind, contact.account
    contract = next((each for each in account.contracts if each.product_id == product.id), None)
    nothing: dict[str, Any] = dict.fromkeys(Standing._fields)
    facts: dict[str, Any] = {
        "contact_id": contact.id,
        "account_id": account.id,
        "version_id": version.id,
        "layout": version.layout,
        "product_id": product.id,
        "language": contact.language,
        "frozen_at": version.frozen_at,
        "kind_key": kind.key,
        "low": kind.low,
        "high": kind.high,
        "segments": kind.segments,
        "tier": account.tier,
        "phase": account.phase,
        "owner_id": account.owner_id,
        "role": contact.role,
        "mrr": contract.mrr if contract else None,
        "currency": contract.currency if contract else "",
        "timezone": organisation().timezone,
        "edit_days": organisation().edit_days,
        "was_trapped": False,
    }
    return Standing(**(nothing | facts))


def unanswered(contact: Contact, questionnaire_id: int) -> Invitation | None:
    """The newest invitation of this person to this questionnaire that still waits for its answer."""
    waiting = (
        select(Invitation)
        .join(Version, Version.id == Invitation.version_id)
        .where(
            Invitation.contact_id == contact.id,
            Version.questionnaire_id == questionnaire_id,
            Invitation.answered_at.is_(None),
            Invitation.outcome == Outcome.SENT,
        )
        .order_by(Invitation.id.desc())
    )
    return db.session.scalars(waiting.limit(1)).first()


def entered(contact_id: int, nonce: str) -> int | None:
    """The answer of this person that came in with this form. Nobody else enters one for them until we are done."""
    db.session.execute(select(Contact.id).where(Contact.id == contact_id).with_for_update(key_share=True))
    return db.session.scalar(
        select(Response.id)
        .join(ResponseChange, ResponseChange.response_id == Response.id)
        .where(Response.contact_id == contact_id, ResponseChange.nonce == nonce)
        .limit(1)
    )


def earlier(response_id: int, nonce: str, *, since: datetime) -> Earlier:
    row = _EARLIER.run(response_id=response_id, nonce=nonce, since=since)
    assert row is not None
    return Earlier(*row)


def posted(response_id: int | None, nonce: str) -> ResponseChange:
    """What an answer's history says of the posting of this form."""
    found = select(ResponseChange).where(ResponseChange.response_id == response_id, ResponseChange.nonce == nonce)
    return db.session.scalars(found).one()


def response(response_id: int) -> Response:
    """One response with all that a page about it shows."""
    shown = (joinedload(Response.contact), joinedload(Response.account), joinedload(Response.kind))
    found = db.session.get(Response, response_id, options=shown)
    if found is None:
        raise NotFound(_("This answer does not exist."))
    return found


def history(response: Response) -> Select[ResponseChange]:
    """How an answer came about, in the order of the commits."""
    return (
        select(ResponseChange)
        .where(ResponseChange.response_id == response.id)
        .options(joinedload(ResponseChange.by))
        .order_by(ResponseChange.id)
    )


def quarantined() -> Select[Response]:
    """Answers that a machine may have given and nobody has looked at, the newest first."""
    return (
        select(Response)
        .where(Response.quarantined_at.is_not(None), Response.withdrawn_at.is_(None))
        .options(joinedload(Response.contact), joinedload(Response.account), joinedload(Response.kind))
        .order_by(Response.quarantined_at.desc(), Response.id.desc())
    )


def _within(ends: list[int], score: int) -> bool:
    return ends[0] <= score <= ends[1]


# Prepared: on the way of every answer (performance.md).
_STANDS = (
    select(
        Invitation.id,
        Invitation.campaign_id,
        Invitation.contact_id,
        Invitation.account_id,
        Invitation.version_id,
        Invitation.layout,
        Invitation.product_id,
        Invitation.language,
        Invitation.owner_id,
        Invitation.sent_on,
        Invitation.tier,
        Invitation.outcome,
        Invitation.closes_at,
        Version.frozen_at,
        Kind.key,
        Kind.low,
        Kind.high,
        Kind.segments,
        Account.tier,
        Account.phase,
        Account.owner_id,
        Contact.role,
        Contract.mrr,
        Contract.currency,
        Organisation.timezone,
        Organisation.edit_days,
        Organisation.revision,
        Response.id,
        Response.score,
        Response.segment,
        Response.comment,
        Response.answers,
        Response.wants_contact,
        Response.evidence,
        Response.quarantined_at,
        Response.quarantine,
        Response.withdrawn_at,
        Response.excluded_at,
        Response.answered_at,
        Response.updated_at,
        Response.day,
        Response.language,
        Response.tier,
        exists().where(Attempt.key == bindparam("trap"), Attempt.window >= bindparam("trap_since")),
    )
    .select_from(Invitation)
    .join(Version, Version.id == Invitation.version_id)
    .join(Questionnaire, Questionnaire.id == Version.questionnaire_id)
    .join(Kind, Kind.key == Questionnaire.kind_key)
    .join(Account, Account.id == Invitation.account_id)
    .join(Contact, Contact.id == Invitation.contact_id)
    .join(Organisation, Organisation.id == 1)
    .outerjoin(Contract, (Contract.account_id == Account.id) & (Contract.product_id == Invitation.product_id))
    .outerjoin(Response, Response.invitation_id == Invitation.id)
    .where(Invitation.id == bindparam("invitation_id"))
)

_STANDING = Write(_STANDS)
_STANDING_BEFORE = Read(_STANDS)

_EARLIER = Write(
    select(
        select(func.count())
        .where(ResponseChange.response_id == bindparam("response_id"), ResponseChange.at > bindparam("since"))
        .scalar_subquery(),
        exists().where(
            ResponseChange.response_id == bindparam("response_id"), ResponseChange.nonce == bindparam("nonce")
        ),
    )
)
