"""What people told us about being asked: how often, in which language, and whom to ask instead of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from surveys.auth.models import StaffUser
from surveys.customers import queries
from surveys.customers.actions import add_contact, guard_account
from surveys.customers.models import WISHES, Account, Contact, Successor
from surveys.events.actions import note
from surveys.lib.db import db
from surveys.lib.errors import Invalid, NotFound, Refused
from surveys.lib.i18n import LANGUAGES, _

MOST_WAITING = 3  # proposals of one contact
LEFT = "left"


def choose(contact: Contact, wishes: Mapping[str, bool], language: str, *, is_suspect: bool = False) -> None:
    """How the person wants to be asked from the next mail on; said twice it changes nothing.

    A wish takes effect also when a machine may have pressed the button; that is written down with it.
    """
    db.session.refresh(contact, with_for_update=True)
    chosen: dict[str, Any] = {name: bool(wishes.get(name)) for name in WISHES}
    if language in LANGUAGES and language != contact.language:
        chosen |= {"language": language, "is_language_own": True}
    changed = {name: value for name, value in chosen.items() if getattr(contact, name) != value}
    for name, value in changed.items():
        setattr(contact, name, value)
    if changed:
        db.session.flush()
        note("preferences_changed", contact, is_suspect=is_suspect, **changed)


def name_successor(contact: Contact, name: str, email: str, words: str) -> Successor:
    """Somebody is in charge now instead: kept for staff to look at; nobody is written to because of it."""
    said = {"name": name, "email": email, "words": words}
    waiting = [each for each in named_by(contact) if each.decided_at is None]
    for each in waiting:
        if all(getattr(each, key) == value for key, value in said.items()):
            return each
    if len(waiting) >= MOST_WAITING:
        raise Refused(_("You have named several people already. We will look at them first."), status=429)
    successor = Successor(contact=contact, **said)
    db.session.add(successor)
    db.session.flush()
    note("successor_named", contact, successor_id=successor.id)
    return successor


def accept(successor: Successor, values: Mapping[str, Any], *, by: StaffUser) -> Contact:
    """Make it a contact of the same account, or take the one who has this address; the old one has left."""
    before = successor.contact
    guard_account(before.account, by)
    taken = queries.contact_with_address(str(values["email"]))
    if taken is not None and taken.id == before.id:
        raise Invalid(_("This is the address of the person who named it."))
    successor.decide(by=by, taken=None)
    successor.taken = taken or add_contact(before.account, dict(values), by=by)
    before.unreachable = before.unreachable or LEFT
    db.session.flush()
    note("successor_accepted", before, by=by, contact_id=successor.taken.id)
    return successor.taken


def dismiss(successor: Successor, *, by: StaffUser) -> None:
    """Set it aside; who named it stays as they are."""
    guard_account(successor.contact.account, by)
    successor.decide(by=by, taken=None)
    note("successor_dismissed", successor.contact, by=by)


def reach_again(contact: Contact, *, by: StaffUser) -> None:
    """It was a mistake, or a machine that pressed the button: this person can be asked after all."""
    guard_account(contact.account, by)
    if contact.unreachable:
        note("contact_reachable", contact, by=by, was=contact.unreachable)
        contact.unreachable = ""


def successors(owner: StaffUser | None = None) -> Select[Successor]:
    """Who was named as in charge now and waits for a decision, the oldest first; `owner`: at these accounts only."""
    waiting = (
        select(Successor)
        .join(Successor.contact)
        .join(Contact.account)
        .where(Successor.decided_at.is_(None))
        .options(contains_eager(Successor.contact).contains_eager(Contact.account))
        .order_by(Successor.named_at, Successor.id)
    )
    return waiting if owner is None else waiting.where(Account.owner_id == owner.id)


def count_successors(owner: StaffUser | None = None) -> int:
    waiting = successors(owner).with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    return db.session.scalar(waiting) or 0


def successor(successor_id: int) -> Successor:
    """One of them, with the contact who named it; raises `NotFound`."""
    found = db.session.get(Successor, successor_id, options=[joinedload(Successor.contact).joinedload(Contact.account)])
    if found is None:
        raise NotFound(_("This proposal does not exist."))
    return found


def named_by(contact: Contact) -> Sequence[Successor]:
    """Whom this contact named, decided or not, the newest first."""
    found = select(Successor).where(Successor.contact_id == contact.id).options(joinedload(Successor.taken))
    return db.session.scalars(found.order_by(Successor.id.desc())).all()
