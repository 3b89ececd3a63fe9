"""Rows know only rows of their own room or of rooms below, whatever the imports say."""

from __future__ import annotations

import surveys.app  # noqa: F401 - knows all models
from surveys.lib.db import Base
from tests.house.sources import stands_on

RESERVED = {"case", "user", "order", "group", "table", "column", "index", "check", "session", "references", "end"}

MAY_GO = {"account", "contact", "invitation", "message", "response", "followup_case", "campaign"}


def room(thing: type) -> str:
    return thing.__module__.split(".")[1]


def owners() -> dict[str, str]:
    """Which room a table belongs to; a link table belongs to the room that declares it."""
    owned = {mapper.local_table.name: room(mapper.class_) for mapper in Base.registry.mappers}
    for mapper in Base.registry.mappers:
        for relationship in mapper.relationships:
            if relationship.secondary is not None:
                owned.setdefault(relationship.secondary.name, room(mapper.class_))
    return owned


def test_foreign_keys_point_down():
    owned = owners()
    wrong = [
        f"{table.name}.{key.parent.name} → {key.column.table.name}"
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if not stands_on(owned[table.name], owned[key.column.table.name])
    ]
    assert wrong == []


def test_relationships_point_down():
    wrong = [
        str(relationship)
        for mapper in Base.registry.mappers
        for relationship in mapper.relationships
        if not stands_on(room(mapper.class_), room(relationship.mapper.class_))
    ]
    assert wrong == []


def test_every_table_belongs_to_a_room():
    assert set(Base.metadata.tables) - owners().keys() == set()


def test_no_table_has_a_reserved_name():
    assert RESERVED & set(Base.metadata.tables) == set()


def test_every_constraint_has_a_name():
    nameless = [
        f"{table.name}: {constraint}"
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if constraint.name is None
    ]
    assert nameless == []


def test_keys_to_rows_that_may_go_are_indexed():
    """Else erasing one contact reads whole tables. Staff, products and questionnaires stay for ever."""
    wrong = [
        f"{table.name}.{key.parent.name}"
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name in MAY_GO and not is_indexed(table, key.parent.name)
    ]
    assert wrong == []


def is_indexed(table, column):
    first = [next(iter(index.columns)).name for index in table.indexes if index.columns]
    unique = [
        next(iter(each.columns)).name
        for each in table.constraints
        if each.__visit_name__ in ("unique_constraint", "primary_key_constraint") and len(each.columns)
    ]
    return column in first + unique
