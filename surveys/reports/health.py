"""How the installation is: what `koe doctor`, `/readyz` and the settings page say about it."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import dataclass
from datetime import timedelta

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from surveys.config import PREFIX, ROOT, Config, Misconfigured
from surveys.delivery import queries as deliveries
from surveys.delivery.models import Message, MessageState
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.errors import Refused
from surveys.lib.i18n import _, _l, ngettext
from surveys.settings.queries import has_its_keys

LEAST_SPACE = 500 * 1024 * 1024  # bytes
LATE = timedelta(minutes=10)
SAFE_SQLITE = (3, 51, 3)  # earlier ones can, in rare cases, damage a WAL database; our write gate keeps them apart

NAMES = {
    "disk": _l("Disk"),
    "mail": _l("Mail"),
    "database": _l("Database"),
    "schema": _l("Schema"),
    "keys": _l("Key file"),
    "sending": _l("Sending"),
    "unknown": _l("Unknown outcomes"),
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `words` say what was seen and, when it is not right, what to do."""

    name: str
    is_ok: bool
    words: str


def findings(config: Config) -> list[Finding]:
    """Everything that was looked at; later checks are left out when the database cannot be reached."""
    seen = [_disk(config), _mail(config), _database(config)]
    if not seen[-1].is_ok:
        return seen
    schema = _schema()
    return [*seen, schema, _keys(), _due_mail(), _unknown_mail()] if schema.is_ok else [*seen, schema]


def refuse_stale_schema() -> None:
    """Raise `Refused` with the fix when the database is not of this Koe (R-42)."""
    found = _schema()
    db.session.rollback()
    if not found.is_ok:
        raise Refused(_("The database is %(state)s.", state=found.words))


def refuse_other_keys() -> None:
    """Raise `Misconfigured` when our keys are not those of this database: everyone who opted out would be mailed."""
    is_ours = has_its_keys()
    db.session.rollback()
    if not is_ours:
        raise Misconfigured(
            f"{PREFIX}DATA_DIR: token-keys.json in the data folder is not the one this database was made with; "
            "bring it back from a backup, or nobody who opted out would be recognised"
        )


def is_ready(config: Config) -> bool:
    """Whether this process can answer and keep what it is told."""
    return _disk(config).is_ok and _database(config).is_ok and _schema().is_ok and _keys().is_ok


def _disk(config: Config) -> Finding:
    free = shutil.disk_usage(config.data_dir).free
    words = _("%(n)s MB free in the data folder", n=free // 1024**2)
    return Finding("disk", free > LEAST_SPACE, words)


def _mail(config: Config) -> Finding:
    if config.mail_url is None:
        return Finding("mail", True, _("no SMTP server is set: mails land in the built-in mailbox"))
    return Finding("mail", True, _("mails go through %(host)s", host=f"{config.mail_url.host}:{config.mail_url.port}"))


def _database(config: Config) -> Finding:
    try:
        db.session.execute(select(1))
    except (DBAPIError, PoolTimeout) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        return Finding("database", False, _("cannot be reached: %(error)s", error=str(reason).strip()))
    if not config.is_sqlite:
        return Finding("database", True, "PostgreSQL")
    note = (
        ""
        if sqlite3.sqlite_version_info >= SAFE_SQLITE
        else _("older than 3.51.3; writers are kept apart by Koe's gate")
    )
    return Finding("database", True, f"SQLite {sqlite3.sqlite_version}" + (f" ({note})" if note else ""))


def _schema() -> Finding:
    there = MigrationContext.configure(db.session.connection()).get_current_revision()
    known = ScriptDirectory(str(ROOT / "migrations"))
    if there == known.get_current_head():
        return Finding("schema", True, _("up to date (%(revision)s)", revision=there or "–"))
    is_newer = there is not None and there not in {script.revision for script in known.walk_revisions()}
    fix = _("made by a newer Koe: upgrade Koe") if is_newer else _("behind this Koe: run koe migrate")
    return Finding("schema", False, fix)


def _keys() -> Finding:
    is_ours = has_its_keys()
    words = _("those of this database") if is_ours else _("not those of this database: bring token-keys.json back")
    return Finding("keys", is_ours, words)


def _due_mail() -> Finding:
    overdue = deliveries.count_overdue()
    if overdue:
        words = ngettext(
            "%(num)s mail is overdue by more than two days and waits for a person (Messages)",
            "%(num)s mails are overdue by more than two days and wait for a person (Messages)",
            overdue,
        )
        return Finding("sending", False, words)
    oldest = db.session.scalar(select(func.min(Message.not_before)).where(Message.state == MessageState.PLANNED))
    is_late = oldest is not None and oldest < clock.now() - LATE
    words = (
        _("mails have been due since %(at)s: is the worker running?", at=oldest) if is_late else _("no mail is overdue")
    )
    return Finding("sending", not is_late, words)


def _unknown_mail() -> Finding:
    unknown = db.session.scalar(select(func.count()).where(Message.state == MessageState.UNKNOWN)) or 0
    words = ngettext(
        "%(num)s mail with an unknown outcome waits for a person (Messages)",
        "%(num)s mails with an unknown outcome wait for a person (Messages)",
        unknown,
    )
    return Finding("unknown", unknown == 0, words if unknown else _("no mail with an unknown outcome"))
