"""Reading accounts, contacts and imports."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from surveys.auth.models import StaffUser
from surveys.auth.queries import workers
from surveys.customers.models import (
    Account,
    Contact,
    Contract,
    ImportProblem,
    ImportRun,
    StagedAccount,
    StagedContact,
    Verdict,
    name_key,
)
from surveys.lib import addresses
from surveys.lib.db import db

NOBODY = "none"


@dataclass(frozen=True)
class Filter:
    """Which accounts or contacts: words to search for, and exact values; empty means all."""

    words: str = ""
    tier: str = ""
    phase: str = ""
    owner: str = ""
    language: str = ""
    sort: str = "name"


ACCOUNT_ORDERS: Mapping[str, Any] = {
    "name": Account.name,
    "tier": Account.tier,
    "phase": Account.phase,
    "renewal": Account.renewal_on,
}


def accounts(chosen: Filter) -> Select[Account]:
    """Accounts with their owner, in the order asked for."""
    key = chosen.sort.removeprefix("-")
    order = ACCOUNT_ORDERS.get(key, Account.name)
    statement = select(Account).options(joinedload(Account.owner)).where(*_of_account(chosen))
    if chosen.words:
        like = _containing(name_key(chosen.words))
        statement = statement.where(
            or_(Account.name_key.like(like, escape="\\"), Account.external_key.ilike(like, escape="\\"))
        )
    return statement.order_by((order.desc() if chosen.sort.startswith("-") else order.asc()).nulls_last(), Account.id)


def contacts(chosen: Filter) -> Select[Contact]:
    """Contacts with their account, by account and name."""
    statement = (
        select(Contact).join(Contact.account).options(contains_eager(Contact.account)).where(*_of_account(chosen))
    )
    if chosen.language:
        statement = statement.where(Contact.language == chosen.language)
    if chosen.words:
        like = _containing(chosen.words)
        statement = statement.where(
            or_(
                Contact.name.ilike(like, escape="\\"),
                Contact.name_kana.ilike(like, escape="\\"),
                Contact.email_key.like(_containing(addresses.normal(chosen.words)), escape="\\"),
                Contact.external_key.ilike(like, escape="\\"),
                Account.name_key.like(_containing(name_key(chosen.words)), escape="\\"),
            )
        )
    return statement.order_by(Account.name, Contact.account_id, Contact.name, Contact.id)


def _of_account(chosen: Filter) -> list[Any]:
    conditions = []
    if chosen.tier:
        conditions.append(Account.tier.is_(None) if chosen.tier == NOBODY else Account.tier == chosen.tier)
    if chosen.phase:
        conditions.append(Account.phase.is_(None) if chosen.phase == NOBODY else Account.phase == chosen.phase)
    if chosen.owner:
        is_nobody = chosen.owner == NOBODY
        conditions.append(Account.owner_id.is_(None) if is_nobody else Account.owner_id == int(chosen.owner))
    return conditions


def _containing(words: str) -> str:
    for mark in ("\\", "%", "_"):
        words = words.replace(mark, f"\\{mark}")
    return f"%{words}%"


def revenue_of(account_ids: Collection[int]) -> dict[int, list[tuple[int, str]]]:
    """What these accounts pay a month, by currency, products added up; never added across currencies."""
    found: dict[int, list[tuple[int, str]]] = {}
    statement = (
        select(Contract.account_id, func.sum(Contract.mrr), Contract.currency)
        .where(Contract.account_id.in_(account_ids))
        .group_by(Contract.account_id, Contract.currency)
        .order_by(Contract.account_id, Contract.currency)
    )
    for account_id, mrr, currency in db.session.execute(statement):
        found.setdefault(account_id, []).append((int(mrr), currency))
    return found


def contact_counts(account_ids: Collection[int]) -> dict[int, int]:
    """How many contacts these accounts have."""
    statement = select(Contact.account_id, func.count()).where(Contact.account_id.in_(account_ids))
    return dict(db.session.execute(statement.group_by(Contact.account_id)).all())


def totals() -> tuple[int, int]:
    """How many accounts and contacts there are."""
    accounts = select(func.count()).select_from(Account).scalar_subquery()
    contacts = select(func.count()).select_from(Contact).scalar_subquery()
    row = db.session.execute(select(accounts, contacts)).one()
    return row[0] or 0, row[1] or 0


def owners() -> Sequence[StaffUser]:
    """Who may own an account: active users whose role works with customers."""
    return db.session.scalars(workers()).all()


def accounts_named(name: str) -> Sequence[Account]:
    """Accounts of this name, whatever its width, case and blanks."""
    return db.session.scalars(select(Account).where(Account.name_key == name_key(name)).order_by(Account.id)).all()


def account_with_key(key: str) -> Account | None:
    return db.session.scalars(select(Account).where(Account.external_key == key)).one_or_none()


def contact_with_address(address: str) -> Contact | None:
    return db.session.scalars(select(Contact).where(Contact.email_key == addresses.normal(address))).one_or_none()


def contact_with_key(key: str) -> Contact | None:
    return db.session.scalars(select(Contact).where(Contact.external_key == key)).one_or_none()


def imports() -> Select[ImportRun]:
    """Imports, the newest first."""
    return select(ImportRun).options(joinedload(ImportRun.created_by)).order_by(ImportRun.id.desc())


def staged_accounts(run_id: int, verdict: Verdict) -> Select[StagedAccount]:
    mine = StagedAccount.run_id == run_id, StagedAccount.verdict == verdict
    return select(StagedAccount).where(*mine).order_by(StagedAccount.id)


def staged_contacts(run_id: int, verdict: Verdict) -> Select[StagedContact]:
    mine = StagedContact.run_id == run_id, StagedContact.verdict == verdict
    return select(StagedContact).where(*mine).order_by(StagedContact.id)


def staged_names(run_id: int, refs: Collection[str]) -> dict[str, str]:
    """What these accounts of a list are called."""
    mine = StagedAccount.run_id == run_id, StagedAccount.ref.in_(refs)
    return dict(db.session.execute(select(StagedAccount.ref, StagedAccount.name).where(*mine)).all())


def problems(run_id: int, *, are_fatal: bool) -> Select[ImportProblem]:
    """What is wrong with a list, in the order of its lines."""
    mine = ImportProblem.run_id == run_id, ImportProblem.is_fatal.is_(are_fatal)
    return select(ImportProblem).where(*mine).order_by(ImportProblem.line, ImportProblem.id)


def accounts_of(owner: StaffUser) -> Select[Account]:
    """Everything this colleague owns."""
    return select(Account).where(Account.owner_id == owner.id).order_by(Account.id)


def count_owned(owner: StaffUser) -> int:
    return db.session.scalar(select(func.count()).where(Account.owner_id == owner.id)) or 0
