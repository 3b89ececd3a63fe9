"""Reading messages, suppressions and the built-in mailbox."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, func, or_, select

from surveys.delivery.models import (
    MailboxMail,
    Message,
    MessageState,
    Rank,
    SenderPause,
    Suppression,
    SuppressionReason,
)
from surveys.lib import addresses, clock, tokens
from surveys.lib.db import UTCDateTime, db

STALE = timedelta(hours=48)  # what has been due for longer waits for a person's word
OPEN = (MessageState.PLANNED, MessageState.CLAIMED, MessageState.SENDING)


def due(kinds: Collection[str], now: datetime) -> Select[int]:
    """Ids of what may go now, what somebody waits for first; without what is overdue."""
    return due_then(kinds).params(due_at(now))


def due_then(kinds: Collection[str]) -> Select[int]:
    """The same at a moment that is given later, by `due_at`."""
    then, stale = bindparam("then", type_=UTCDateTime), bindparam("stale", type_=UTCDateTime)
    return (
        select(Message.id)
        .where(Message.state == MessageState.PLANNED, Message.not_before <= then)
        .where(or_(false(), *(Message.kind == kind for kind in sorted(kinds))))
        .where(or_(Message.rank == Rank.AWAITED, Message.not_before > stale))
        .order_by(Message.rank, Message.not_before, Message.id)
    )


def due_at(now: datetime) -> dict[str, datetime]:
    return {"then": now, "stale": now - STALE}


def is_overdue(now: datetime) -> ColumnElement[bool]:
    """Whether a mail waits for a person because its time is long past, after an outage or in a restored backup."""
    is_stale = and_(Message.rank != Rank.AWAITED, Message.not_before <= now - STALE)
    return and_(Message.state == MessageState.PLANNED, is_stale)


def overdue() -> Select[Message]:
    """Mails that wait for a person's word, the oldest first."""
    return select(Message).where(is_overdue(clock.now())).order_by(Message.not_before, Message.id)


def count_overdue() -> int:
    return db.session.scalar(select(func.count()).select_from(Message).where(is_overdue(clock.now()))) or 0


def next_due(kinds: Collection[str], now: datetime) -> Select[int, datetime | None]:
    """The first of these, and until when the sender stands still (`paused_until`)."""
    paused_until = select(SenderPause.until).limit(1).scalar_subquery().label("paused_until")
    return due(kinds, now).add_columns(paused_until).limit(1)


def lapsed(state: MessageState, now: datetime, kinds: Collection[str]) -> Select[int]:
    """Ids of what a worker took and did not finish in time."""
    return (
        select(Message.id)
        .where(Message.state == state, Message.lease_until < now, Message.kind.in_(kinds))
        .order_by(Message.id)
    )


def untold(kinds: Collection[str]) -> Select[int]:
    """Ids of what changed without its room having heard of it."""
    return select(Message.id).where(Message.is_told.is_(False), Message.kind.in_(kinds)).order_by(Message.id)


def unknown() -> Select[Message]:
    """Mails whose fate nobody knows, the oldest first."""
    return select(Message).where(Message.state == MessageState.UNKNOWN).order_by(Message.id)


def failed() -> Select[Message]:
    """Mails that were refused for good, the newest first."""
    return (
        select(Message)
        .where(Message.state == MessageState.REJECTED)
        .order_by(Message.settled_at.desc(), Message.id.desc())
    )


def waiting() -> Select[Message]:
    """Mails that are still to go, in the order in which they will."""
    return select(Message).where(Message.state.in_(OPEN)).order_by(Message.rank, Message.not_before, Message.id)


def counts() -> dict[str, int]:
    """How many are unknown, failed and waiting, and how many of the waiting ones are overdue."""
    shown = (MessageState.UNKNOWN, MessageState.REJECTED, *OPEN)
    rows = db.session.execute(
        select(Message.state, func.count()).where(Message.state.in_(shown)).group_by(Message.state)
    )
    by_state: dict[MessageState, int] = {state: int(number) for state, number in rows}
    return {
        "unknown": by_state.get(MessageState.UNKNOWN, 0),
        "failed": by_state.get(MessageState.REJECTED, 0),
        "waiting": sum(by_state.get(state, 0) for state in OPEN),
        "overdue": count_overdue(),
    }


