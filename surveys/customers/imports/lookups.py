"""What Koe and the list so far know about the rows of one chunk: a fixed number of queries, however many rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from surveys.customers.models import Account, Contact, Contract, StagedAccount, StagedContact, StagedContract, name_key
from surveys.lib.db import db

Known = dict[str, Any]

ACCOUNT_FIELDS = (
    "external_key",
    "name",
    "name_key",
    "name_kana",
    "tier",
    "phase",
    "owner_id",
    "go_live_on",
    "renewal_on",
    "properties",
)
CONTACT_FIELDS = (
    "external_key",
    "email",
    "email_key",
    "is_nonstandard",
    "name",
    "name_kana",
    "honorific",
    "language",
    "department",
    "title",
    "role",
    "unreachable",
    "properties",
)
# Providers whose domain says nothing about where somebody works.
FREE_MAIL = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "yahoo.com",
        "yahoo.co.jp",
        "ymail.ne.jp",
        "hotmail.com",
        "hotmail.co.jp",
        "outlook.com",
        "outlook.jp",
        "live.com",
        "live.jp",
        "msn.com",
        "icloud.com",
        "me.com",
        "mac.com",
        "aol.com",
        "proton.me",
        "protonmail.com",
        "gmx.de",
        "gmx.net",
        "web.de",
        "nifty.com",
        "biglobe.ne.jp",
        "so-net.ne.jp",
        "ocn.ne.jp",
        "docomo.ne.jp",
        "ezweb.ne.jp",
        "au.com",
        "softbank.ne.jp",
        "i.softbank.jp",
        "vodafone.ne.jp",
        "ybb.ne.jp",
        "excite.co.jp",
    ]
)


@dataclass
class Lookup:
    """Accounts and contacts by what they can be recognised by; `staged_…` are those of this list."""

    accounts_by_id: dict[int, Known] = field(default_factory=dict)
    accounts_by_key: dict[str, Known] = field(default_factory=dict)
    accounts_by_name: dict[str, list[Known]] = field(default_factory=lambda: defaultdict(list))
    contacts_by_key: dict[str, Known] = field(default_factory=dict)
    contacts_by_email: dict[str, Known] = field(default_factory=dict)
    contracts: dict[tuple[int, int], tuple[int, str]] = field(default_factory=dict)
    staged_by_id: dict[int, Known] = field(default_factory=dict)
    staged_by_ref: dict[str, Known] = field(default_factory=dict)
    staged_by_key: dict[str, Known] = field(default_factory=dict)
    staged_by_name: dict[str, list[Known]] = field(default_factory=lambda: defaultdict(list))
    staged_contracts: dict[tuple[str, int], Known] = field(default_factory=dict)
    people_by_email: dict[str, Known] = field(default_factory=dict)
    people_by_key: dict[str, Known] = field(default_factory=dict)
    people_by_id: dict[int, Known] = field(default_factory=dict)

    def add_account(self, staged: Known) -> None:
        self.staged_by_ref[staged["ref"]] = staged
        if staged["account_id"]:
            self.staged_by_id[staged["account_id"]] = staged
        self.staged_by_name[staged["name_key"]].append(staged)
        if staged["external_key"]:
            self.staged_by_key[staged["external_key"]] = staged

    def add_person(self, staged: Known) -> None:
        self.people_by_email[staged["email_key"]] = staged
        if staged["external_key"]:
            self.people_by_key[staged["external_key"]] = staged
        if staged["contact_id"]:
            self.people_by_id[staged["contact_id"]] = staged


def account_without_name(contact: Mapping[str, Any]) -> str:
    """What to call the account of somebody of whom we know only the address: its domain, or the person."""
    domain = contact["email_key"].rpartition("@")[2]
    return str(contact.get("name") or contact["email"]) if domain in FREE_MAIL else domain


def lookup(run_id: int, accounts: Collection[Mapping[str, Any]], contacts: Collection[Mapping[str, Any]]) -> Lookup:
    """Everything that rows with these accounts and contacts may turn out to be about."""
    found = Lookup()
    _people(run_id, contacts, found)
    keys = _of(accounts, "external_key")
    names = {name_key(name) for name in _of(accounts, "name")}
    names |= {name_key(account_without_name(contact)) for contact in contacts if "email_key" in contact}
    ids = {contact["account_id"] for contact in found.contacts_by_email.values()}
    for account in _rows(_known_accounts(keys, names, ids)):
        found.accounts_by_id[account["id"]] = account
        found.accounts_by_name[account["name_key"]].append(account)
        if account["external_key"]:
            found.accounts_by_key[account["external_key"]] = account
    for staged in _rows(_staged_accounts(run_id, keys, names, ids | found.accounts_by_id.keys())):
        found.add_account(staged)
    _contracts(run_id, found)
    return found


def _people(run_id: int, contacts: Collection[Mapping[str, Any]], found: Lookup) -> None:
    keys, emails = _of(contacts, "external_key"), _of(contacts, "email_key")
    for contact in _rows(_known_contacts(keys, emails)):
        found.contacts_by_email[contact["email_key"]] = contact
        if contact["external_key"]:
            found.contacts_by_key[contact["external_key"]] = contact
    ids = {contact["id"] for contact in found.contacts_by_email.values()}
    table = StagedContact.__table__
    mine = _any((table.c.email_key, emails), (table.c.external_key, keys), (table.c.contact_id, ids))
    for staged in _rows(select(table).where(table.c.run_id == run_id, mine)):
        found.add_person(staged)


def _contracts(run_id: int, found: Lookup) -> None:
    ids = found.accounts_by_id.keys() | found.staged_by_id.keys()
    statement = select(Contract.account_id, Contract.product_id, Contract.mrr, Contract.currency)
    for account_id, product_id, mrr, currency in db.session.execute(statement.where(Contract.account_id.in_(ids))):
        found.contracts[account_id, product_id] = mrr, currency
    table = StagedContract.__table__
    mine = table.c.run_id == run_id, table.c.ref.in_(found.staged_by_ref)
    for staged in _rows(select(table).where(*mine)):
        found.staged_contracts[staged["ref"], staged["product_id"]] = staged


def _known_accounts(keys: set[Any], names: set[str], ids: set[int]) -> Select[Any]:
    columns = [getattr(Account, name) for name in ("id", "version", *ACCOUNT_FIELDS)]
    mine = _any((Account.external_key, keys), (Account.name_key, names), (Account.id, ids))
    return select(*columns).where(mine).order_by(Account.id)


def _staged_accounts(run_id: int, keys: set[Any], names: set[str], ids: set[int]) -> Select[Any]:
    table = StagedAccount.__table__
    mine = _any((table.c.external_key, keys), (table.c.name_key, names), (table.c.account_id, ids))
    return select(table).where(table.c.run_id == run_id, mine).order_by(table.c.id)


def _known_contacts(keys: set[Any], emails: set[Any]) -> Select[Any]:
    more = ("id", "version", "account_id", "is_language_own")
    columns = [getattr(Contact, name) for name in (*more, *CONTACT_FIELDS)]
    return (
        select(*columns, Account.name.label("account_name"))
        .join(Account, Account.id == Contact.account_id)
        .where(_any((Contact.external_key, keys), (Contact.email_key, emails)))
    )


def _any(*wanted: tuple[Any, Collection[Any]]) -> ColumnElement[bool]:
    return or_(*(column.in_(values) for column, values in wanted))


def _rows(statement: Select[Any]) -> Iterable[Known]:
    return [dict(row) for row in db.session.execute(statement).mappings()]


def _of(given: Collection[Mapping[str, Any]], name: str) -> set[Any]:
    return {each[name] for each in given if name in each}
