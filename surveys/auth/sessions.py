"""Log-ins: a random number in the cookie, its hash in an own table, so that each can be ended singly (X-13)."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import Flask, Request, g, request, session
from flask.sessions import NullSession, SecureCookieSession, SecureCookieSessionInterface
from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload

from surveys.auth.models import StaffSession, StaffUser
from surveys.lib import clock
from surveys.lib.db import db, is_reading, reading, writing
from surveys.lib.tokens import fingerprint

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
TOUCH = timedelta(minutes=1)
# Pages of customers and machines know no log-in, and are the ones that have to be fast.
OPEN_PATHS = ("/s/", "/u/", "/o/", "/static/", "/healthz", "/readyz")


class Sessions(SecureCookieSessionInterface):
    """Flask's signed cookie, but for the pages that know no log-in: they neither read nor send one."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if request.path.startswith(OPEN_PATHS):
            return NullSession()
        return super().open_session(app, request)


def install(app: Flask) -> None:
    app.session_interface = Sessions()
    app.before_request(_load)


def start(user: StaffUser) -> StaffSession:
    """Log `user` in on this device, under a new number; the caller commits."""
    session.clear()
    session.permanent = True
    session["sid"] = number = secrets.token_urlsafe(32)
    now = clock.now()
    log_in = StaffSession(
        token_hash=fingerprint(number),
        user=user,
        created_at=now,
        seen_at=now,
        device=(request.user_agent.string or "")[:200],
        network=request.remote_addr or "",
    )
    db.session.add(log_in)
    db.session.flush()
    g.user, g.staff_session = user, log_in
    return log_in


def current() -> StaffSession | None:
    """The log-in this request belongs to."""
    found: StaffSession | None = g.get("staff_session")
    return found


def renew(user: StaffUser) -> None:
    """A new number here and the end of all other log-ins of this user; after a change of password."""
    end_all(user)
    start(user)


def end_all(user: StaffUser, *, but: StaffSession | None = None) -> None:
    kept = but.id if but is not None else 0
    db.session.execute(delete(StaffSession).where(StaffSession.user_id == user.id, StaffSession.id != kept))


def end(log_in: StaffSession) -> None:
    db.session.execute(delete(StaffSession).where(StaffSession.id == log_in.id))


def forget() -> None:
    """Nothing of this log-in stays in the browser but the language."""
    kept = g.user.locale if g.user is not None else session.get("language")
    session.clear()
    g.user = g.staff_session = None
    if kept:
        session["language"] = kept


def _load() -> None:
    """Know who is asking; a session that stood idle or grew old is as good as none."""
    g.user = g.staff_session = None
    if request.path.startswith(OPEN_PATHS) or "sid" not in session:
        return
    found = _found() if is_reading() else _found_without_waiting()
    if found is None:
        session.pop("sid")
        return
    g.user, g.staff_session = found.user, found


def _found_without_waiting() -> StaffSession | None:
    """Looked up before the request's own transaction begins: a POST would wait for its turn to write."""
    with reading():
        found = _found()
    return found


def _found() -> StaffSession | None:
    """The live session of the cookie's number, its last use noted once a minute."""
    found = db.session.scalar(
        select(StaffSession)
        .where(StaffSession.token_hash == fingerprint(session["sid"]))
        .options(joinedload(StaffSession.user))
    )
    now = clock.now()
    if found is None or found.seen_at < now - IDLE or found.created_at < now - LONGEST or not found.user.is_active:
        return None
    if found.seen_at < now - TOUCH:
        with writing() as connection:
            connection.execute(update(StaffSession).where(StaffSession.id == found.id).values(seen_at=now))
    return found
