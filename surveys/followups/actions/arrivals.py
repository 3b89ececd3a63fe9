"""Answers as they come in, change and go: what the queue makes of them, in the answer's own transaction.

This is on the way of every answer: an answer that nobody has to do anything about costs no query here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from surveys.auth.models import StaffUser
from surveys.customers.models import Contact
from surveys.followups import priority, queries
from surveys.followups import triage as rules
from surveys.followups.actions.record import record
from surveys.followups.models import Case, CaseResponse, CaseState, Lane
from surveys.followups.triage import Answer, Reason, Verdict
from surveys.lib import clock
from surveys.lib.db import db
from surveys.responses.models import Response
from surveys.settings.queries import calendar, organisation


def triage(answer: Answer) -> Case | None:
    """Put an answer that counts into the queue when we owe its sender something; joins the contact's open item."""
    verdict = rules.judge(answer)
    return None if verdict is None else _file(answer, verdict)


def revise(answer: Answer) -> Case | None:
    """An answer was changed: better never closes its case, worse is treated as new."""
    verdict = rules.judge(answer)
    case = queries.open_item_with(answer.response_id)
    if case is None:
        return None if verdict is None else _file(answer, verdict)
    if verdict is not None:
        _lift_for(case, verdict, answer)
    weigh(case)
    record(case, "answer_changed", response_id=answer.response_id, score=answer.score)
    return case


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
        case = _new(contact.id, contact.account_id, Verdict(Lane.CASE, Reason.BY_HAND), clock.now())
        case.due_at, case.assignee = due_at(contact.account.tier, case.opened_at), by
        case.terms = priority.kept_terms([], points(), revenue=queries.revenue_of(contact.account))
        case.weight = sum(case.terms.values())
        _add(case)
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


def due_at(tier: str | None, start: datetime) -> datetime:
    """When the first contact is due: working hours by tier after `start`; without a tier as for low touch."""
    hours = organisation().first_contact_hours
    return calendar().add_hours(start, hours.get(tier or "low_touch", hours["low_touch"]))


def points() -> dict[str, object]:
    return priority.weights(organisation().weights)


def weigh(case: Case, *, without: int = 0) -> Sequence[Response]:
    """Compute the kept terms from the case's answers as they are now; returns those that were not taken back."""
    db.session.flush()
    answers = db.session.scalars(queries.standing_answers(case.id, without=without)).all()
    revenue = None if answers else queries.revenue_of(case.account)
    case.terms = priority.kept_terms(answers, points(), revenue=revenue)
    case.weight = sum(case.terms.values())
    return answers


def _file(answer: Answer, verdict: Verdict) -> Case:
    """Into the contact's open item, else into a new one."""
    case = queries.open_item_of(answer.contact_id)
    if case is None:
        return _open(answer, verdict)
    _lift_for(case, verdict, answer)
    db.session.add(CaseResponse(case_id=case.id, response_id=answer.response_id))
    weigh(case)
    case.wake()
    if case.state is CaseState.WAITING:
        case.wait(False)
    record(case, "joined", response_id=answer.response_id, score=answer.score)
    return case


def _open(answer: Answer, verdict: Verdict) -> Case:
    case = _new(answer.contact_id, answer.account_id, verdict, answer.answered_at)
    case.assignee_id = answer.owner_id
    if verdict.lane is Lane.CASE:
        case.due_at = due_at(answer.tier, answer.answered_at)
    case.terms = priority.kept_terms([answer], points())
    case.weight = sum(case.terms.values())
    _add(case)
    db.session.add(CaseResponse(case_id=case.id, response_id=answer.response_id))
    record(case, "opened", response_id=answer.response_id, reason=verdict.reason.value)
    return case


def _new(contact_id: int, account_id: int, verdict: Verdict, opened_at: datetime) -> Case:
    return Case(
        contact_id=contact_id,
        account_id=account_id,
        lane=verdict.lane,
        state=CaseState.NEW,
        reason=verdict.reason.value,
        opened_at=opened_at,
    )


def _add(case: Case) -> None:
    db.session.add(case)
    db.session.flush()


def _lift_for(case: Case, verdict: Verdict, answer: Answer) -> None:
    """A light item becomes a case when the new answer asks for one."""
    if case.is_light and verdict.lane is Lane.CASE:
        case.lift(due_at(answer.tier, answer.answered_at))
        case.reason = verdict.reason.value
        record(case, "raised", reason=verdict.reason.value)
