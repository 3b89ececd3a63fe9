"""Sending mails: claim one, write it, ask once more, note that the dot is coming, and note what came of it.

Every step is a short transaction of its own, so that a worker may be killed between any two of them. Before the dot
the server has nothing and the mail is simply planned again when its lease is over; from the dot on its fate is what
the server says, or unknown (E-40 to E-47). Commits are what answers wait for: the bytes are kept with the word that
the dot is coming, and who notes that a mail went claims the next one by the way, so that a mail costs two.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from jinja2 import TemplateError
from sqlalchemy import bindparam, or_, select
from sqlalchemy.exc import DBAPIError

from surveys.delivery import queries
from surveys.delivery.actions import stop
from surveys.delivery.actions.line import Line
from surveys.delivery.journal import Journal
from surveys.delivery.kinds import Hold, Kinds, MessageKind, Verdict, Wait
from surveys.delivery.mail import Unbuildable
from surveys.delivery.models import Message, MessageState, SuppressionReason
from surveys.delivery.replies import (
    Accepted,
    Bounce,
    Deferred,
    OperatorError,
    Outcome,
    Rejected,
    Unknown,
    Unreachable,
    Withheld,
    bounce,
)
from surveys.delivery.transport import Envelope, Transport
from surveys.lib import addresses, clock, tokens
from surveys.lib.claim import Marking
from surveys.lib.db import db, reading
from surveys.lib.errors import Busy, Refused

SPAN: Final = timedelta(seconds=1)
LEASE_AT_DOT: Final = timedelta(minutes=12)  # longer than the wait for the answer to the dot
# After a "later" of the server; then every four hours, two days in all (E-45).
BACKOFF: Final = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 240))
MOST_DEFERRALS: Final = 14
RESEND_AFTER: Final = timedelta(minutes=2)
MOST_RESENDS: Final = 2
LONGEST_ANSWER: Final = 500
SUPPRESSED: Final = Hold("S-08")
# What a late outcome may still change; planned, because a mail whose lease ran out may be planned again by then.
NOT_SETTLED: Final = (MessageState.PLANNED, MessageState.CLAIMED, MessageState.SENDING, MessageState.UNKNOWN)
_OURS: Final = Message.fence == bindparam("held_fence")
_STILL_OPEN: Final = Marking(Message, _OURS, or_(*(Message.state == state for state in NOT_SETTLED)))
_STILL_CLAIMED: Final = Marking(Message, _OURS, Message.state == MessageState.CLAIMED)
_STILL_WANTED: Final = Marking(
    Message, _OURS, Message.state == MessageState.CLAIMED, ~queries.suppression_of_message().exists()
)


def send_due(
    kinds: Kinds, transport: Transport, *, worker: str = "", journal: Journal | None = None, span: timedelta = SPAN
) -> int:
    """Send mails that are due, whatever comes of each; how many. 0: there is none, or the sender stands still.

    Goes on for `span` after a mail that went; 0 for one mail.
    """
    if journal is not None:
        _catch_up(kinds, journal)
    line = Line(kinds, worker, until=time.monotonic() + span.total_seconds())
    number = 0
    message = line.first()
    while message is not None:
        Sending.of(kinds, message, journal=journal, line=line).run(transport)
        number += 1
        message = line.next()
    return number


@dataclass(frozen=True)
class Written:
    """A mail as bytes, and what has to be kept so that it is the same the next time."""

    raw: bytes
    message_id: str
    dated_at: datetime
    sender: str

    @property
    def marks(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("raw", "message_id", "dated_at", "sender")}

    def envelope(self, to: addresses.Address, *, is_confidential: bool) -> Envelope:
        second_try = to.quoted if to.is_nonstandard else ""
        return Envelope(self.sender, str(to), self.raw, second_try, is_confidential)


@dataclass(frozen=True)
class Sending:
    """One claim of one message; the fence is the number that tells it from every other claim.

    `message` is the row as it was claimed, at last with how it ended, apart from every session; `fresh` is what was
    written for the first time, and is kept with the next word about the mail.
    """

    kind: MessageKind
    message: Message
    fence: int
    journal: Journal | None = None
    line: Line | None = None
    fresh: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, kinds: Kinds, message: Message, *, fence: int | None = None, **options: Any) -> Sending:
        """Keep what the row says and let the database go."""
        claimed = message.copied()
        db.session.rollback()
        return cls(kinds[claimed.kind], claimed, claimed.fence if fence is None else fence, **options)

    def run(self, transport: Transport) -> None:
        envelope = self._written()
        if envelope is not None:
            self._take_down(transport.send(envelope, self.may_finish))

    def may_finish(self) -> bool:
        """The last question before the dot; yes is on disk before it is said.

        Suppression is asked by the statement that says yes, so that no opt-out slips in between.
        """
        with reading():
            verdict = self.kind.may_still_send(self.message)
        if verdict is not None:
            self._put_off(verdict)
            return False
        still = _STILL_WANTED if self.kind.heeds_suppression else _STILL_CLAIMED
        dot = {"state": MessageState.SENDING, "phase": "dot", "lease_until": clock.now() + LEASE_AT_DOT}
        goes = still.holds_alone(self.message.id, self._held, **self.fresh | dot)
        if goes:
            self.fresh.clear()
        else:
            with reading():
                verdict = SUPPRESSED if self._is_suppressed() else None
            if verdict is not None:
                self._put_off(verdict)
        return goes

    def _written(self) -> Envelope | None:
        """The mail as bytes, written once and kept from the first word about it on; None when it is not to go."""
        with reading():
            outcome = self._verdict() or self._kept() or self._composed()
        if isinstance(outcome, Hold | Wait):
            self._put_off(outcome)
            return None
        to = addresses.parse(self.message.to_address)
        return outcome.envelope(to, is_confidential=self.message.is_confidential)

    def _kept(self) -> Written | None:
        message = self.message
        if message.dated_at is None:
            return None
        raw = db.session.scalar(select(Message.raw).where(Message.id == message.id))
        return Written(raw, message.message_id, message.dated_at, message.sender) if raw else None

    def _composed(self) -> Written | Hold:
        message = self.message
        dated_at = message.dated_at or clock.now()
        try:
            addresses.parse(message.to_address)
            letter = self.kind.compose(message)
            sender = addresses.parse(str(letter.sender))
            message_id = message.message_id or _message_id(message.id, sender.domain)
            raw = letter.as_sent(message_id, dated_at)
        except (Unbuildable, addresses.Unusable, Refused, TemplateError) as error:
            return Hold("missing", str(error))
        written = Written(raw, message_id, dated_at, str(sender))
        self.fresh.update(written.marks)
        return written

    def _verdict(self) -> Verdict:
        return SUPPRESSED if self._is_suppressed() else self.kind.may_still_send(self.message)

    def _is_suppressed(self) -> bool:
        return self.kind.heeds_suppression and queries.is_suppressed(self.message.address_key)

    def _put_off(self, verdict: Hold | Wait) -> None:
        """Not now, or not at all."""
        if isinstance(verdict, Wait):
            self._mark(state=MessageState.PLANNED, not_before=verdict.until)
        else:
            self._settle(MessageState.CANCELLED, rule=verdict.rule, answer=verdict.text, raw=None)

    def _take_down(self, outcome: Outcome) -> None:
        """Note what came of it; when the database cannot, the journal keeps it until it can (R-16)."""
        try:
            self.note_outcome(outcome)
        except (DBAPIError, Busy):
            db.session.rollback()
            if self.journal is not None:
                self.journal.keep(self.message.id, self.fence, outcome)
            raise

    def note_outcome(self, outcome: Outcome) -> None:
        match outcome:
            case Accepted(reply):
                self._settle(MessageState.ACCEPTED, answer=reply, raw=None, went=True)
            case Rejected():
                self._reject(outcome)
            case Deferred():
                self._defer(outcome)
            case Unknown(reason):
                self.lose(reason)
            case Unreachable(reason) | OperatorError(reason):
                self._stand_still(reason, needs_operator=isinstance(outcome, OperatorError))
            case Withheld():
                pass  # what stopped it is written down already

    def lose(self, reason: str) -> None:
        """Nobody knows whether it arrived: listed, or sent again by itself where that is the lesser evil (E-43)."""
        if self.kind.at_least_once and self.message.resends < MOST_RESENDS:
            again = clock.now() + RESEND_AFTER
            self._mark(state=MessageState.PLANNED, phase="", not_before=again, resends=self.message.resends + 1)
        else:
            self._settle(MessageState.UNKNOWN, answer=reason)

    def _reject(self, outcome: Rejected) -> None:
        if bounce(outcome.status) is Bounce.HARD:
            stop.suppress(
                self.message.to_address,
                SuppressionReason.HARD_BOUNCE,
                note_text=outcome.reply,
                source=f"message {self.message.id}",
            )
        self._settle(MessageState.REJECTED, answer=outcome.text, raw=None, went=True)

    def _defer(self, outcome: Deferred) -> None:
        attempt = self.message.attempt
        answer = outcome.text
        if attempt >= MOST_DEFERRALS:
            self._settle(MessageState.REJECTED, answer=answer, raw=None)
            return
        if outcome.code == 421:
            stop.wait_a_minute(answer)
        later = clock.now() + BACKOFF[min(attempt, len(BACKOFF) - 1)]
        self._mark(state=MessageState.PLANNED, phase="", not_before=later, attempt=attempt + 1, answer=_cut(answer))

    def _stand_still(self, reason: str, *, needs_operator: bool) -> None:
        stop.stand_still(_cut(reason), needs_operator=needs_operator)
        self._mark(state=MessageState.PLANNED, phase="")

    def _settle(self, state: MessageState, *, answer: str, went: bool = False, **marks: Any) -> None:
        """A final state, told to the room that owns the kind; when that room fails, a job tells it again."""
        values = {"state": state, "answer": _cut(answer), "settled_at": clock.now(), "phase": "", **marks}
        told = False
        try:
            self._mark(then=partial(self._tell, values, went=went), is_told=True, **values)
            told = True
        finally:
            if not told:
                db.session.rollback()
                if self.line is not None:
                    self.line.is_undone()
                self._mark(is_told=False, **values)

    def _tell(self, values: dict[str, Any], *, went: bool) -> None:
        for name in ("state", "rule", "answer", "settled_at"):
            setattr(self.message, name, values.get(name, getattr(self.message, name)))
        self.kind.settled(self.message)
        if went and self.line is not None:
            self.line.went()

    @property
    def _held(self) -> dict[str, int]:
        return {"held_fence": self.fence}

    def _mark(self, then: Callable[[], object] | None = None, **marks: Any) -> None:
        """Change the row if no later claim has it and nobody settled it; commits."""
        if _STILL_OPEN.holds(self.message.id, self._held, then=then, **self.fresh | marks):
            self.fresh.clear()


def _catch_up(kinds: Kinds, journal: Journal) -> None:
    """Note outcomes that could not be noted when they came."""
    for entry in journal.kept():
        message = db.session.get(Message, entry.message_id)
        if message is not None and message.kind in kinds:
            Sending.of(kinds, message, fence=entry.fence).note_outcome(entry.outcome)
        db.session.rollback()
        journal.forget(entry)


def _message_id(row_id: int, domain: str) -> str:
    return f"<koe.{row_id}.{tokens.sign(tokens.Purpose.BOUNCE, f'message {row_id}')}@{domain}>"


def _cut(text: str) -> str:
    return text[:LONGEST_ANSWER]
