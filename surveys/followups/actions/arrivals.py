"""Answers as they come in, change and go: what the queue makes of them, in the answer's own transaction.

This is on the way of every answer: an answer that nobody has to do anything about costs no query here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql

from surveys.auth.models import StaffUser
from surveys.customers.models import Contact
from surveys.followups import priority, queries
from surveys.followups import triage as rules
from surveys.followups.actions.record import record, record_of
from surveys.followups.models import IS_OPEN, Case, CaseResponse, CaseState, Lane
from surveys.followups.triage import Answer, Reason, Verdict
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.prepared import Write
from surveys.questionnaires.queries import scale_of
from surveys.responses.models import Response
from surveys.scales import Direction
from surveys.settings.queries import Promise, promise


def triage(answer: Answer) -> int | None:
    """Put an answer that counts into the queue when we owe its sender something; joins the contact's open item.

    The number of the item, None when nobody has to do anything.
    """
    verdict = rules.judge(answer)
    return None if verdict is None else _file(answer, verdict)


def revise(answer: Answer) -> int | None:
    """An answer was changed: better never closes its case, worse is treated as new. The number of its item."""
    verdict = rules.judge(answer)
    case = queries.open_item_with(answer.response_id)
    if case is None:
        return None if verdict is None else _file(answer, verdict)
    if verdict is not None:
        _lift_for(case, verdict, answer)
    before = case.weight
    weigh(case)
    if verdict is not None and (case.weight > before or _fell(answer)):
        _rouse(case)
    record(case, "answer_changed", response_id=answer.response_id, score=answer.score)
    return case.id


def withdraw(response_id: int) -> None:
    """An answer was taken back: its case is void, unless something else keeps it open."""
    case = queries.open_item_with(response_id)
    if case is None:
        return
    remaining = weigh(case, without=response_id)
    record(case, "answer_withdrawn", response_id=response_id)
    if not remaining and case.reason != Reason.BY_HAND:
        case.invalidate()
        record(case, "invalidated")


def open_by_hand(contact: Contact, *, by: StaffUser, why: str) -> Case:
    """A case without an answer, for somebody we owe a conversation for another reason; joins what is open."""
    case = queries.open_item_of(contact.id)
    if case is None:
        case = Case(contact_id=contact.id, account_id=contact.account_id, reason=Reason.BY_HAND.value)
        case.opened_at, case.assignee = clock.now(), by
        case.due_at = due_at(contact.account.tier, case.opened_at)
        case.terms = priority.kept_terms([], points(), revenue=queries.revenue_of(contact.account))
        case.weight = sum(case.terms.values())
        db.session.add(case)
        db.session.flush()
    elif case.is_light:
        case.lift(due_at(contact.account.tier, clock.now()))
        case.reason = Reason.BY_HAND
    record(case, "opened_by_hand", by=by, why=why)
    return case


def reweigh() -> int:
    """Weigh every open item anew, after the weights were changed; the number of items."""
    items = db.session.scalars(queries.open_items()).all()
    for case in items:
        weigh(case)
    return len(items)


def due_at(tier: str | None, start: datetime, given: Promise | None = None) -> datetime:
    """When the first contact is due: working hours by tier after `start`; without a tier as for low touch."""
    given = given or promise()
    return given.calendar.add_hours(start, given.hours.get(tier or "low_touch", given.hours["low_touch"]))


def points() -> dict[str, object]:
    return priority.weights(promise().weights)


def weigh(case: Case, *, without: int = 0) -> Sequence[Response]:
    """Compute the kept terms from the case's answers as they are now; returns those that were not taken back."""
    db.session.flush()
    answers = db.session.scalars(queries.standing_answers(case.id, without=without)).all()
    revenue = None if answers else queries.revenue_of(case.account)
    case.terms = priority.kept_terms(answers, points(), revenue=revenue)
    case.weight = sum(case.terms.values())
    return answers


def _file(answer: Answer, verdict: Verdict) -> int:
    """Into a new item, else into the one that the contact has open."""
    number = _open(answer, verdict)
    while number is None:
        case = queries.open_item_of(answer.contact_id)
        number = _open(answer, verdict) if case is None else _join(case, answer, verdict)
    return number


def _join(case: Case, answer: Answer, verdict: Verdict) -> int:
    _lift_for(case, verdict, answer)
    _LINK.later(case_id=case.id, response_id=answer.response_id)
    weigh(case)
    _rouse(case)
    record(case, "joined", response_id=answer.response_id, score=answer.score)
    return case.id


def _rouse(case: Case) -> None:
    """Back in sight and to work: the customer has spoken again."""
    case.wake()
    if case.state is CaseState.WAITING:
        case.wait(False)


def _fell(answer: Answer) -> bool:
    """Whether the score of a changed answer is worse than the one it had before."""
    scale, earlier = scale_of(answer.kind_key), queries.score_before(answer.response_id)
    if scale is None or earlier is None or answer.score is None:
        return False
    return answer.score < earlier if scale.direction is Direction.HIGHER else answer.score > earlier


def _open(answer: Answer, verdict: Verdict) -> int | None:
    """A new item; None when the contact has one open, the other of two answers that came at once included."""
    given = promise(answer.revision)
    terms = priority.kept_terms([answer], priority.weights(given.weights))
    row = _OPEN.run(
        **_UNTOUCHED,
        contact_id=answer.contact_id,
        account_id=answer.account_id,
        lane=verdict.lane,
        reason=verdict.reason.value,
        opened_at=answer.answered_at,
        due_at=due_at(answer.tier, answer.answered_at, given) if verdict.lane is Lane.CASE else None,
        assignee_id=answer.owner_id,
        terms=terms,
        weight=sum(terms.values()),
    )
    if row is None:
        return None
    number: int = row[0]
    _LINK.later(case_id=number, response_id=answer.response_id)
    record_of(number, "opened", response_id=answer.response_id, reason=verdict.reason.value)
    return number


def _lift_for(case: Case, verdict: Verdict, answer: Answer) -> None:
    """A light item becomes a case when the new answer asks for one."""
    if case.is_light and verdict.lane is Lane.CASE:
        case.lift(due_at(answer.tier, answer.answered_at))
        case.reason = verdict.reason.value
        record(case, "raised", reason=verdict.reason.value)


# Prepared: on the way of every answer that we owe something (performance.md). What nobody has worked on yet:
_UNTOUCHED: dict[str, Any] = {
    "state": CaseState.NEW,
    "first_contact_at": None,
    "snoozed_until": None,
    "escalated_at": None,
    "resolved_at": None,
    "resolved_by_id": None,
    "closed_at": None,
    "cause": "",
    "outcome": "",
    "what_was_done": "",
    "version": 1,
}
# PostgreSQL's "on conflict" is SQLite's as well.
_OPEN = Write(
    postgresql.insert(Case)
    .on_conflict_do_nothing(index_elements=["contact_id"], index_where=IS_OPEN)
    .returning(Case.id),
    sets=[column.key for column in Case.__table__.columns if column.key != "id"],
)
# An answer that was taken back and given again may be in the case still.
_LINK = Write(postgresql.insert(CaseResponse).on_conflict_do_nothing(), sets=["case_id", "response_id"])
