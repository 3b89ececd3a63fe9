"""Checking a list step by step: cut into chunks, each compared and staged, then counted. One step, one short write."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import CursorResult, Select, delete, exists, func, insert, select

from surveys.auth.queries import workers
from surveys.customers.imports import uploads
from surveys.customers.imports.drafts import Reader, Surroundings
from surveys.customers.imports.staging import Staging
from surveys.customers.imports.uploads import Mapping
from surveys.customers.imports.values import plain
from surveys.customers.models import (
    Account,
    Contact,
    ImportChunk,
    ImportProblem,
    ImportRun,
    ImportState,
    StagedAccount,
    StagedContact,
    StagedContract,
    Verdict,
)
from surveys.lib import clock
from surveys.lib.claim import holds
from surveys.lib.db import db, reading
from surveys.lib.unreadable import Row, Unreadable
from surveys.settings.queries import products

CHUNK = 500  # rows looked at in one transaction
SWEEP = 2_000  # rows thrown away in one transaction
LEASE = timedelta(minutes=2)
STAGED = (StagedContact, StagedContract, StagedAccount, ImportProblem, ImportChunk)


class Lost(Exception):
    """The run was taken away: cancelled, or to be read with other columns."""


def step(run_id: int, claimed_by: str) -> None:
    """One step of checking, committed and the claim given back; the last one leaves the run checked."""
    try:
        _step(run_id, claimed_by)
    except Lost:
        db.session.rollback()


def _step(run_id: int, claimed_by: str) -> None:
    with reading():
        run = db.session.get_one(ImportRun, run_id)
        mapping, content = Mapping.read(run.mapping), None if run.is_unpacked else run.content
        is_unpacked, done = run.is_unpacked, run.done
        chunk = _next_chunk(run_id) if is_unpacked else None
    if not is_unpacked:
        _unpack(run_id, claimed_by, content or b"", mapping)
    elif chunk is None:
        _finish(run_id, claimed_by, mapping)
    else:
        _stage(run_id, claimed_by, chunk, mapping, done)


def sweep(run_id: int) -> bool:
    """Throw some of the staged rows of a run away; True while there may be more."""
    for model in STAGED:
        key: Any = model.number if model is ImportChunk else model.id  # type: ignore[union-attr]
        some = select(key).where(model.run_id == run_id).limit(SWEEP).scalar_subquery()
        gone = db.session.execute(
            delete(model).where(model.run_id == run_id, key.in_(some)).execution_options(synchronize_session=False)
        )
        if _count(gone):
            return True
    return False


def _unpack(run_id: int, claimed_by: str, content: bytes, mapping: Mapping) -> None:
    """Cut the list into chunks; one that cannot be read to its end is refused whole."""
    _sweep_all(run_id, claimed_by)
    total = 0
    try:
        for number, rows in enumerate(_chunks(content, mapping)):
            total += len(rows)
            packed = zlib.compress(json.dumps(rows, ensure_ascii=False).encode(), 1)
            _be_ours(run_id, claimed_by)
            db.session.execute(insert(ImportChunk).values(run_id=run_id, number=number, rows=packed))
            _keep(run_id, claimed_by)
    except Unreadable as error:
        failure = {"flaw": error.flaw.value, "line": error.line, "column": error.column, "values": error.values}
        marks = {"state": ImportState.REFUSED, "failure": failure, "content": None, "finished_at": clock.now()}
        _give_back(run_id, claimed_by, **marks)
        return
    _give_back(run_id, claimed_by, is_unpacked=True, total=total, done=0)


def _sweep_all(run_id: int, claimed_by: str) -> None:
    more = True
    while more:
        _be_ours(run_id, claimed_by)
        more = sweep(run_id)
        _keep(run_id, claimed_by)


def _chunks(content: bytes, mapping: Mapping) -> Iterator[list[Row]]:
    rows = iter(uploads.rows_of(uploads.opened(content, mapping), mapping))
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _stage(run_id: int, claimed_by: str, chunk: ImportChunk, mapping: Mapping, done: int) -> None:
    rows = json.loads(zlib.decompress(chunk.rows))
    with reading():
        reader = Reader(mapping.headings, mapping.fields, _surroundings(mapping))
        staging = Staging(run_id, mapping.language, reader.headings)
        staging.place_all([reader.read(line, cells) for line, cells in rows])
    _be_ours(run_id, claimed_by)
    taken = delete(ImportChunk).where(ImportChunk.run_id == run_id, ImportChunk.number == chunk.number)
    if not _count(db.session.execute(taken.execution_options(synchronize_session=False))):
        db.session.rollback()  # somebody else has staged it
        return
    staging.store()
    _give_back(run_id, claimed_by, done=done + len(rows))


def _surroundings(mapping: Mapping) -> Surroundings:
    owners: dict[str, list[int]] = {}
    for user in db.session.scalars(workers()):
        whole = " ".join(plain(user.name).split())
        for word in {plain(user.email), whole, whole.replace(" ", "")}:
            owners.setdefault(word, []).append(user.id)
    named: dict[str, int] = {}
    for product in db.session.scalars(products()):
        named |= {plain(word): product.id for word in (product.key, product.name, product.name_ja) if word}
    return Surroundings(owners, named, mapping.product_id, mapping.currency, mapping.language)


def _finish(run_id: int, claimed_by: str, mapping: Mapping) -> None:
    with reading():
        counts = _counts(run_id, mapping)
    _give_back(run_id, claimed_by, state=ImportState.CHECKED, counts=counts)


def _counts(run_id: int, mapping: Mapping) -> dict[str, Any]:
    accounts, contacts = _verdicts(StagedAccount, run_id), _verdicts(StagedContact, run_id)
    if mapping.has_accounts:
        accounts["missing"] = _number(missing_accounts(run_id))
    if mapping.has_contacts:
        contacts["missing"] = _number(missing_contacts(run_id))
    fatal = ImportProblem.run_id == run_id, ImportProblem.is_fatal.is_(True)
    notes = ImportProblem.run_id == run_id, ImportProblem.is_fatal.is_(False)
    differing = [each[verdict] for each in (accounts, contacts) for verdict in (Verdict.NEW, Verdict.CHANGED)]
    return {
        "accounts": accounts,
        "contacts": contacts,
        "bad": db.session.scalar(select(func.count(ImportProblem.line.distinct())).where(*fatal)),
        "notes": db.session.scalar(select(func.count()).select_from(ImportProblem).where(*notes)),
        "differences": sum(differing),
    }


def missing_accounts(run_id: int) -> Select[Account]:
    """Accounts in Koe that are not in the list."""
    listed = select(StagedAccount.id).where(StagedAccount.run_id == run_id, StagedAccount.account_id == Account.id)
    return select(Account).where(~exists(listed)).order_by(Account.name, Account.id)


def missing_contacts(run_id: int) -> Select[Contact]:
    """Contacts in Koe that are not in the list."""
    listed = select(StagedContact.id).where(StagedContact.run_id == run_id, StagedContact.contact_id == Contact.id)
    return select(Contact).where(~exists(listed)).order_by(Contact.account_id, Contact.name, Contact.id)


def _verdicts(model: type[StagedAccount] | type[StagedContact], run_id: int) -> dict[str, int]:
    statement = select(model.verdict, func.count()).where(model.run_id == run_id).group_by(model.verdict)
    return {verdict.value: 0 for verdict in Verdict} | {
        verdict.value: count for verdict, count in db.session.execute(statement)
    }


def _number(statement: Select[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0


def _next_chunk(run_id: int) -> ImportChunk | None:
    return db.session.scalars(
        select(ImportChunk).where(ImportChunk.run_id == run_id).order_by(ImportChunk.number).limit(1)
    ).one_or_none()


def _be_ours(run_id: int, claimed_by: str) -> None:
    """Raise `Lost` unless the run is still ours; nobody takes it away before the end of this transaction."""
    ours = select(ImportRun.id).where(ImportRun.id == run_id, ImportRun.claimed_by == claimed_by)
    if db.session.scalar(ours.with_for_update()) is None:
        raise Lost


def _keep(run_id: int, claimed_by: str) -> None:
    """Commit what was done and stay the one who does it."""
    holds(ImportRun, run_id, ImportRun.claimed_by == claimed_by, lease_until=clock.now() + LEASE)


def _give_back(run_id: int, claimed_by: str, **marks: Any) -> None:
    """Commit what was done and let whoever comes first go on."""
    holds(ImportRun, run_id, ImportRun.claimed_by == claimed_by, lease_until=None, **marks)


def _count(result: Any) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount
