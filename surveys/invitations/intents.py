"""Score links that were fetched, by a person or a machine: a technical log, never an answer and no metric (E-22).

A GET writes nothing: it is remembered here, and a thread of the process writes down what came together in a second or
two. What a killed process had not written yet is lost, and nothing else depends on it.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from multiprocessing.util import Finalize
from typing import Any, Final

import structlog
from flask import Flask, current_app
from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from surveys.delivery import actions as delivery
from surveys.invitations.models import Campaign, Intent, Invitation, Outcome
from surveys.invitations.planning import ASK
from surveys.lib import clock
from surveys.lib.db import db, noting
from surveys.lib.errors import Busy

NAME: Final = "koe.intents"
PAUSE: Final = 1.5  # seconds between two writings
MOST: Final = 20_000  # invitations that one process remembers at once
SLICE: Final = 500
KEPT: Final = timedelta(days=90)

log = structlog.get_logger()


class Memory:
    """What one process saw and has not written down yet: how often, first and last, by invitation."""

    def __init__(self, app: Flask, pause: float) -> None:
        self._app, self._pause = app, pause
        self._seen: dict[int, tuple[int, datetime, datetime]] = {}
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._writer: threading.Thread | None = None

    def add(self, invitation_id: int, at: datetime) -> None:
        with self._lock:
            times, first, _last = self._seen.get(invitation_id, (0, at, at))
            if times or len(self._seen) < MOST:
                self._seen[invitation_id] = (times + 1, first, at)
            if self._pause and (self._writer is None or not self._writer.is_alive()):  # also after a fork
                self._writer = threading.Thread(target=self._write_on, name="write-intents", daemon=True)
                self._writer.start()
                Finalize(None, self.write, exitpriority=1)  # also where a server forked: no `atexit` there
        self._news.set()

    def write(self) -> None:
        """Write down what was seen so far."""
        with self._lock:
            seen, self._seen = self._seen, {}
        rows = [(number, *facts) for number, facts in sorted(seen.items())]
        with self._app.app_context():
            for start in range(0, len(rows), SLICE):
                try:
                    with noting():
                        _write(rows[start : start + SLICE])
                except (DBAPIError, PoolTimeout, Busy) as error:
                    log.warning("intents_lost", number=len(rows) - start, error=type(error).__name__)
                    return

    def _write_on(self) -> None:
        while True:
            self._news.wait()
            self._news.clear()
            threading.Event().wait(self._pause)
            self.write()


def install(app: Flask, *, pause: float = PAUSE) -> None:
    """Remember what is fetched and write it down every `pause` seconds; never by itself when that is 0."""
    app.extensions[NAME] = Memory(app, pause)


def seen(invitation_id: int) -> None:
    """A score link of this invitation was fetched."""
    memory: Memory | None = current_app.extensions.get(NAME)
    if memory is not None:
        memory.add(invitation_id, clock.now())


def count(campaign: Campaign) -> int:
    """How many of those who were asked had a score link opened."""
    opened = select(func.count()).select_from(Intent).join(Invitation).where(Invitation.campaign_id == campaign.id)
    return db.session.scalar(opened) or 0


def forget_old() -> bool:
    """Job: what was fetched three months ago is nobody's business any more (P-16)."""
    db.session.execute(delete(Intent).where(Intent.last_at < clock.now() - KEPT))
    return False


def _write(rows: list[tuple[int, int, datetime, datetime]]) -> None:
    numbers = [row[0] for row in rows]
    found = db.session.execute(select(Invitation.id, Invitation.outcome).where(Invitation.id.in_(numbers)))
    outcomes: dict[int, Any] = {number: outcome for number, outcome in found}  # noqa: C416 a Row is no pair
    there = [
        {"invitation_id": number, "times": times, "first_at": first, "last_at": last}
        for number, times, first, last in rows
        if number in outcomes
    ]
    if not there:
        return
    new = postgresql.insert(Intent)  # PostgreSQL's "on conflict" is SQLite's as well
    added = {"times": Intent.times + new.excluded.times, "last_at": new.excluded.last_at}
    db.session.execute(new.on_conflict_do_update(index_elements=["invitation_id"], set_=added), there)
    for number, outcome in outcomes.items():
        if outcome is Outcome.UNKNOWN:
            delivery.arrived([ASK], number)  # whoever fetched the link had the mail (E-43)
