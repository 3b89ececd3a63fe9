"""What a case's weight is computed from."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload

from surveys.auth.models import StaffUser
from surveys.auth.queries import workers
from surveys.customers.models import Account
from surveys.followups import priority
from surveys.followups.models import OPEN_STATES, Case, CaseResponse
from surveys.followups.priority import Hour
from surveys.lib import clock
from surveys.lib.db import db
from surveys.responses.models import Change, Response, ResponseChange
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
        .options(joinedload(Response.kind), joinedload(Response.version))
        .execution_options(populate_existing=True)
    )


def score_before(response_id: int) -> int | None:
    """The score an answer had before its newest entry of history; None when it had none."""
    newest = select(func.max(ResponseChange.id)).where(ResponseChange.response_id == response_id).scalar_subquery()
    gave_a_score = ResponseChange.kind.in_((Change.ANSWERED, Change.CHANGED, Change.QUARANTINED))
    statement = select(ResponseChange.score).where(
        ResponseChange.response_id == response_id, ResponseChange.id < newest, gave_a_score
    )
    return db.session.scalar(statement.order_by(ResponseChange.id.desc()).limit(1))


def is_nobodys() -> ColumnElement[bool]:
    """Nobody has the case, or somebody who left or may no longer work on it."""
    return or_(
        Case.assignee_id.is_(None), Case.assignee_id.not_in(workers().order_by(None).with_only_columns(StaffUser.id))
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
