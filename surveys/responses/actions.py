"""Recording answers and what happens to them later; every step stays in their history.

`record` is on the way of every answer and uses prepared statements; the others are for staff and load the row. None of
them counts or triages: that is for `intake.actions`, the one way in.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects import postgresql

from surveys.auth.models import StaffUser
from surveys.customers.models import Tier
from surveys.invitations.models import Invitation
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.prepared import Write
from surveys.questionnaires.models import Version
from surveys.responses.evidence import Posting, Verdict
from surveys.responses.models import Change, Response, ResponseChange, Segment, Source
from surveys.responses.queries import Standing


class Recorded(NamedTuple):
    """What an answer is now."""

    response_id: int
    change: Change
    score: int | None
    segment: Segment | None
    comment: str
    wants_contact: bool | None
    is_quarantined: bool
    # Of the invitation, as it is now that nobody else may change it.
    sent_on: date | None
    sent_tier: Tier | None


def record(
    so_far: Standing, posting: Posting, verdict: Verdict, *, source: Source, by: StaffUser | None = None
) -> Recorded | None:
    """Store one posting and its place in the history; None when another was stored at the same moment.

    When there is an answer already, the caller holds its lock.
    """
    if so_far.response_id is None:
        return _answer(so_far, posting, verdict, source=source, by=by)
    if not verdict.applies:
        _note(so_far.response_id, posting, Change.SET_ASIDE, verdict, by=by)
        return _as_it_was(so_far, Change.SET_ASIDE)
    return _change(so_far, posting, verdict, by=by)


def lock(response_id: int, invitation_id: int | None) -> None:
    """Let nobody else change this answer and its invitation until the transaction ends.

    What was read before may be stale.
    """
    _LOCK.run(response_id=response_id)
    if invitation_id is not None:
        lock_invitation(invitation_id)


def lock_invitation(invitation_id: int) -> None:
    """The same of an invitation alone: what is asked after it sees every answer that was being stored."""
    _LOCK_INVITATION.run(invitation_id=invitation_id)


def exclude(response: Response, reason: str, *, by: StaffUser) -> None:
    response.exclude(reason, at=clock.now())
    _by_staff(response, Change.EXCLUDED, by=by, reason=reason)


def restore(response: Response, *, by: StaffUser) -> None:
    response.restore()
    _by_staff(response, Change.RESTORED, by=by)


def accept(response: Response, *, by: StaffUser) -> None:
    """Vouch for an answer that a machine might have given (E-24)."""
    response.accept()
    _by_staff(response, Change.ACCEPTED, by=by)


def reject(response: Response, *, by: StaffUser) -> None:
    """Take an answer for a machine's: it never counts."""
    response.reject(at=clock.now())
    _by_staff(response, Change.REJECTED, by=by)


def withdraw(response: Response, *, by: StaffUser | None = None) -> None:
    """Take the answer back, at the customer's wish."""
    response.withdraw(at=clock.now())
    _by_staff(response, Change.WITHDRAWN, by=by)


def _answer(
    so_far: Standing, posting: Posting, verdict: Verdict, *, source: Source, by: StaffUser | None
) -> Recorded | None:
    segment = so_far.segment_of(posting.score)
    row = _ANSWER.run(
        **_facts(so_far),
        score=posting.score,
        segment=segment,
        comment=posting.comment,
        wants_contact=posting.wants_contact,
        language=posting.language,
        source=source,
        evidence=verdict.evidence,
        quarantined_at=posting.at if verdict.reasons else None,
        quarantine=list(verdict.reasons),
        withdrawn_at=None,
        excluded_at=None,
        excluded_reason="",
        entered_by_id=by.id if by else None,
        answered_at=posting.at,
        updated_at=posting.at,
        day=clock.local_day(posting.at, so_far.timezone),
    )
    if row is None:
        return None
    change = Change.QUARANTINED if verdict.reasons else Change.ANSWERED
    _note(row[0], posting, change, verdict, by=by)
    sent = None
    if so_far.invitation_id is not None:
        sent = _ANSWERED.run(invitation_id=so_far.invitation_id, answered_at=posting.at)
    if so_far.frozen_at is None:
        _FREEZE.run(version_id=so_far.version_id, frozen_at=posting.at)
    return Recorded(
        row[0],
        change,
        posting.score,
        segment,
        posting.comment,
        posting.wants_contact,
        bool(verdict.reasons),
        *(sent or (None, None)),
    )


