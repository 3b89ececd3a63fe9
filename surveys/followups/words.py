"""The queue's own words, for pages: reasons, outcomes, terms, what happened. States stand in `lib.labels`."""

from __future__ import annotations

from typing import Any, Final

from surveys.followups.models import Outcome
from surveys.followups.queries import Tab
from surveys.followups.triage import Reason
from surveys.lib.i18n import _l

REASONS: Final[dict[str, Any]] = {
    Reason.VERY_LOW: _l("Very low score"),
    Reason.RISK_WORD: _l("Speaks of leaving"),
    Reason.WANTS_CONTACT: _l("Wants to be contacted"),
    Reason.DECISION_MAKER: _l("Decision maker"),
    Reason.CHAMPION: _l("Champion"),
    Reason.HIGH_TOUCH: _l("High-touch account"),
    Reason.LOW: _l("Low score"),
    Reason.BY_HAND: _l("Opened by hand"),
}
OUTCOMES: Final[dict[str, Any]] = {
    Outcome.SATISFIED: _l("Satisfied"),
    Outcome.NOT_SATISFIED: _l("Not satisfied"),
    Outcome.NO_REPLY: _l("No reply"),
    Outcome.NO_ACTION: _l("No action needed"),
    Outcome.IMPROVEMENT: _l("Product improvement"),
}
TERMS: Final[dict[str, Any]] = {
    "severity": _l("How bad the answer is"),
    "revenue": _l("Revenue"),
    "repeat": _l("Not the first bad answer"),
    "risk_word": _l("Words of leaving"),
    "sla": _l("First contact is due"),
    "renewal": _l("Renewal is near"),
}
TABS: Final[dict[str, Any]] = {
    Tab.MINE: _l("Mine"),
    Tab.UNASSIGNED: _l("Unassigned"),
    Tab.ALL: _l("All open"),
    Tab.LATE: _l("Late"),
    Tab.WAITING: _l("Waiting"),
    Tab.SNOOZED: _l("Snoozed"),
    Tab.LIGHT: _l("Light follow-up"),
    Tab.DONE: _l("Done"),
}
CHANNELS: Final[dict[str, Any]] = {
    "phone": _l("Phone call"),
    "online": _l("Online meeting"),
    "visit": _l("Visit"),
    "regular": _l("Regular meeting"),
}
RESULTS: Final[dict[str, Any]] = {
    "talked": _l("We talked"),
    "left_message": _l("Left a message"),
    "not_reached": _l("Nobody was reached"),
}
EVENTS: Final[dict[str, Any]] = {
    "opened": _l("Case opened"),
    "opened_by_hand": _l("Opened by hand"),
    "joined": _l("Another answer joined this case"),
    "answer_changed": _l("The customer changed the answer"),
    "answer_withdrawn": _l("The answer was withdrawn"),
    "raised": _l("Raised to a case"),
    "taken": _l("Taken"),
    "handed": _l("Handed over"),
    "put_back": _l("Put back for everybody"),
    "snoozed": _l("Snoozed"),
    "woken": _l("Back in the queue"),
    "waiting": _l("Waiting for the customer"),
    "resumed": _l("Back to work"),
    "resolved": _l("Resolved"),
    "closed": _l("Closed: the customer was told"),
    "reopened": _l("Reopened"),
    "invalidated": _l("Marked as invalid"),
    "ticked_off": _l("Read and ticked off"),
    "reply_failed": _l("The reply could not be delivered"),
}
FATES: Final[dict[str, Any]] = {
    "planned": _l("about to be sent"),
    "claimed": _l("being sent"),
    "sending": _l("being sent"),
    "accepted": _l("sent"),
    "rejected": _l("refused by the mail server"),
    "unknown": _l("outcome unknown"),
    "cancelled": _l("not sent"),
}
