"""People at work on the queue. Each locks its case first, so that of two at once one wins and the other is told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from surveys.auth.models import StaffUser
from surveys.followups import queries
from surveys.followups.actions.arrivals import due_at
from surveys.followups.actions.record import record
from surveys.followups.models import Case, CaseState, Outcome, works_on_cases
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.errors import Refused
from surveys.lib.i18n import _


def take(case_id: int, *, by: StaffUser) -> Case:
    """Make a case `by`'s; refused with the colleague's name when one works on it already."""
    case = queries.locked(case_id)
    before = _hands(case)
    if case.take(by=by):
        record(case, "taken", by=by, to_id=by.id, **before)
    return case


def take_next(*, by: StaffUser) -> Case | None:
    """Take the most urgent case that waits for `by` or for anybody; None when nobody is waiting."""
    case = queries.next_to_take(by.id)
    return None if case is None else take(case.id, by=by)


def hand_to(case_id: int, user: StaffUser | None, *, by: StaffUser, seen_assignee_id: int | None) -> Case:
    """Hand a case to a colleague, or back to everybody (None); refused when somebody took it in the meantime."""
    case = queries.locked(case_id)
    if case.assignee is not None and case.assignee_id not in (seen_assignee_id, by.id):
        raise Refused(_("Taken by %(who)s.", who=case.assignee.name))
    before = _hands(case)
    case.give(user)
    if user is not None and user.id == by.id and not case.is_light:
        case.work(by=by)
    record(case, _handing(user, by), by=by, to_id=user.id if user else None, **before)
    return case


def undo_assignment(case_id: int, *, by: StaffUser) -> Case:
    """Put a case back into the hands it was in, begun or not, before `by` took or handed it.

    Refused when somebody else has it by now; whoever left or may no longer work on cases does not get it back.
    """
    case = queries.locked(case_id)
    last = queries.last_handing(case.id)
    if last is None or last.by_id != by.id or last.data["to_id"] != case.assignee_id:
        raise Refused(_("This can no longer be undone: somebody else has the case by now."))
    owner = db.session.get(StaffUser, last.data["from_id"]) if last.data["from_id"] else None
    before, owner = _hands(case), owner if works_on_cases(owner) else None
    case.give(owner)
    case.put_back(CaseState(last.data["from_state"]))
    record(case, _handing(owner, by), by=by, to_id=owner.id if owner else None, **before)
    return case


def hand_over(from_user: StaffUser, to_user: StaffUser | None, *, by: StaffUser) -> int:
    """Give all open cases of a colleague to another, or to everybody; the number of cases."""
    cases = db.session.scalars(queries.open_items_of_user(from_user.id)).all()
    for case in cases:
        case.give(to_user)
        record(case, "handed" if to_user else "put_back", by=by, to_id=to_user.id if to_user else None)
    return len(cases)


def snooze(case_id: int, until: datetime, *, by: StaffUser) -> Case:
    """Out of sight until a moment; the clock for the first contact goes on."""
    case = queries.locked(case_id)
    case.snooze(until)
    record(case, "snoozed", by=by, until=until.isoformat())
    return case


def wake(case_id: int, *, by: StaffUser) -> Case:
    case = queries.locked(case_id)
    case.wake()
    record(case, "woken", by=by)
    return case


def wait(case_id: int, waits: bool, *, by: StaffUser) -> Case:
    """Say whether the next word is the customer's."""
    case = queries.locked(case_id)
    case.wait(waits)
    record(case, "waiting" if waits else "resumed", by=by)
    return case


def resolve(
    case_id: int, *, by: StaffUser, cause: str, outcome: Outcome, what_was_done: str, customer_told: bool
) -> Case:
    case = queries.locked(case_id)
    case.resolve(by=by, cause=cause, outcome=outcome, what_was_done=what_was_done, customer_told=customer_told)
    record(case, "resolved", by=by, cause=cause, outcome=outcome.value)
    if customer_told:
        record(case, "closed", by=by)
    return case


def close(case_id: int, *, by: StaffUser) -> Case:
    """The customer has been told what was done."""
    case = queries.locked(case_id)
    case.close()
    record(case, "closed", by=by)
    return case


def reopen(case_id: int, *, by: StaffUser) -> Case:
    """Open again with a new due moment; refused when another case of the contact is open."""
    case = queries.locked(case_id)
    other = queries.open_item_of(case.contact_id)
    if other is not None and other.id != case.id:
        raise Refused(_("Another case of this customer is open already. Please go on there."))
    case.reopen(None if case.is_light else due_at(case.account.tier, clock.now()))
    record(case, "reopened", by=by)
    return case


def invalidate(case_id: int, *, by: StaffUser, why: str) -> Case:
    case = queries.locked(case_id)
    case.invalidate()
    record(case, "invalidated", by=by, why=why)
    return case


def lift(case_id: int, *, by: StaffUser) -> Case:
    """Raise a light item to a case, which `by` takes."""
    case = queries.locked(case_id)
    case.lift(due_at(case.account.tier, clock.now()))
    record(case, "raised", by=by)
    case.take(by=by)
    return case


def tick_off(case_ids: Iterable[int], *, by: StaffUser) -> list[Case]:
    """Tick light items off; those that somebody else ticked off or raised in the meantime are left alone."""
    items = [case for case in db.session.scalars(queries.light_items(case_ids)) if case.is_open and case.is_light]
    for case in items:
        case.tick_off(by=by)
        record(case, "ticked_off", by=by)
    return items


def _hands(case: Case) -> dict[str, Any]:
    """Who has a case, and whether it is begun."""
    return {"from_id": case.assignee_id, "from_state": case.state.value}


def _handing(user: StaffUser | None, by: StaffUser) -> str:
    if user is None:
        return "put_back"
    return "taken" if user.id == by.id else "handed"