def count_due(now: datetime) -> int:
    """How many would go out now."""
    due_now = select(func.count()).where(Message.state.in_(OPEN), Message.not_before <= now, ~is_overdue(now))
    return db.session.scalar(due_now) or 0


def message(kind: str, subject_id: int, sequence: int = 0) -> Message | None:
    return db.session.scalars(
        select(Message).where(Message.kind == kind, Message.subject_id == subject_id, Message.sequence == sequence)
    ).one_or_none()


def pause() -> SenderPause | None:
    """Why the sender stands still, or None; it is there until a mail goes through again."""
    return db.session.scalars(select(SenderPause).order_by(SenderPause.id).limit(1)).one_or_none()


def key_of(address: str) -> str:
    """The keyed hash under which this address is compared and suppressed (E-06, E-30)."""
    return tokens.hidden(addresses.normal(address))


def suppression_of(address: str) -> Suppression | None:
    """The weightiest reason not to write to this address."""
    return next(iter(suppressions_of(key_of(address))), None)


def suppressions_of(address_key: str) -> list[Suppression]:
    """Every reason that stands against an address, the weightiest first."""
    found = db.session.scalars(select(Suppression).where(Suppression.address_key == address_key))
    return sorted(found, key=lambda each: each.reason.weight, reverse=True)


def reasons_against(address_keys: Collection[str]) -> dict[str, SuppressionReason]:
    """The weightiest reason for each of these keys that has one, for lists of up to a few thousand."""
    found = select(Suppression.address_key, Suppression.reason).where(Suppression.address_key.in_(list(address_keys)))
    reasons: dict[str, SuppressionReason] = {}
    for key, reason in db.session.execute(found):
        reasons[key] = max(reason, reasons.get(key, reason), key=lambda each: each.weight)
    return reasons


def is_suppressed(address_key: str) -> bool:
    found = select(Suppression.id).where(Suppression.address_key == address_key).limit(1)
    return db.session.scalar(found) is not None


def suppression_of_message() -> Select[int]:
    """The entries that stand against the message of the statement around it."""
    return select(Suppression.id).where(Suppression.address_key == Message.address_key).correlate(Message)


def suppressed_among(address_keys: Iterable[str]) -> set[str]:
    """Which of these keys are suppressed, for lists of up to a few thousand."""
    return set(
        db.session.scalars(select(Suppression.address_key).where(Suppression.address_key.in_(list(address_keys))))
    )


def suppressions(address: str = "") -> Select[Suppression]:
    """Who is not written to, the newest first; or the entries of this address."""
    found = select(Suppression).order_by(Suppression.created_at.desc(), Suppression.id.desc())
    return found.where(Suppression.address_key == key_of(address)) if address.strip() else found


def addresses_of(address_keys: Collection[str]) -> dict[str, str]:
    """The addresses behind these keys, as far as we wrote to them; the list itself keeps none."""
    found = (
        select(Message.address_key, func.max(Message.to_address))
        .where(Message.address_key.in_(address_keys))
        .group_by(Message.address_key)
    )
    return {key: str(address) for key, address in db.session.execute(found)}


def mailbox(words: str = "") -> Select[MailboxMail]:
    """What landed in the built-in mailbox, the newest first; `words` stand in the subject or the recipient."""
    found = select(MailboxMail).order_by(MailboxMail.received_at.desc(), MailboxMail.id.desc())
    if not words.strip():
        return found
    return found.where(
        or_(
            MailboxMail.subject.icontains(words.strip(), autoescape=True),
            MailboxMail.recipient.icontains(words.strip(), autoescape=True),
        )
    )
