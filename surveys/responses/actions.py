"""Recording answers and what happens to them later; every step stays in their history.

`record` is on the way of every answer and uses prepared statements; the others are for staff and load the row. None of
them counts or triages: that is for `intake.actions`, the one way in.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, exists, insert, select, true, update
from sqlalchemy.dialects import postgresql

from surveys.auth.models import StaffUser
from surveys.customers.models import Tier
from surveys.invitations.models import Invitation
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.prepared import Write
from surveys.questionnaires.models import Version
from surveys.questionnaires.questions import Value, fitting
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
    answers: Mapping[str, Value]
    wants_contact: bool | None
    is_quarantined: bool
    # Of the invitation, as it is now that nobody else may change it.
    sent_on: date | None
    sent_tier: Tier | None


class _Before(NamedTuple):
    """What an answer said besides its score."""

    comment: str
    answers: dict[str, Any]
    wants_contact: bool | None


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
        if verdict.reasons:
            _DOUBT.run(response_id=so_far.response_id, quarantined_at=posting.at, quarantine=list(verdict.reasons))
        return _as_it_was(so_far, Change.SET_ASIDE, is_doubted=bool(verdict.reasons))
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
    change = Change.QUARANTINED if verdict.reasons else Change.ANSWERED
    answer = _facts(so_far) | {
        "score": posting.score,
        "segment": segment,
        "comment": posting.comment,
        "answers": dict(posting.answers),
        "wants_contact": posting.wants_contact,
        "language": posting.language,
        "source": source,
        "evidence": verdict.evidence,
        "quarantined_at": posting.at if verdict.reasons else None,
        "quarantine": list(verdict.reasons),
        "withdrawn_at": None,
        "excluded_at": None,
        "excluded_reason": "",
        "entered_by_id": by.id if by else None,
        "answered_at": posting.at,
        "updated_at": posting.at,
        "day": clock.local_day(posting.at, so_far.timezone),
    }
    row = _stored(answer, _entry(posting, change, verdict, by=by))
    if row is None:
        return None
    if so_far.frozen_at is None:
        _FREEZE.later(version_id=so_far.version_id, frozen_at=posting.at)
    said = (posting.comment, posting.answers, posting.wants_contact)
    return Recorded(row[0], change, posting.score, segment, *said, bool(verdict.reasons), *row[1:])


def _stored(answer: dict[str, Any], entry: dict[str, Any]) -> tuple[Any, ...] | None:
    """A new answer, its place in the history, and its mark on the invitation: what it says of its sending now.

    PostgreSQL does it in one statement, which is one trip to it; SQLite knows none that changes several tables.
    """
    if db.engine.dialect.name == "postgresql":
        values = {f"answer_{name}": value for name, value in answer.items()}
        return _ALL_AT_ONCE.run(**values, **{f"entry_{name}": value for name, value in entry.items()})
    row = _ANSWER.run(**answer)
    if row is None:
        return None
    _NOTE.later(response_id=row[0], **entry)
    number = answer["invitation_id"]
    sent = _ANSWERED.run(invitation_id=number, answered_at=answer["answered_at"]) if number is not None else None
    return (row[0], *(sent or (None, None)))


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
    before, segment = _before(so_far, posting, verdict), so_far.segment_of(posting.score)
    keeps = not posting.comment and not posting.replaces_comment
    comment = before.comment if keeps else posting.comment
    answers = ({} if posting.replaces_comment else before.answers) | dict(posting.answers)
    answers = fitting(posting.questions, segment, answers) if posting.questions else answers
    wants_contact = before.wants_contact if posting.wants_contact is None else posting.wants_contact
    _CHANGE.run(
        response_id=so_far.response_id,
        score=posting.score,
        segment=segment,
        comment=comment,
        answers=answers,
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
        answers,
        wants_contact,
        bool(verdict.reasons),
        so_far.sent_on,
        so_far.sent_tier,
    )


def _before(so_far: Standing, posting: Posting, verdict: Verdict) -> _Before:
    """What goes on from the answer so far: nothing when it was taken back, or when a person answers after a machine."""
    after_a_machine = so_far.quarantined_at is not None and not verdict.reasons and not posting.is_same_visit
    if so_far.withdrawn_at is not None or after_a_machine:
        return _Before("", {}, None)
    return _Before(so_far.comment or "", so_far.answers or {}, so_far.wants_contact)


def _as_it_was(so_far: Standing, change: Change, *, is_doubted: bool) -> Recorded:
    assert so_far.response_id is not None
    return Recorded(
        so_far.response_id,
        change,
        so_far.score,
        so_far.segment,
        so_far.comment or "",
        so_far.answers or {},
        so_far.wants_contact,
        so_far.quarantined_at is not None or is_doubted,
        so_far.sent_on,
        so_far.sent_tier,
    )


def _note(response_id: int, posting: Posting, change: Change, verdict: Verdict, *, by: StaffUser | None) -> None:
    _NOTE.later(response_id=response_id, **_entry(posting, change, verdict, by=by))


def _entry(posting: Posting, change: Change, verdict: Verdict, *, by: StaffUser | None) -> dict[str, Any]:
    """What the history keeps of a posting."""
    taken = int((posting.at - posting.issued_at).total_seconds() * 1000)
    return {
        "at": posting.at,
        "score": posting.score,
        "comment": posting.comment,
        "answers": dict(posting.answers),
        "evidence": verdict.evidence,
        "kind": change,
        "nonce": posting.nonce or None,
        "by_id": by.id if by else None,
        "facts": {"milliseconds": taken, "language": posting.language}
        | ({"reasons": list(verdict.reasons)} if verdict.reasons else {}),
    }


def _by_staff(response: Response, change: Change, *, by: StaffUser | None, reason: str = "") -> None:
    entry = ResponseChange(
        response_id=response.id,
        at=clock.now(),
        score=response.score,
        comment=response.comment,
        answers=response.answers,
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
    "answers",
    "wants_contact",
    "evidence",
    "quarantined_at",
    "quarantine",
    "withdrawn_at",
    "updated_at",
)
_ENTRY = [column for column in ResponseChange.__table__.columns if column.key not in ("id", "response_id")]
_SENT = (Invitation.sent_on, Invitation.tier)
# PostgreSQL's "on conflict" is SQLite's as well.
_ANSWER = Write(
    postgresql.insert(Response).on_conflict_do_nothing(index_elements=["invitation_id"]).returning(Response.id),
    sets=[column.key for column in Response.__table__.columns if column.key != "id"],
)
_CHANGE = Write(update(Response).where(Response.id == bindparam("response_id")), sets=_CHANGING)
_DOUBT = Write(update(Response).where(Response.id == bindparam("response_id")), sets=("quarantined_at", "quarantine"))
_NOTE = Write(insert(ResponseChange), sets=["response_id", *[column.key for column in _ENTRY]])
_LOCK = Write(select(Response.id).where(Response.id == bindparam("response_id")).with_for_update())
_LOCK_INVITATION = Write(select(Invitation.id).where(Invitation.id == bindparam("invitation_id")).with_for_update())
# What it gives back may be newer than what was read before: its mail may have been accepted meanwhile.
_ANSWERED = Write(
    update(Invitation).where(Invitation.id == bindparam("invitation_id")).returning(*_SENT), sets=["answered_at"]
)
_FREEZE = Write(
    update(Version).where(Version.id == bindparam("version_id"), Version.frozen_at.is_(None)), sets=["frozen_at"]
)


def _at_once() -> Select[Any]:
    """The three of an answer in one statement; the second and the third happen only when the first did."""
    given = {each.key: bindparam(f"answer_{each.key}", type_=each.type) for each in Response.__table__.columns}
    del given["id"]
    new = postgresql.insert(Response).values(given).on_conflict_do_nothing(index_elements=["invitation_id"])
    stored = new.returning(Response.id).cte("stored")
    entry = [bindparam(f"entry_{each.key}", type_=each.type) for each in _ENTRY]
    noted = insert(ResponseChange).from_select(["response_id", *_ENTRY], select(stored.c.id, *entry)).cte("noted")
    mine = (Invitation.id == given["invitation_id"]) & exists(select(stored.c.id))
    marked = update(Invitation).where(mine).values(answered_at=given["answered_at"]).returning(*_SENT).cte("marked")
    found = select(stored.c.id, marked.c.sent_on, marked.c.tier)
    return found.select_from(stored.outerjoin(marked, true())).add_cte(noted)


_ALL_AT_ONCE = Write(_at_once())
