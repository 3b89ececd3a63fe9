"""The quiet rules: who is not asked this time, by which rule, and from when on again (S-01 to S-08).

Asked twice, of the same functions: for a slice of contacts when a campaign is planned, and for one invitation right
before its mail leaves. `weigh` is pure; what it weighs comes from two queries, however many contacts there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import SimpleNamespace
from typing import Any, TypeAlias

from sqlalchemy import func, or_, select

from surveys.customers.models import Account, Contact
from surveys.delivery import queries as delivery
from surveys.invitations.models import Invitation, Outcome
from surveys.lib import addresses, clock
from surveys.lib.db import db
from surveys.questionnaires.models import Kind


class Rule(StrEnum):
    """Why somebody is held; what the ledger groups by."""

    ANY_SURVEY = "S-01"
    RELATIONSHIP = "S-02"
    TRANSACTIONAL = "S-03"
    YEARLY = "S-04"
    OPEN_MATTER = "S-06"
    NEVER = "S-08"
    REMINDER = "S-09"
    PREFERENCE = "preference"
    MISSING = "missing"
    CANCELLED = "campaign_cancelled"
    OVERDUE = "overdue"  # as `delivery` says it


ANY_DAYS = 7
RELATIONSHIP_DAYS = 90
RELATIONSHIP_DAYS_OF_FEW = 180
FEW_CONTACTS = 100
TRANSACTIONAL_DAYS = 14
MOST_A_YEAR = 6
LESS_OFTEN_DAYS = 180  # for who wants to be asked less often: between any two surveys
YEAR = timedelta(days=365)
# A mail on its way or of unknown fate counts as asked: better one question too few.
COUNTS_AS_ASKED = (Outcome.SENT, Outcome.UNKNOWN, Outcome.OPEN)

AlsoHeld: TypeAlias = Callable[[Sequence[int]], Mapping[int, date | None]]
"""Of these contacts, those with an open case, and the day from which they may be asked again (None: not known)."""


def nobody(_contact_ids: Sequence[int]) -> Mapping[int, date | None]:
    return {}


@dataclass(frozen=True)
class Held:
    """Not asked this time. `next_on` None: never, or not before somebody changes something."""

    rule: Rule
    next_on: date | None = None
    reason: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """What is about to be asked, as far as the rules want to know."""

    campaign_id: int
    kind_key: str
    is_relationship: bool
    is_about_an_event: bool
    product_id: int
    languages: Collection[str]
    zone: str
    relationship_days: int = RELATIONSHIP_DAYS

    def day(self, moment: datetime) -> date:
        return clock.local_day(moment, self.zone)


@dataclass(frozen=True)
class Earlier:
    """An earlier question to the same address."""

    kind_key: str
    is_relationship: bool
    product_id: int
    at: datetime


@dataclass(frozen=True)
class Person:
    """A contact with all that the rules look at."""

    contact_id: int
    email: str
    email_key: str
    language: str
    unreachable: str
    hold_until: date | None
    hold_reason: str
    less_often: bool = False
    support_only: bool = False
    no_reminders: bool = False
    suppressed: str = ""
    earlier: tuple[Earlier, ...] = ()
    open_matter: tuple[date | None] | None = None


def weigh(question: Question, person: Person, now: datetime) -> Held | None:
    """The weightiest reason not to ask this person now: what lasts for ever, else what lasts longest."""
    lasting = _never(person) or _missing(question, person) or _unwanted(question, person)
    if lasting:
        return lasting
    weighed = (_on_hold(question, person, now), *_too_soon(question, person, now), _less_often(question, person, now))
    passing = [held for held in weighed if held]
    return max(passing, key=lambda held: held.next_on or date.max, default=None)


def _never(person: Person) -> Held | None:
    if person.suppressed:
        return Held(Rule.NEVER, reason={"why": person.suppressed})
    return Held(Rule.NEVER, reason={"why": "unreachable"}) if person.unreachable else None


def _missing(question: Question, person: Person) -> Held | None:
    if not addresses.is_usable(person.email):
        return Held(Rule.MISSING, reason={"what": "address"})
    if person.language not in question.languages:
        return Held(Rule.MISSING, reason={"what": "wording", "language": person.language})
    return None


def weigh_reminder(person: Person) -> Held | None:
    """What keeps a reminder back, besides all that keeps back any mail: the person wants none (S-09)."""
    return Held(Rule.REMINDER, reason={"what": "no_reminders"}) if person.no_reminders else None


def _unwanted(question: Question, person: Person) -> Held | None:
    """Who wants to be asked after support only is asked about events alone, as the page of preferences says."""
    is_unwanted = person.support_only and not question.is_about_an_event
    return Held(Rule.PREFERENCE, reason={"what": "support_only"}) if is_unwanted else None


def _less_often(question: Question, person: Person, now: datetime) -> Held | None:
    """At most one survey of any kind in 180 days, for who asked to be asked less often."""
    if not person.less_often or not person.earlier:
        return None
    last = max(earlier.at for earlier in person.earlier)
    until = last + timedelta(days=LESS_OFTEN_DAYS)
    reason = {"what": "less_often", "asked_on": question.day(last).isoformat()}
    return Held(Rule.PREFERENCE, question.day(until), reason) if now < until else None


def _on_hold(question: Question, person: Person, now: datetime) -> Held | None:
    if person.open_matter is not None:
        return Held(Rule.OPEN_MATTER, person.open_matter[0], {"what": "case"})
    if person.hold_until and person.hold_until >= question.day(now):
        reason = {"what": "account", "words": person.hold_reason}
        return Held(Rule.OPEN_MATTER, person.hold_until + timedelta(days=1), reason)
    return None


def _too_soon(question: Question, person: Person, now: datetime) -> Iterable[Held]:
    for earlier in person.earlier:
        for rule, days in _distances(question, earlier):
            until = earlier.at + timedelta(days=days)
            if now < until:
                yield Held(rule, question.day(until), {"asked_on": question.day(earlier.at).isoformat()})
    year = sorted(earlier.at for earlier in person.earlier if earlier.at > now - YEAR)
    if len(year) >= MOST_A_YEAR:
        yield Held(Rule.YEARLY, question.day(year[-MOST_A_YEAR] + YEAR), {"times": len(year)})


def _distances(question: Question, earlier: Earlier) -> Iterable[tuple[Rule, int]]:
    """The rules between an earlier question and this one, with their days."""
    if question.is_relationship and earlier.is_relationship and question.product_id == earlier.product_id:
        yield Rule.RELATIONSHIP, question.relationship_days
    elif not question.is_relationship and not earlier.is_relationship:
        yield Rule.TRANSACTIONAL, TRANSACTIONAL_DAYS
    else:
        yield Rule.ANY_SURVEY, ANY_DAYS


def relationship_days() -> int:
    """S-02: twice as long for those who have few customers to ask."""
    few = select(Contact.id).limit(FEW_CONTACTS).subquery()
    is_few = (db.session.scalar(select(func.count()).select_from(few)) or 0) < FEW_CONTACTS
    return RELATIONSHIP_DAYS_OF_FEW if is_few else RELATIONSHIP_DAYS


def people(
    contacts: Sequence[Any], question: Question, also_held: AlsoHeld, *, before: int | None = None
) -> list[Person]:
    """The contacts (rows of `PERSON_COLUMNS`) with their suppressions, earlier questions and open cases."""
    keys = {row.email_key: delivery.key_of(row.email) for row in contacts}
    suppressed = delivery.reasons_against(keys.values())
    earlier = _earlier(keys, question.campaign_id, before)
    open_matters = also_held([row.contact_id for row in contacts])
    return [
        Person(
            **{name: getattr(row, name) for name in PERSON_NAMES},
            suppressed=suppressed.get(keys[row.email_key], ""),
            earlier=tuple(earlier.get(row.email_key, ())),
            open_matter=(open_matters[row.contact_id],) if row.contact_id in open_matters else None,
        )
        for row in contacts
    ]


PERSON_COLUMNS = (
    Contact.id.label("contact_id"),
    Contact.email,
    Contact.email_key,
    Contact.language,
    Contact.unreachable,
    Contact.less_often,
    Contact.support_only,
    Contact.no_reminders,
    Account.hold_until,
    Account.hold_reason,
)
PERSON_NAMES = (
    *("contact_id", "email", "email_key", "language", "unreachable"),
    *("less_often", "support_only", "no_reminders", "hold_until", "hold_reason"),
)


def _earlier(email_keys: Collection[str], campaign_id: int, before: int | None) -> dict[str, list[Earlier]]:
    """What these addresses were asked in the last year, over all campaigns but this one.

    `before`: among mails that are still on their way only older invitations count, so that of two campaigns at once
    one goes and the other is held.
    """
    asked_at = func.coalesce(Invitation.sent_at, Invitation.created_at)
    found = (
        select(Invitation.email_key, Invitation.kind_key, Kind.is_relationship, Invitation.product_id)
        .add_columns(asked_at.label("at"))
        .join(Kind, Kind.key == Invitation.kind_key)
        .where(Invitation.email_key.in_(list(email_keys)), Invitation.campaign_id != campaign_id)
        .where(Invitation.outcome.in_(COUNTS_AS_ASKED), Invitation.created_at > clock.now() - YEAR - timedelta(days=30))
    )
    if before is not None:
        found = found.where(or_(Invitation.outcome != Outcome.OPEN, Invitation.id < before))
    by_key: dict[str, list[Earlier]] = defaultdict(list)
    for row in db.session.execute(found):
        by_key[row.email_key].append(Earlier(row.kind_key, row.is_relationship, row.product_id, row.at))
    return by_key


def weigh_one(question: Question, invitation: Invitation, also_held: AlsoHeld = nobody) -> Held | None:
    """The same question for one invitation, asked right before its mail leaves."""
    contact, account = invitation.contact, invitation.account
    known = SimpleNamespace(
        contact_id=contact.id,
        email=contact.email,
        email_key=contact.email_key,
        language=invitation.language,
        unreachable=contact.unreachable,
        less_often=contact.less_often,
        support_only=contact.support_only,
        no_reminders=contact.no_reminders,
        hold_until=account.hold_until,
        hold_reason=account.hold_reason,
    )
    person = people([known], question, also_held, before=invitation.id)[0]
    return weigh(question, person, clock.now())
