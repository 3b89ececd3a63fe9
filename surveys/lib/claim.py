"""Claiming rows: one statement takes what is due and commits, so that no two workers hold the same row.

The one place below views, CLI and job runner that commits: a claim that is not on disk is no claim.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import CursorResult, Select, update
from sqlalchemy.orm import InstrumentedAttribute

from surveys.lib.db import Base, db

Row = TypeVar("Row", bound=Base)


def claim(model: type[Row], due: Select[int], **marks: Any) -> Row | None:
    """The first row of `due` (a select of ids), marked and committed; None when there is none."""
    taken = take(model, due, **marks)
    db.session.commit()
    return None if taken is None else db.session.get(model, taken, populate_existing=True)


def take(model: type[Row], due: Select[int], **marks: Any) -> int | None:
    """The same inside the transaction that is open; the number of the row, which is ours once that is committed.

    On PostgreSQL rows that another worker is just claiming are skipped; on SQLite writers come one by one anyway.
    """
    key: InstrumentedAttribute[int] = model.id  # type: ignore[attr-defined]
    chosen = due.limit(1).with_for_update(skip_locked=True).scalar_subquery()
    return db.session.execute(
        update(model).where(key == chosen).values(**marks).returning(key).execution_options(synchronize_session=False)
    ).scalar()


def holds(model: type[Row], row_id: int, *still: Any, then: Callable[[], object] | None = None, **marks: Any) -> bool:
    """Mark a row only if it is still as `still` says (the fence), and commit; False when somebody else has it.

    `then` is done in the same transaction, when the row was still ours.
    """
    key: InstrumentedAttribute[int] = model.id  # type: ignore[attr-defined]
    changed = db.session.execute(
        update(model).where(key == row_id, *still).values(**marks).execution_options(synchronize_session=False)
    )
    assert isinstance(changed, CursorResult)
    was_ours = changed.rowcount == 1
    if was_ours and then is not None:
        then()
    db.session.commit()
    return was_ours