def _facts(so_far: Standing) -> dict[str, Any]:
    """What is frozen with the answer: who, what was shown, and the account as it is now."""
    return {
        "invitation_id": so_far.invitation_id,
        "campaign_id": so_far.campaign_id,
        "contact_id": so_far.contact_id,
        "account_id": so_far.account_id,
        "version_id": so_far.version_id,
        "layout": so_far.layout,
        "kind_key": so_far.kind_key,
        "product_id": so_far.product_id,
        "tier": so_far.tier,
        "phase": so_far.phase,
        "role": so_far.role,
        "mrr": so_far.mrr,
        "currency": so_far.currency or "",
        "owner_id": so_far.owner_id,
        "owner_at_send_id": so_far.owner_at_send_id,
    }


def _change(so_far: Standing, posting: Posting, verdict: Verdict, *, by: StaffUser | None) -> Recorded:
    assert so_far.response_id is not None
    keeps = not posting.comment and not posting.replaces_comment
    comment = (so_far.comment or "") if keeps else posting.comment
    wants_contact = so_far.wants_contact if posting.wants_contact is None else posting.wants_contact
    segment = so_far.segment_of(posting.score)
    _CHANGE.run(
        response_id=so_far.response_id,
        score=posting.score,
        segment=segment,
        comment=comment,
        wants_contact=wants_contact,
        evidence=verdict.evidence,
        quarantined_at=(so_far.quarantined_at or posting.at) if verdict.reasons else None,
        quarantine=list(verdict.reasons),
        withdrawn_at=None,
        updated_at=posting.at,
    )
    change = Change.QUARANTINED if verdict.reasons else Change.CHANGED
    _note(so_far.response_id, posting, change, verdict, by=by)
    return Recorded(
        so_far.response_id,
        change,
        posting.score,
        segment,
        comment,
        wants_contact,
        bool(verdict.reasons),
        so_far.sent_on,
        so_far.sent_tier,
    )


def _as_it_was(so_far: Standing, change: Change) -> Recorded:
    assert so_far.response_id is not None
    return Recorded(
        so_far.response_id,
        change,
        so_far.score,
        so_far.segment,
        so_far.comment or "",
        so_far.wants_contact,
        so_far.quarantined_at is not None,
        so_far.sent_on,
        so_far.sent_tier,
    )


def _note(response_id: int, posting: Posting, change: Change, verdict: Verdict, *, by: StaffUser | None) -> None:
    taken = int((posting.at - posting.issued_at).total_seconds() * 1000)
    _NOTE.run(
        response_id=response_id,
        at=posting.at,
        score=posting.score,
        comment=posting.comment,
        evidence=verdict.evidence,
        kind=change,
        nonce=posting.nonce or None,
        by_id=by.id if by else None,
        facts={"milliseconds": taken, "language": posting.language}
        | ({"reasons": list(verdict.reasons)} if verdict.reasons else {}),
    )


def _by_staff(response: Response, change: Change, *, by: StaffUser | None, reason: str = "") -> None:
    entry = ResponseChange(
        response_id=response.id,
        at=clock.now(),
        score=response.score,
        comment=response.comment,
        evidence=response.evidence,
        kind=change,
        by_id=by.id if by else None,
        facts={"reason": reason} if reason else {},
    )
    db.session.add(entry)
    db.session.flush()


# Prepared: on the way of every answer (performance.md).
_CHANGING = (
    "score",
    "segment",
    "comment",
    "wants_contact",
    "evidence",
    "quarantined_at",
    "quarantine",
    "withdrawn_at",
    "updated_at",
)
# PostgreSQL's "on conflict" is SQLite's as well.
_ANSWER = Write(
    postgresql.insert(Response).on_conflict_do_nothing(index_elements=["invitation_id"]).returning(Response.id),
    sets=[column.key for column in Response.__table__.columns if column.key != "id"],
)
_CHANGE = Write(update(Response).where(Response.id == bindparam("response_id")), sets=_CHANGING)
_NOTE = Write(
    insert(ResponseChange), sets=[column.key for column in ResponseChange.__table__.columns if column.key != "id"]
)
_LOCK = Write(select(Response.id).where(Response.id == bindparam("response_id")).with_for_update())
_LOCK_INVITATION = Write(select(Invitation.id).where(Invitation.id == bindparam("invitation_id")).with_for_update())
# What it gives back may be newer than what was read before: its mail may have been accepted meanwhile.
_ANSWERED = Write(
    update(Invitation)
    .where(Invitation.id == bindparam("invitation_id"))
    .returning(Invitation.sent_on, Invitation.tier),
    sets=["answered_at"],
)
_FREEZE = Write(
    update(Version).where(Version.id == bindparam("version_id"), Version.frozen_at.is_(None)), sets=["frozen_at"]
)
