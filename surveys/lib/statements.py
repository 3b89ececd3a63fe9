"""Core statements in the words of one database, made once: what `prepared` says to a driver."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import Dialect, Select
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.sql.dml import UpdateBase

from surveys.lib.db import as_written

Statement = Select[*tuple[Any, ...]] | UpdateBase
Process = Callable[[Any], Any]
Row = tuple[Any, ...]


class Compiled(NamedTuple):
    """A statement in the words of one database, its constants, and how values go in and come out."""

    sql: str
    constants: dict[str, Any]
    into: tuple[tuple[str, Process], ...]
    out: tuple[tuple[int, Process], ...]
    # The same for PostgreSQL's own library, which counts its values, and their names in order.
    numbered: str
    order: tuple[str, ...]


def compiled_for(statement: Statement, dialect: Dialect, sets: list[str] | None) -> Compiled:
    into, counting = dialect, None
    if dialect.name == "sqlite":
        into = SQLiteDialect_pysqlite(paramstyle="named", json_serializer=as_written)
    else:
        numbering = type(dialect)(paramstyle="numeric_dollar")  # type: ignore[call-arg]
        counting = statement.compile(dialect=numbering, column_keys=sets)
    made = statement.compile(dialect=into, column_keys=sets)
    binds = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for bind, name in made.bind_names.items()}
    outs = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in statement.exported_columns]
    return Compiled(
        sql=str(made),
        constants={name: value for name, value in made.params.items() if value is not None},
        into=tuple((name, process) for name, process in binds.items() if process),
        out=tuple((at, process) for at, process in enumerate(outs) if process),
        numbered=str(counting or ""),
        order=tuple(getattr(counting, "positiontup", None) or ()),
    )


def bound(compiled: Compiled, values: dict[str, Any]) -> dict[str, Any]:
    given = compiled.constants | values
    for name, process in compiled.into:
        given[name] = process(given[name])
    return given


def typed(compiled: Compiled, row: Any) -> Row | None:
    if row is None or not compiled.out:
        return row  # type: ignore[no-any-return]
    found = list(row)
    for at, process in compiled.out:
        if found[at] is not None:
            found[at] = process(found[at])
    return tuple(found)


def numbered(compiled: Compiled, given: dict[str, Any]) -> tuple[str, list[Any]]:
    return compiled.numbered, [given[name] for name in compiled.order]
