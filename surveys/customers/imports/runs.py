"""The life of an import: uploaded, checked in short steps, looked at, confirmed, taken over.

Every step is committed by the claim it ends, and is safe to be killed at any instruction.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.exc import IntegrityError

from surveys.auth.models import StaffUser
from surveys.customers.imports import applying, checking, uploads
from surveys.customers.imports.problems import sentence
from surveys.customers.imports.uploads import Mapping
from surveys.customers.models import ImportProblem, ImportRun, ImportState
from surveys.events.actions import note
from surveys.lib import clock
from surveys.lib.claim import claim, holds
from surveys.lib.db import db, reading
from surveys.lib.errors import Invalid, Refused
from surveys.lib.i18n import _
from surveys.lib.unreadable import REASONS, Flaw, placed
from surveys.settings.queries import default_product, organisation

KEPT = timedelta(days=1)  # how long the rows of a run that is over can be looked at
FORGOTTEN = timedelta(days=7)  # when a run nobody finished is cancelled
PATIENCE = 3  # how often a list is compared again because Koe changed in between
SHOWN = 1_000  # problems a command is handed


@dataclass(frozen=True)
class ImportResult:
    """How an import went. `problems` are (line, column, sentence), fatal ones first; `is_done`: it was taken over."""

    run_id: int
    is_done: bool
    counts: dict[str, Any]
    problems: list[tuple[int, int | None, str]]

    @property
    def has_failed(self) -> bool:
        return bool(self.counts.get("bad"))


def defaults(*, is_pasted: bool, encoding: str = "") -> Mapping:
    """What holds where a list says nothing: our main product, the currency and language of the installation."""
    ours = organisation()
    currency = "JPY" if ours.timezone == "Asia/Tokyo" or ours.locale == "ja" else "USD"
    return Mapping(
        is_pasted=is_pasted,
        encoding=encoding,
        currency=currency,
        product_id=default_product().id,
        language=ours.locale,
    )


def start(name: str, content: bytes, mapping: Mapping, *, by: StaffUser | None) -> ImportRun:
    """Keep a list whose columns were recognised; nothing is looked at before its columns are confirmed."""
    run = ImportRun(name=name, content=content, mapping=mapping.kept(), created_by_id=by.id if by else None)
    db.session.add(run)
    db.session.flush()
    return run


def choose(run: ImportRun, mapping: Mapping) -> None:
    """Read the list with these columns; what was staged before is compared anew."""
    if run.is_over or run.state is ImportState.CONFIRMED:
        raise Refused(_("This import is over already. Upload the list again."))
    if not mapping.is_usable:
        raise Invalid(_("Say which column holds the e-mail address or the account."))
    run.mapping = mapping.kept()
    _take_away(run)
    _compare_again(run)


def confirm(run: ImportRun, *, by: StaffUser) -> None:
    """Take the list over as it was shown; the work is done by a job."""
    if not run.can_finish:
        raise Refused(_("There is nothing to take over here."))
    run.state, run.confirmed_by_id = ImportState.CONFIRMED, by.id
    _take_away(run)


def cancel(run: ImportRun) -> None:
    if run.is_over or run.state is ImportState.CONFIRMED:
        raise Refused(_("This import is over already."))
    _take_away(run)
    _end(run, ImportState.CANCELLED)


def _take_away(run: ImportRun) -> None:
    """Whatever a worker is just doing with the run is not wanted any more."""
    run.claimed_by, run.lease_until = "", None


def check_next() -> bool:
    """One step of one import that is being checked."""
    run = _claimed(ImportState.CHECKING)
    if run is None:
        return False
    checking.step(run.id, run.claimed_by)
    return True


def finish_next() -> bool:
    """Take one confirmed list over."""
    run = _claimed(ImportState.CONFIRMED)
    if run is None:
        return False
    _take_over(run.id, run.claimed_by)
    return True


def sweep_next() -> bool:
    """Throw away some rows of a run that is over, or end one that nobody finished."""
    now = clock.now()
    run = db.session.scalars(_forgotten(now - FORGOTTEN).limit(1)).one_or_none()
    if run is not None:
        return holds(ImportRun, run.id, ImportRun.state == run.state, state=ImportState.CANCELLED, finished_at=now)
    run = db.session.scalars(_swept(now - KEPT).limit(1)).one_or_none()
    if run is None:
        return False
    more = checking.sweep(run.id)
    emptied = {**run.mapping, "sample": []}
    return holds(ImportRun, run.id, is_swept=not more, content=None, mapping=emptied)


def run(
    source: Path | str | bytes,
    *,
    name: str = "",
    by: StaffUser | None = None,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> ImportResult:
    """Import a list at once: a file, its bytes, or pasted text. All of it or nothing, in short transactions of its own.

    `progress` is told (rows looked at, rows in all) between steps. Raises `Invalid` when the list cannot be read or
    says neither an address nor an account.
    """
    data, is_pasted = _data(source)
    with reading():
        mapping = uploads.recognise(uploads.packed(data), defaults(is_pasted=is_pasted))
    if not mapping.is_usable:
        raise Invalid(_("No column was recognised as the e-mail address or the account."))
    token = secrets.token_hex(8)
    started = start(name or _name(source), uploads.packed(data), mapping, by=by)
    started.state, started.claimed_by = ImportState.CHECKING, token
    db.session.flush()
    run_id = started.id
    _hold(run_id, token, lease_until=clock.now() + timedelta(hours=1))
    return _run_to_its_end(run_id, token, dry_run=dry_run, progress=progress or _silent)


def _run_to_its_end(run_id: int, token: str, *, dry_run: bool, progress: Callable[[int, int], None]) -> ImportResult:
    for _attempt in range(PATIENCE):
        state = _check_all(run_id, token, progress)
        if state.can_finish and not dry_run:
            _hold(run_id, token, state=ImportState.CONFIRMED)
            _take_over(run_id, token)
        if _state(run_id).state is not ImportState.CHECKING:
            break
    result = _result(run_id)
    if not result.is_done:
        _hold(run_id, token, state=ImportState.CANCELLED, finished_at=clock.now())
    return result


def _check_all(run_id: int, token: str, progress: Callable[[int, int], None]) -> ImportRun:
    while True:
        run = _state(run_id)
        progress(run.done, run.total)
        if run.state is ImportState.REFUSED:
            raise Invalid(failure_of(run))
        if run.state is not ImportState.CHECKING:
            return run
        _hold(run_id, token, lease_until=clock.now() + timedelta(hours=1))
        checking.step(run_id, token)


def failure_of(run: ImportRun) -> str:
    """Why the list could not be read, in the language being spoken."""
    failure = run.failure
    if "flaw" not in failure:
        return str(_("Koe changed again and again while the list was being compared. Please import it once more."))
    reason: str = str(REASONS[Flaw(failure["flaw"])]) % failure["values"]
    return placed(reason, failure["line"], failure["column"])


def _result(run_id: int) -> ImportResult:
    with reading():
        run = db.session.get_one(ImportRun, run_id)
        problems = db.session.scalars(
            select(ImportProblem)
            .where(ImportProblem.run_id == run_id)
            .order_by(ImportProblem.is_fatal.desc(), ImportProblem.line, ImportProblem.id)
            .limit(SHOWN)
        )
        told = [(each.line, each.column, sentence(each.code, each.values)) for each in problems]
        return ImportResult(run.id, run.state is ImportState.DONE, run.counts, told)


def told(problem: ImportProblem) -> str:
    """A problem with its place, in the language being spoken."""
    return placed(sentence(problem.code, problem.values), problem.line, problem.column)


def _take_over(run_id: int, claimed_by: str) -> None:
    run = db.session.get_one(ImportRun, run_id)
    try:
        applying.take_over(run_id, clock.now(), since=run.created_at)
    except (applying.Outdated, IntegrityError):
        db.session.rollback()
        run = db.session.get_one(ImportRun, run_id)
        _look_again(run)
    else:
        by = db.session.get(StaffUser, run.confirmed_by_id or run.created_by_id or 0)
        _end(run, ImportState.DONE)
        note("customers_imported", run, by=by, **run.counts)
    holds(ImportRun, run_id, ImportRun.claimed_by == claimed_by, lease_until=None)


def _look_again(run: ImportRun) -> None:
    """Koe changed since the list was compared: compare again, and after some times say that it cannot be done."""
    run.rechecks += 1
    if run.rechecks > PATIENCE:
        run.failure = {"code": "clash"}
        _end(run, ImportState.REFUSED)
        return
    _compare_again(run)


def _compare_again(run: ImportRun) -> None:
    run.state, run.is_unpacked, run.done, run.counts = ImportState.CHECKING, False, 0, {}


def _end(run: ImportRun, state: ImportState) -> None:
    run.state, run.finished_at, run.content = state, clock.now(), None


def _claimed(state: ImportState) -> ImportRun | None:
    now = clock.now()
    due = (
        select(ImportRun.id)
        .where(ImportRun.state == state, or_(ImportRun.lease_until.is_(None), ImportRun.lease_until < now))
        .order_by(ImportRun.id)
    )
    with reading():
        if db.session.scalar(due.limit(1)) is None:
            return None
    return claim(ImportRun, due, claimed_by=secrets.token_hex(8), lease_until=now + checking.LEASE)


def _forgotten(before: Any) -> Select[ImportRun]:
    open_states = (ImportState.UPLOADED, ImportState.CHECKED)
    return select(ImportRun).where(ImportRun.state.in_(open_states), ImportRun.created_at < before)


def _swept(before: Any) -> Select[ImportRun]:
    over = (ImportState.DONE, ImportState.REFUSED, ImportState.CANCELLED)
    return select(ImportRun).where(
        ImportRun.state.in_(over), ImportRun.is_swept.is_(False), ImportRun.finished_at < before
    )


def _state(run_id: int) -> ImportRun:
    with reading():
        run = db.session.get_one(ImportRun, run_id, populate_existing=True)
        db.session.expunge(run)
    return run


def _hold(run_id: int, token: str, **marks: Any) -> None:
    if not holds(ImportRun, run_id, ImportRun.claimed_by == token, **marks):
        raise Refused(_("Somebody else is working on this import."))


def _data(source: Path | str | bytes) -> tuple[bytes, bool]:
    if isinstance(source, Path):
        return source.read_bytes(), False
    if isinstance(source, bytes):
        return source, False
    return source.encode(), True


def _name(source: Path | str | bytes) -> str:
    return source.name if isinstance(source, Path) else str(_("Pasted cells"))


def _silent(_done: int, _total: int) -> None:
    """Nobody is watching."""
