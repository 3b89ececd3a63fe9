"""Taking a staged list over: one short set of statements in one transaction, so that all of it is there or nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, insert, literal, null, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, aliased

from surveys.customers.imports.lookups import ACCOUNT_FIELDS, CONTACT_FIELDS
from surveys.customers.models import (
    WISHES,
    Account,
    AccountFact,
    Contact,
    Contract,
    Fact,
    StagedAccount,
    StagedContact,
    StagedContract,
    Verdict,
)
from surveys.delivery import actions as delivery
from surveys.delivery import queries as deliveries
from surveys.delivery.models import Suppression, SuppressionReason
from surveys.lib.db import db

_SLICE = 1_000
_NO_WISHES = dict.fromkeys((*WISHES, "is_language_own"), literal(False))  # of somebody new
# A person's own no goes along to her new address; that the old one bounced says nothing about the new.
_PERSONAL = tuple(reason for reason in SuppressionReason if reason is not SuppressionReason.HARD_BOUNCE)


class Outdated(Exception):
    """Koe has changed since the list was compared with it."""


def take_over(run_id: int, now: datetime, *, since: datetime) -> None:
    """All that the staged list says; raises `Outdated` when something of it changed after `since` the comparison."""
    _refuse_outdated(run_id, since)
    _number_accounts(run_id)
    of_account = {name: getattr(StagedAccount, name) for name in ACCOUNT_FIELDS}
    _insert(Account, StagedAccount, run_id, now, **of_account, id=StagedAccount.account_id, hold_reason=literal(""))
    _update(Account, StagedAccount.account_id, run_id, now, **of_account)
    _remember(run_id, now)
    _sign_contracts(run_id)
    of_contact = {name: getattr(StagedContact, name) for name in CONTACT_FIELDS} | {"account_id": _account_of_contact()}
    _insert(Contact, StagedContact, run_id, now, **of_contact, **_NO_WISHES)
    _number_contacts(run_id)
    _update(Contact, StagedContact.contact_id, run_id, now, **of_contact)
    _carry_suppressions(run_id)


def _refuse_outdated(run_id: int, since: datetime) -> None:
    accounts = (
        select(func.count())
        .select_from(StagedAccount)
        .outerjoin(Account, Account.id == StagedAccount.account_id)
        .where(StagedAccount.run_id == run_id, StagedAccount.verdict != Verdict.NEW)
        .where(Account.version.is_distinct_from(StagedAccount.seen_version))
    )
    contacts = (
        select(func.count())
        .select_from(StagedContact)
        .outerjoin(Contact, Contact.id == StagedContact.contact_id)
        .where(StagedContact.run_id == run_id, StagedContact.verdict != Verdict.NEW)
        .where(Contact.version.is_distinct_from(StagedContact.seen_version))
    )
    namesakes = (
        select(func.count())
        .select_from(StagedAccount)
        .join(Account, Account.name_key == StagedAccount.name_key)
        .where(StagedAccount.run_id == run_id, StagedAccount.verdict == Verdict.NEW, Account.created_at >= since)
    )
    if any(db.session.scalar(statement) for statement in (accounts, contacts, namesakes)):
        raise Outdated


def _number_accounts(run_id: int) -> None:
    """Give new accounts their numbers, so that contacts can point to them."""
    mine = StagedAccount.run_id == run_id, StagedAccount.verdict == Verdict.NEW
    number: ColumnElement[Any]
    if db.session.get_bind().dialect.name == "postgresql":
        number = func.nextval(text("pg_get_serial_sequence('account', 'id')"))
    else:
        last = db.session.scalar(select(func.max(Account.id))) or 0
        first = db.session.scalar(select(func.min(StagedAccount.id)).where(*mine)) or 0
        number = StagedAccount.id + (last + 1 - first)
    db.session.execute(
        update(StagedAccount).where(*mine).values(account_id=number).execution_options(synchronize_session=False)
    )


def _number_contacts(run_id: int) -> None:
    """Note who the new contacts have become: a list that was taken over knows its people."""
    mine = StagedContact.run_id == run_id, StagedContact.verdict == Verdict.NEW
    db.session.execute(
        update(StagedContact)
        .where(*mine, Contact.email_key == StagedContact.email_key)
        .values(contact_id=Contact.id)
        .execution_options(synchronize_session=False)
    )


def _insert(model: type[Any], staged: type[Any], run_id: int, now: datetime, **columns: Any) -> None:
    columns |= {"created_at": literal(now, model.created_at.type), "updated_at": literal(now, model.updated_at.type)}
    columns |= {"version": literal(1)}
    rows = select(*columns.values()).where(staged.run_id == run_id, staged.verdict == Verdict.NEW).order_by(staged.id)
    db.session.execute(insert(model).from_select(list(columns), rows, include_defaults=False))


def _update(model: type[Any], points_to: InstrumentedAttribute[Any], run_id: int, now: datetime, **values: Any) -> None:
    staged = points_to.class_
    db.session.execute(
        update(model)
        .where(model.id == points_to, staged.run_id == run_id, staged.verdict == Verdict.CHANGED)
        .values(**values, updated_at=now, version=model.version + 1)
        .execution_options(synchronize_session=False)
    )


def _account_of_contact() -> ColumnElement[Any]:
    account = aliased(StagedAccount)
    named = (
        select(account.account_id)
        .where(account.run_id == StagedContact.run_id, account.ref == StagedContact.ref)
        .correlate(StagedContact)
        .scalar_subquery()
    )
    return func.coalesce(named, StagedContact.account_id)


def _remember(run_id: int, now: datetime) -> None:
    """Tier, phase, owner and MRR keep their past with dates."""
    account = StagedAccount
    for fact, is_new, value in (
        (Fact.TIER, account.is_tier_new, account.tier),
        (Fact.PHASE, account.is_phase_new, account.phase),
        (Fact.OWNER, account.is_owner_new, account.owner_id),
    ):
        dated = select(account.account_id, literal(fact.value), null(), cast(value, Text), _moment(now))
        _write_facts(dated.where(account.run_id == run_id, is_new))
    revenue = cast(StagedContract.mrr, Text) + " " + StagedContract.currency
    _write_facts(
        select(account.account_id, literal(Fact.MRR.value), StagedContract.product_id, revenue, _moment(now))
        .join(StagedContract, (StagedContract.run_id == account.run_id) & (StagedContract.ref == account.ref))
        .where(account.run_id == run_id, StagedContract.verdict != Verdict.UNCHANGED)
    )


def _moment(now: datetime) -> ColumnElement[Any]:
    return literal(now, AccountFact.since.type)


def _write_facts(rows: Any) -> None:
    names = ["account_id", "fact", "product_id", "value", "since"]
    db.session.execute(insert(AccountFact).from_select(names, rows, include_defaults=False))


def _sign_contracts(run_id: int) -> None:
    news = (
        select(StagedAccount.account_id, StagedContract.product_id, StagedContract.mrr, StagedContract.currency)
        .join(
            StagedContract,
            (StagedContract.run_id == StagedAccount.run_id) & (StagedContract.ref == StagedAccount.ref),
        )
        .where(StagedAccount.run_id == run_id, StagedContract.verdict != Verdict.UNCHANGED)
    )
    dialect = postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite
    writing = dialect.insert(Contract).from_select(["account_id", "product_id", "mrr", "currency"], news)
    changed = {"mrr": writing.excluded.mrr, "currency": writing.excluded.currency}
    db.session.execute(
        writing.on_conflict_do_update(index_elements=["account_id", "product_id"], set_=changed).execution_options(
            synchronize_session=False
        )
    )


def _carry_suppressions(run_id: int) -> None:
    moved = db.session.execute(
        select(StagedContact.old_email, StagedContact.email).where(
            StagedContact.run_id == run_id, StagedContact.old_email != ""
        )
    ).all()
    for start in range(0, len(moved), _SLICE):
        carry_suppressions(dict(moved[start : start + _SLICE]), source="import")


def carry_suppressions(moved: dict[str, str], *, source: str) -> None:
    """Somebody who wanted no mail at the old address gets none at the new one: no list re-subscribes anyone."""
    new_by_key = {deliveries.key_of(old): new for old, new in moved.items()}
    stopped = select(Suppression).where(Suppression.address_key.in_(new_by_key), Suppression.reason.in_(_PERSONAL))
    for suppression in db.session.scalars(stopped).all():
        delivery.suppress(new_by_key[suppression.address_key], suppression.reason, source=source)
