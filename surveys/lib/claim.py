"""Claiming rows: one statement takes what is due and commits, so that no two workers hold the same row.

The one place below views, CLI and job runner that commits: a claim that is not on disk is no claim.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, CursorResult, Select, bindparam, update
from sqlalchemy.orm import InstrumentedAttribute

from surveys.lib.db import Base, db
from surveys.lib.prepared import Write, alone

Row = TypeVar("Row", bound=Base)


def claim(model: type[Row], due: Select[int], **marks: Any) -> Row | None:
    """The first row of `due` (a select of ids), marked and committed; None when there is none.

    On PostgreSQL rows that another worker is just claiming are skipped; on SQLite writers come one by one anyway.
    """
    key: InstrumentedAttribute[int] = model.id  # type: ignore[attr-defined]
    taken = db.session.execute(
        update(model)
        .where(key == first_of(due))
        .values(**marks)
        .returning(key)
        .execution_options(synchronize_session=False)
    ).scalar()
    db.session.commit()
    return None if taken is None else db.session.get(model, taken, populate_existing=True)


def first_of(due: Select[int]) -> Any:
    """The first of these ids that nobody else is claiming at this moment."""
    return due.limit(1).with_for_update(skip_locked=True).scalar_subquery()


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


class Claiming:
    """`claim` for what is claimed thousands of times: made into a statement once."""

    def __init__(self, model: type[Base], due: Select[int], **marks: Any) -> None:
        """`due` and `marks` may hold bind parameters, whose values are given at each call."""
        key: InstrumentedAttribute[int] = model.id  # type: ignore[attr-defined]
        self._write = Write(update(model).where(key == first_of(due)).values(**marks).returning(key))

    def first(self, **values: Any) -> int | None:
        """The number of the first row, marked and committed past the session; None when there is none."""
        with alone():
            return self.by_the_way(**values)

    def by_the_way(self, **values: Any) -> int | None:
        """The same in the transaction that is open: ours once that is committed."""
        row = self._write.run(**values)
        return row[0] if row else None


class Marking:
    """`holds` for what is marked thousands of times: each set of marks is made into a statement once.

    `still` are conditions whose values are bind parameters, given at each call as `held`.
    """

    def __init__(self, model: type[Base], *still: ColumnElement[bool]) -> None:
        key: InstrumentedAttribute[int] = model.id  # type: ignore[attr-defined]
        self._statement = update(model).where(key == bindparam("row_id"), *still).returning(key)
        self._made: dict[frozenset[str], Write] = {}

    def holds(
        self, row_id: int, held: dict[str, Any], *, then: Callable[[], object] | None = None, **marks: Any
    ) -> bool:
        """As above, with all that is open in the session."""
        was_ours = self._run(row_id, held, marks)
        if was_ours and then is not None:
            then()
        db.session.commit()
        return was_ours

    def holds_alone(self, row_id: int, held: dict[str, Any], **marks: Any) -> bool:
        """As above, past the session."""
        with alone():
            return self._run(row_id, held, marks)

    def _run(self, row_id: int, held: dict[str, Any], marks: dict[str, Any]) -> bool:
        names = frozenset(marks)
        write = self._made.get(names) or self._made.setdefault(names, Write(self._statement, sets=sorted(names)))
        return write.run(row_id=row_id, **held, **marks) is not None
