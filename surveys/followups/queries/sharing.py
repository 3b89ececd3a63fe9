"""What other rooms ask of the queue: a count for the rail, who is waiting, whom not to survey, plain rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload

from surveys.auth.models import StaffUser
from surveys.customers.models import Account, Contact
from surveys.followups import priority
from surveys.followups.models import OPEN_STATES, Case, CaseResponse, CaseState, Lane
from surveys.followups.queries.weighing import this_hour
from surveys.lib import clock
from surveys.lib.db import db
from surveys.responses.models import Response
from surveys.settings.queries import organisation

REST = timedelta(days=14)  # no survey for so long after a case was closed (S-06)


def contacts_with_open_case(contact_ids: Sequence[int]) -> dict[int, date | None]:
    """Of these contacts, those whom S-06 keeps from being surveyed, and the day from which they may be again.

    Without a day: a case is open. With one: a case was ended less than 14 days ago.
    """
    ended = func.coalesce(Case.closed_at, Case.resolved_at)
    done = Case.state.in_((CaseState.RESOLVED, CaseState.CLOSED)) & (ended > clock.now() - REST)
    statement = select(Case.contact_id, Case.state, ended).where(
        Case.contact_id.in_(contact_ids), Case.lane == Lane.CASE, or_(Case.state.in_(OPEN_STATES), done)
    )
    zone = organisation().timezone
    held: dict[int, date | None] = {}
    for contact_id, state, end in db.session.execute(statement):
        again = None if state in OPEN_STATES else clock.local_day(end + REST, zone)
        known = held.get(contact_id, date.min)
        held[contact_id] = None if again is None or known is None else max(again, known)
    return held


def open_count() -> int:
    """How many open cases there are, for the rail."""
    return (
        db.session.scalar(select(func.count(Case.id)).where(Case.lane == Lane.CASE, Case.state.in_(OPEN_STATES))) or 0
    )


def waiting_people(limit: int = 5) -> Sequence[Case]:
    """Open cases without a first contact, the late ones and the most urgent first, with contact, account, answers."""
    hour = this_hour()
    return (
        db.session.scalars(
            _with_people()
            .where(Case.lane == Lane.CASE, Case.state.in_(OPEN_STATES), Case.first_contact_at.is_(None))
            .order_by((Case.due_at < hour.now).desc(), priority.points_now(hour).desc(), Case.opened_at, Case.id)
            .limit(limit)
        )
        .unique()
        .all()
    )


def cases_of_contact(contact_id: int) -> Select[Case]:
    """All items of a contact, the newest first."""
    return _with_people().where(Case.contact_id == contact_id).order_by(Case.opened_at.desc(), Case.id.desc())


def cases_of_account(account_id: int) -> Select[Case]:
    return _with_people().where(Case.account_id == account_id).order_by(Case.opened_at.desc(), Case.id.desc())


def cases_of_response(response_id: int) -> Select[Case]:
    """The items an answer opened or joined, the newest first."""
    linked = select(CaseResponse.case_id).where(CaseResponse.response_id == response_id)
    return select(Case).where(Case.id.in_(linked)).order_by(Case.id.desc())


def plain_rows(states: Iterable[CaseState] = OPEN_STATES, *, lane: Lane | None = None) -> list[dict[str, Any]]:
    """Cases as plain values for the command line, the earliest due first; moments as ISO 8601 in UTC."""
    assignee = aliased(StaffUser)
    statement = (
        select(Case, Contact.email, Account.name, assignee.email)
        .join(Contact, Contact.id == Case.contact_id)
        .join(Account, Account.id == Case.account_id)
        .outerjoin(assignee, assignee.id == Case.assignee_id)
        .where(Case.state.in_(list(states)))
        .order_by(Case.due_at.is_(None), Case.due_at, Case.id)
    )
    if lane is not None:
        statement = statement.where(Case.lane == lane)
    return [_plain(*row) for row in db.session.execute(statement)]


def _plain(case: Case, email: str, account: str, assignee: str | None) -> dict[str, Any]:
    return {
        "id": case.id,
        "state": case.state.value,
        "lane": case.lane.value,
        "reason": case.reason,
        "opened_at": case.opened_at.isoformat(),
        "due_at": case.due_at.isoformat() if case.due_at else None,
        "assignee": assignee,
        "email": email,
        "account": account,
        "cause": case.cause or None,
        "outcome": case.outcome or None,
    }


def _with_people() -> Select[Case]:
    return (
        select(Case)
        .join(Account, Account.id == Case.account_id)
        .options(
            contains_eager(Case.account),
            joinedload(Case.contact),
            joinedload(Case.assignee),
            selectinload(Case.responses).joinedload(Response.version),
        )
    )
