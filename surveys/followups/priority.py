"""How urgent a case is: a sum of terms, each shown, so that the order explains itself.

Four terms depend on the answers alone and are kept with the case: severity, revenue, repeat, risk_word. Two depend on
the hour and are added when read: sla (working towards the first contact) and renewal. `points_now` adds them in SQL,
`terms_now` in Python, from the same steps; a property test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Protocol

from sqlalchemy import ColumnElement, and_, case

from surveys.customers.models import Account
from surveys.followups import risk
from surveys.followups.models import Case
from surveys.responses.models import Segment
from surveys.scales import Gravity

Steps = list[list[int]]

# Points by default; the organisation's `weights` replace them name by name. Steps are [limit, points], the strongest
# first: revenue a month in minor units at least, days to renewal at most, minutes to the due moment at most (0: late).
DEFAULTS: Final[dict[str, Any]] = {
    "worst": 40,
    "very_low": 30,
    "bad": 15,
    "risk_word": 20,
    "repeat": 15,
    "repeat_most": 30,
    "revenue": {
        "JPY": [[300_000, 30], [100_000, 20], [30_000, 10]],
        "USD": [[300_000, 30], [100_000, 20], [30_000, 10]],
        "EUR": [[300_000, 30], [100_000, 20], [30_000, 10]],
        "GBP": [[250_000, 30], [80_000, 20], [25_000, 10]],
    },
    "renewal": [[30, 20], [60, 12], [120, 6]],
    "sla": [[0, 40], [60, 30], [240, 20], [1440, 10]],
}


class Rated(Protocol):
    """An answer as a row or as plain facts."""

    @property
    def gravity(self) -> Gravity: ...
    @property
    def segment(self) -> Any: ...
    @property
    def said(self) -> str: ...
    @property
    def mrr(self) -> int | None: ...
    @property
    def currency(self) -> str: ...


@dataclass(frozen=True)
class Hour:
    """The moment a queue is looked at: now, the organisation's day, and the points in force."""

    now: datetime
    today: date
    points: Mapping[str, Any]


@dataclass(frozen=True)
class Term:
    """One term of a priority: its name and its points."""

    name: str
    points: int


def weights(own: Mapping[str, Any]) -> dict[str, Any]:
    """The points in force: the defaults, with the organisation's own in their place."""
    return {**DEFAULTS, **own}


def kept_terms(
    answers: Iterable[Rated], points: Mapping[str, Any], *, revenue: tuple[int, str] | None = None
) -> dict[str, int]:
    """The terms that depend on the answers alone; a term of no points is left out.

    `revenue` is (minor units a month, currency), for a case without answers; else the last answer's own counts.
    """
    given = list(answers)
    amount, currency = revenue or ((given[-1].mrr or 0, given[-1].currency) if given else (0, ""))
    bad = [answer for answer in given if answer.segment == Segment.BAD]
    terms = {
        "severity": max((_severity(answer, points) for answer in given), default=0),
        "revenue": _revenue(amount, currency, points),
        "repeat": min(points["repeat"] * (len(bad) - 1), points["repeat_most"]) if len(bad) > 1 else 0,
        "risk_word": points["risk_word"] if any(risk.is_risky(answer.said) for answer in bad) else 0,
    }
    return {name: value for name, value in terms.items() if value}


def terms_now(item: Case, hour: Hour) -> list[Term]:
    """All terms of an item at this moment, the heaviest first; they add up to its place in the queue."""
    terms = dict(item.terms)
    terms["sla"] = _sla(item, hour.now, hour.points["sla"])
    terms["renewal"] = _renewal(item.account, hour.today, hour.points["renewal"])
    shown = [Term(name, value) for name, value in terms.items() if value]
    return sorted(shown, key=lambda term: -term.points)


def points_now(hour: Hour) -> ColumnElement[int]:
    """The same sum in SQL; the statement has to join the account."""
    now, today, points = hour.now, hour.today, hour.points
    sla = [(Case.due_at <= now + timedelta(minutes=limit), value) for limit, value in points["sla"]]
    near = [(Account.renewal_on <= today + timedelta(days=limit), value) for limit, value in points["renewal"]]
    due = case(
        (Case.first_contact_at.is_not(None), 0),
        *[(and_(Case.due_at.is_not(None), when), value) for when, value in sla],
        else_=0,
    )
    renewal = case((Account.renewal_on.is_(None), 0), (Account.renewal_on < today, 0), *near, else_=0)
    return Case.weight + due + renewal


def _severity(answer: Rated, points: Mapping[str, Any]) -> int:
    if answer.gravity is Gravity.WORST:
        return int(points["worst"])
    if answer.gravity is Gravity.VERY_LOW:
        return int(points["very_low"])
    return int(points["bad"]) if answer.segment == Segment.BAD else 0


def _revenue(amount: int, currency: str, points: Mapping[str, Any]) -> int:
    steps: Steps = points["revenue"].get(currency, [])
    return next((value for least, value in steps if amount >= least), 0)


def _sla(item: Case, now: datetime, steps: Steps) -> int:
    if item.first_contact_at is not None or item.due_at is None:
        return 0
    return next((value for limit, value in steps if item.due_at <= now + timedelta(minutes=limit)), 0)


def _renewal(account: Account, today: date, steps: Steps) -> int:
    if account.renewal_on is None or account.renewal_on < today:
        return 0
    return next((value for limit, value in steps if account.renewal_on <= today + timedelta(days=limit)), 0)
