"""Rows that are about to change, held until the transaction ends: whoever comes second reads what the first one wrote.

SQLite lets one writer in at a time and needs no such lock; PostgreSQL locks the row.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Select, or_, select

from surveys.customers.models import Account, Contact
from surveys.followups import priority
from surveys.followups.models import OPEN_STATES, Case, CaseResponse, CaseState, Lane
from surveys.followups.queries.weighing import is_nobodys, this_hour
from surveys.lib.db import db
from surveys.lib.errors import NotFound
from surveys.lib.i18n import _


def locked(case_id: int) -> Case:
    """The case as it is now, held."""
    case = db.session.get(Case, case_id, with_for_update=True, populate_existing=True)
    if case is None:
        raise NotFound(_("There is no such case."))
    return case


def open_item_of(contact_id: int) -> Case | None:
    """The contact's open item, held; the contact as well, so that two answers at once make one item."""
    db.session.execute(select(Contact.id).where(Contact.id == contact_id).with_for_update(key_share=True))
    return db.session.scalars(_held(Case.contact_id == contact_id)).one_or_none()


def open_item_with(response_id: int) -> Case | None:
    """The open item that this answer opened or joined, held."""
    linked = select(CaseResponse.case_id).where(CaseResponse.response_id == response_id)
    return db.session.scalars(_held(Case.id.in_(linked)).limit(1)).one_or_none()


def light_items(case_ids: Iterable[int]) -> Select[Case]:
    """These items, held, in the order of their numbers so that two lists never wait for each other."""
    return select(Case).where(Case.id.in_(list(case_ids))).order_by(Case.id).with_for_update()


def next_to_take(user_id: int) -> Case | None:
    """The most urgent case nobody works on: new, awake, and this user's or nobody's."""
    hour = this_hour()
    return db.session.scalars(
        select(Case)
        .join(Account, Account.id == Case.account_id)
        .where(
            Case.lane == Lane.CASE,
            or_(
                Case.state.in_(OPEN_STATES) & is_nobodys(),
                (Case.state == CaseState.NEW) & (Case.assignee_id == user_id),
            ),
            or_(Case.snoozed_until.is_(None), Case.snoozed_until <= hour.now),
        )
        .order_by(priority.points_now(hour).desc(), Case.opened_at, Case.id)
        .limit(1)
        .with_for_update(of=Case, skip_locked=True)
    ).one_or_none()


def _held(*conditions: object) -> Select[Case]:
    statement = select(Case).where(Case.state.in_(OPEN_STATES), *conditions)  # type: ignore[arg-type]
    return statement.with_for_update().execution_options(populate_existing=True)
