"""Changing accounts and contacts by hand, and the jobs of imports. What matters over time is kept with its dates."""

from __future__ import annotations

from datetime import date
from typing import Any

from surveys.auth.models import StaffUser
from surveys.customers import imports, queries
from surveys.customers.imports.applying import carry_suppressions
from surveys.customers.models import Account, AccountFact, Contact, Contract, Fact
from surveys.events.actions import note
from surveys.lib import addresses, clock
from surveys.lib.access import Permission, may
from surveys.lib.db import db
from surveys.lib.errors import Forbidden, Invalid, Refused
from surveys.lib.i18n import _
from surveys.settings.models import Product

_DATED = {"tier": Fact.TIER, "phase": Fact.PHASE, "owner_id": Fact.OWNER}


def import_next() -> bool:
    """One step of an import: a few hundred rows looked at, or a confirmed list taken over."""
    return imports.check_next() or imports.finish_next()


def forget_old_imports() -> bool:
    """Throw away rows of lists that were taken over, refused or forgotten."""
    return imports.sweep_next()


def guard_account(account: Account, by: StaffUser) -> None:
    """Raise `Forbidden` unless `by` may change this account: everybody's, or at least the own ones."""
    if may(by, Permission.EDIT_CUSTOMERS):
        return
    if account.owner_id != by.id or not may(by, Permission.EDIT_OWN_CUSTOMERS):
        raise Forbidden(_("You may change the accounts that you own. This one belongs to somebody else."))


def add_account(values: dict[str, Any], *, by: StaffUser) -> Account:
    """A new account with these columns."""
    _refuse_taken_key(values.get("external_key"), None)
    account = Account(name=values["name"])
    db.session.add(account)
    db.session.flush()
    note("account_added", account, by=by)
    _set(account, values, by=by)
    return account


def edit_account(account: Account, values: dict[str, Any], *, by: StaffUser) -> None:
    """Set these columns; tier, phase and owner keep their past."""
    guard_account(account, by)
    if "owner_id" in values and values["owner_id"] != account.owner_id and not may(by, Permission.EDIT_CUSTOMERS):
        raise Forbidden(_("A CS lead or an administrator can give an account another owner."))
    _refuse_taken_key(values.get("external_key"), account)
    _set(account, values, by=by)


def _set(account: Account, values: dict[str, Any], *, by: StaffUser) -> None:
    changed = {name: value for name, value in values.items() if getattr(account, name) != value}
    for name, value in changed.items():
        setattr(account, name, value)
        if name in _DATED:
            _remember(account, _DATED[name], "" if value is None else str(value))
    db.session.flush()
    if changed:
        note("account_changed", account, by=by, fields=sorted(changed))


def set_revenue(account: Account, product: Product, mrr: int, currency: str, *, by: StaffUser) -> None:
    """What the account pays a month for a product, in minor units; what it paid before stays known."""
    guard_account(account, by)
    contract = next((each for each in account.contracts if each.product_id == product.id), None)
    if contract is None:
        contract = Contract(account_id=account.id, product_id=product.id, mrr=-1, currency="")
    if (contract.mrr, contract.currency) == (mrr, currency):
        return
    contract.mrr, contract.currency = mrr, currency
    db.session.add(contract)
    _remember(account, Fact.MRR, f"{mrr} {currency}", product)
    db.session.flush()
    note("account_changed", account, by=by, fields=["mrr"])


def hand_over(leaving: StaffUser, successor: StaffUser | None, *, by: StaffUser) -> int:
    """Give all accounts of a colleague to another, or to nobody; the number of accounts."""
    owned = db.session.scalars(queries.accounts_of(leaving)).all()
    for account in owned:
        _set(account, {"owner_id": successor.id if successor else None}, by=by)
    return len(owned)


def _remember(account: Account, fact: Fact, value: str, product: Product | None = None) -> None:
    product_id = product.id if product else None
    db.session.add(AccountFact(account_id=account.id, fact=fact, product_id=product_id, value=value, since=clock.now()))


def hold(account: Account, reason: str, until: date, *, by: StaffUser) -> None:
    """Ask nobody at this account anything until that day has passed (S-06)."""
    guard_account(account, by)
    account.hold_reason, account.hold_until = reason, until
    db.session.flush()
    note("account_held", account, by=by, reason=reason, until=until.isoformat())


def release(account: Account, *, by: StaffUser) -> None:
    """End the hold of an account."""
    guard_account(account, by)
    if account.hold_until is None:
        raise Refused(_("This account is not on hold."))
    account.hold_reason, account.hold_until = "", None
    db.session.flush()
    note("account_released", account, by=by)


def add_contact(account: Account, values: dict[str, Any], *, by: StaffUser) -> Contact:
    """A new contact; somebody who opted out stays opted out."""
    guard_account(account, by)
    contact = Contact(account=account)
    _fill(contact, values)
    db.session.add(contact)
    db.session.flush()
    note("contact_added", contact, by=by)
    return contact


def edit_contact(contact: Contact, account: Account, values: dict[str, Any], *, by: StaffUser) -> None:
    """Set these columns and the account; a no to mails goes along to a new address."""
    guard_account(contact.account, by)
    guard_account(account, by)
    old_email, old_key = contact.email, contact.email_key
    contact.account = account
    _fill(contact, values)
    if contact.email_key != old_key:
        contact.unreachable = ""
        carry_suppressions({old_email: contact.email}, source="staff")
    db.session.flush()
    note("contact_changed", contact, by=by)


def _fill(contact: Contact, values: dict[str, Any]) -> None:
    address = addresses.parse(values["email"])
    taken = queries.contact_with_address(str(address))
    if taken is not None and taken is not contact:
        raise Invalid(_("Somebody else has this address already."))
    key = values.get("external_key")
    namesake = queries.contact_with_key(key) if key else None
    if namesake is not None and namesake is not contact:
        raise Invalid(_("Somebody else has this key already."))
    for name, value in values.items():
        setattr(contact, name, value)
    contact.email, contact.email_key = str(address), addresses.normal(str(address))
    contact.is_nonstandard = address.is_nonstandard


def _refuse_taken_key(key: str | None, account: Account | None) -> None:
    taken = queries.account_with_key(key) if key else None
    if taken is not None and taken is not account:
        raise Invalid(_("Another account has this key already."))
