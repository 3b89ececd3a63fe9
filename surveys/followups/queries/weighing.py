"""What a case's weight is computed from."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Select, func, select

from surveys.auth.models import StaffUser
from surveys.customers.models import Account
from surveys.followups import priority
from surveys.followups.models import OPEN_STATES, Case, CaseResponse
from surveys.followups.priority import Hour
from surveys.lib import clock
from surveys.lib.db import db
from surveys.responses.models import Response
from surveys.settings.queries import organisation


def this_hour() -> Hour:
    """Now, with the organisation's day and weights."""
    ours = organisation()
    return Hour(now=clock.now(), today=clock.today(ours.timezone), points=priority.weights(ours.weights))


def standing_answers(case_id: int, *, without: int = 0) -> Select[Response]:
    """A case's answers that were not taken back, oldest first, as they are now."""
    return (
        select(Response)
        .join(CaseResponse, CaseResponse.response_id == Response.id)
        .where(CaseResponse.case_id == case_id, Response.withdrawn_at.is_(None), Response.id != without)
        .order_by(Response.answered_at, Response.id)
        .execution_options(populate_existing=True)
    )


def open_items() -> Select[Case]:
    return select(Case).where(Case.state.in_(OPEN_STATES)).order_by(Case.id).with_for_update()


def open_items_of_user(user_id: int) -> Select[Case]:
    return open_items().where(Case.assignee_id == user_id)


def count_open_of_user(user: StaffUser) -> int:
    return db.session.scalar(select(func.count()).select_from(open_items_of_user(user.id).subquery())) or 0


def revenue_of(account: Account) -> tuple[int, str]:
    """What an account pays a month in the currency it pays most contracts in; (0, "") when nothing."""
    if not account.contracts:
        return 0, ""
    currency = Counter(contract.currency for contract in account.contracts).most_common(1)[0][0]
    return sum(contract.mrr for contract in account.contracts if contract.currency == currency), currency
