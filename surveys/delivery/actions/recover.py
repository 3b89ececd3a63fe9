"""After a worker died: what it had taken is free again, or its fate unknown. And telling rooms what they missed."""

from __future__ import annotations

from sqlalchemy import update

from surveys.delivery import queries
from surveys.delivery.actions.line import LEASE
from surveys.delivery.actions.send import Sending
from surveys.delivery.kinds import Kinds
from surveys.delivery.models import Message, MessageState
from surveys.lib import clock
from surveys.lib.claim import claim, holds
from surveys.lib.db import db, reading


def free_next(kinds: Kinds) -> bool:
    """Take back one message whose worker did not come back in time (E-42, E-47)."""
    return _free_before_dot(kinds) or _free_at_dot(kinds)


def tell_next(kinds: Kinds) -> bool:
    """Tell a room of one change that was made without it: by staff, or while it could not listen."""
    with reading():
        chosen = db.session.scalar(queries.untold(kinds.keys()).limit(1))
        message = db.session.get(Message, chosen) if chosen else None
        kind, state = (kinds[message.kind], message.state) if message else (None, None)
    if chosen is None or kind is None:
        return False
    settled = kind.settled
    holds(
        Message,
        chosen,
        Message.is_told.is_(False),
        Message.state == state,
        then=lambda: settled(db.session.get_one(Message, chosen, populate_existing=True)),
        is_told=True,
    )
    return True


def _free_before_dot(kinds: Kinds) -> bool:
    now = clock.now()
    if not _is_any(MessageState.CLAIMED, kinds):
        return False
    freed = update(Message).where(Message.state == MessageState.CLAIMED, Message.lease_until < now)
    db.session.execute(
        freed.values(state=MessageState.PLANNED, claimed_by="").execution_options(synchronize_session=False)
    )
    db.session.commit()
    return True


def _free_at_dot(kinds: Kinds) -> bool:
    if not _is_any(MessageState.SENDING, kinds):
        return False
    now = clock.now()
    # With a lease again: should we die before its fate is written down, it lapses once more.
    message = claim(Message, queries.lapsed(MessageState.SENDING, now, kinds.keys()), lease_until=now + LEASE)
    if message is None:
        return False
    Sending.of(kinds, message).lose("the worker stopped after the end of the mail was sent")
    return True


def _is_any(state: MessageState, kinds: Kinds) -> bool:
    with reading():
        return db.session.scalar(queries.lapsed(state, clock.now(), kinds.keys()).limit(1)) is not None
