"""Which answers we owe a conversation: the rules of domain 8.1, on plain facts.

Every counted answer gets exactly one verdict: a case, a light item (read and ticked off), or none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from surveys.customers.models import ContactRole, Tier
from surveys.followups import risk
from surveys.followups.models import Lane
from surveys.responses.models import Segment
from surveys.scales import Gravity


class Reason(StrEnum):
    """Why an item stands in the queue."""

    VERY_LOW = "very_low"
    RISK_WORD = "risk_word"
    WANTS_CONTACT = "wants_contact"
    DECISION_MAKER = "decision_maker"
    CHAMPION = "champion"
    HIGH_TOUCH = "high_touch"
    LOW = "low"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What triage needs to know of an answer; `mrr` in minor units of `currency`, a month.

    `said` is all that was written in one's own words, to the second question and to further ones;
    `revision` is that of the settings in force, where it is known.
    """

    response_id: int
    contact_id: int
    account_id: int
    kind_key: str
    score: int | None
    segment: Segment | str | None
    said: str = ""
    tier: Tier | str | None = None
    role: ContactRole | str | None = None
    owner_id: int | None = None
    mrr: int | None = None
    currency: str = ""
    answered_at: datetime
    wants_contact: bool = False
    gravity: Gravity = Gravity.FINE
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    lane: Lane
    reason: Reason


def judge(answer: Answer) -> Verdict | None:
    """The one verdict on an answer; None when nobody has to do anything. Asks no database."""
    if answer.gravity:  # a score we apologise for, whoever gave it
        return Verdict(Lane.CASE, Reason.VERY_LOW)
    if answer.segment == Segment.BAD:
        reason = _weighty(answer)
        return Verdict(Lane.CASE, reason) if reason else Verdict(Lane.LIGHT, Reason.LOW)
    return Verdict(Lane.CASE, Reason.WANTS_CONTACT) if _wants_contact(answer) else None


def _weighty(answer: Answer) -> Reason | None:
    """What makes a bad answer more than a light item; the strongest reason first."""
    if risk.is_risky(answer.said):
        return Reason.RISK_WORD
    if _wants_contact(answer):
        return Reason.WANTS_CONTACT
    if answer.role == ContactRole.DECISION_MAKER:
        return Reason.DECISION_MAKER
    if answer.role == ContactRole.CHAMPION:
        return Reason.CHAMPION
    return Reason.HIGH_TOUCH if answer.tier == Tier.HIGH_TOUCH else None


def _wants_contact(answer: Answer) -> bool:
    return answer.wants_contact or risk.wishes_contact(answer.said)
