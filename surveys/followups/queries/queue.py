"""The queue as a list: its tabs and their counts, one page of rows, and why each row stands where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from surveys.customers.models import Account
from surveys.followups import priority
from surveys.followups.models import OPEN_STATES, Case, CaseState, Lane
from surveys.followups.priority import Hour, Term
from surveys.followups.queries.weighing import is_nobodys, revenue_of
from surveys.lib.db import db
from surveys.responses.models import Response


class Tab(StrEnum):
    """The views of the queue."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    ALL = "all"
    LATE = "late"
    WAITING = "waiting"
    SNOOZED = "snoozed"
    LIGHT = "light"
    DONE = "done"


@dataclass(frozen=True)
class Row:
    """One line of the queue."""

    case: Case
    answer: Response | None
    terms: list[Term]
    previous: int
    revenue: tuple[int, str]

    @property
    def points(self) -> int:
        return sum(term.points for term in self.terms)


def listing(tab: Tab, user_id: int, hour: Hour) -> Select[Case]:
    """The cases of a tab, the most urgent first, with all that a row shows."""
    return (
        select(Case)
        .join(Account, Account.id == Case.account_id)
        .where(*_conditions(tab, user_id, hour.now))
        .order_by(*_order(tab, hour))
        .options(
            contains_eager(Case.account).selectinload(Account.contracts),
            joinedload(Case.contact),
            joinedload(Case.assignee),
            selectinload(Case.responses).joinedload(Response.version),
        )
    )


def counts(user_id: int, now: datetime) -> dict[Tab, int]:
    """How many items each tab of open ones holds: one query."""
    tabs = [tab for tab in Tab if tab is not Tab.DONE]
    columns = [func.count().filter(and_(*_conditions(tab, user_id, now))) for tab in tabs]
    found = db.session.execute(select(*columns).select_from(Case).where(Case.state.in_(OPEN_STATES))).one()
    return dict(zip(tabs, found, strict=True))


def rows(cases: Sequence[Case], hour: Hour) -> list[Row]:
    """The lines for one page of cases."""
    previous = _previous(cases)
    return [
        Row(
            case=case,
            answer=case.responses[-1] if case.responses else None,
            terms=priority.terms_now(case, hour),
            previous=previous.get(case.contact_id, 0),
            revenue=revenue_of(case.account),
        )
        for case in cases
    ]


def _conditions(tab: Tab, user_id: int, now: datetime) -> list[ColumnElement[bool]]:
    is_case, is_open = Case.lane == Lane.CASE, Case.state.in_(OPEN_STATES)
    awake = or_(Case.snoozed_until.is_(None), Case.snoozed_until <= now)
    to_do = Case.state.in_((CaseState.NEW, CaseState.IN_PROGRESS))
    return {
        Tab.MINE: [is_case, to_do, awake, Case.assignee_id == user_id],
        Tab.UNASSIGNED: [is_case, is_open, awake, is_nobodys()],
        Tab.ALL: [is_case, is_open],
        Tab.LATE: [is_case, is_open, Case.first_contact_at.is_(None), Case.due_at < now],
        Tab.WAITING: [is_case, Case.state == CaseState.WAITING, awake],
        Tab.SNOOZED: [is_case, is_open, Case.snoozed_until > now],
        Tab.LIGHT: [Case.lane == Lane.LIGHT, is_open],
        Tab.DONE: [is_case, Case.state.in_((CaseState.RESOLVED, CaseState.CLOSED))],
    }[tab]


def _order(tab: Tab, hour: Hour) -> list[ColumnElement[Any]]:
    if tab is Tab.DONE:
        return [Case.resolved_at.desc(), Case.id.desc()]
    return [priority.points_now(hour).desc(), Case.opened_at.expression, Case.id.expression]


def _previous(cases: Sequence[Case]) -> dict[int, int]:
    """How many cases each of these contacts had before, now done."""
    done = (CaseState.RESOLVED, CaseState.CLOSED)
    statement = (
        select(Case.contact_id, func.count())
        .where(
            Case.contact_id.in_([case.contact_id for case in cases]),
            Case.lane == Lane.CASE,
            Case.state.in_(done),
            Case.id.not_in([case.id for case in cases]),
        )
        .group_by(Case.contact_id)
    )
    return dict(db.session.execute(statement).all())
