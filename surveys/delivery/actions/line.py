"""The mails that are due, as one worker takes them: one after another, each claimed with a lease (E-47)."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import bindparam

from surveys.delivery import queries
from surveys.delivery.actions import stop
from surveys.delivery.kinds import Kinds
from surveys.delivery.models import Message, MessageState
from surveys.lib import clock
from surveys.lib.claim import Claiming
from surveys.lib.db import db, reading

LEASE: Final = timedelta(minutes=10)


class Line:
    """The mails that are due, taken one by one by one worker."""

    def __init__(self, kinds: Kinds, worker: str, *, until: float) -> None:
        """`until` is when the last one is taken, by the clock of `time.monotonic`."""
        self._kinds, self._worker, self._until = frozenset(kinds), worker, until
        self._claiming = _claiming(self._kinds)
        self._was_paused = False
        self._taken: int | None = None

    def first(self) -> Message | None:
        """Asked without writing, for most of the time there is nothing to do."""
        now = clock.now()
        with reading():
            found = db.session.execute(queries.next_due(self._kinds, now)).first()
        if found is None or (found.paused_until is not None and found.paused_until > now):
            return None
        self._was_paused = found.paused_until is not None
        self._taken = self._claiming.first(**self._values(now))
        return self.next()

    def next(self) -> Message | None:
        """What was taken last, apart from every session."""
        taken, self._taken = self._taken, None
        if taken is None:
            return None
        with reading():
            return db.session.get_one(Message, taken, populate_existing=True).copied()

    def went(self) -> None:
        """A mail went through, in the transaction that is open: claim the next one in it too."""
        if self._was_paused:
            stop.go_on()
        if time.monotonic() < self._until:
            self._taken = self._claiming.by_the_way(**self._values(clock.now()))

    def is_undone(self) -> None:
        """That transaction was rolled back."""
        self._taken = None

    def _values(self, now: datetime) -> dict[str, Any]:
        return {**queries.due_at(now), "worker": self._worker, "lease": now + LEASE}


@cache
def _claiming(kinds: frozenset[str]) -> Claiming:
    return Claiming(
        Message,
        queries.due_then(kinds),
        state=MessageState.CLAIMED,
        fence=Message.fence + 1,
        claimed_by=bindparam("worker"),
        lease_until=bindparam("lease"),
    )
