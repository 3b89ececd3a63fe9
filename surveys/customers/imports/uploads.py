"""A list as it came: kept compressed, opened again as a table, and what its columns seem to mean."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from surveys.customers.imports.columns import Field, guessed, is_headless, recognised
from surveys.lib import tables
from surveys.lib.tables import Table
from surveys.lib.unreadable import LIMITS, Flaw, Row, Unreadable

SAMPLE = 5
_FASTEST = 1
_LINE_END = re.compile(r"\r\n|\r|\n")
_ONE = re.compile(r"\s*\"?(?P<name>[^\"<>@,;\t]*?)\"?\s*<?(?P<address>[^\s<>,;\"@]+@[^\s<>,;\"@]+)>?\s*")


@dataclass(frozen=True)
class Mapping:
    """How a list is read: where its text comes from and what each of its columns holds."""

    is_pasted: bool = False
    encoding: str = ""
    has_headings: bool = True
    headings: list[str] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    sample: list[list[str]] = field(default_factory=list)
    currency: str = "JPY"
    product_id: int = 0
    language: str = "en"

    @classmethod
    def read(cls, kept: dict[str, Any]) -> Mapping:
        return cls(**{**kept, "fields": [Field(name) for name in kept.get("fields", [])]})

    def kept(self) -> dict[str, Any]:
        return {**vars(self), "fields": [field.value for field in self.fields]}

    @property
    def has_contacts(self) -> bool:
        return Field.EMAIL in self.fields or Field.CONTACT_KEY in self.fields

    @property
    def has_accounts(self) -> bool:
        return Field.ACCOUNT in self.fields or Field.ACCOUNT_KEY in self.fields

    @property
    def is_usable(self) -> bool:
        return self.has_contacts or self.has_accounts


def packed(data: bytes) -> bytes:
    return zlib.compress(data, _FASTEST)


def opened(content: bytes, mapping: Mapping) -> Table:
    """The list as a table; raises `Unreadable`."""
    data = zlib.decompress(content)
    if mapping.is_pasted:
        return _of_addresses(data.decode()) or tables.pasted(data.decode())
    return tables.read(data, encoding=mapping.encoding or None)


def rows_of(table: Table, mapping: Mapping) -> Any:
    """The rows that are customers, with or without a first row of headings."""
    return table.rows() if mapping.has_headings else table.all_rows()


def recognise(content: bytes, mapping: Mapping) -> Mapping:
    """What a list seems to hold; raises `Unreadable` when it cannot be read or holds nothing."""
    table = opened(content, mapping)
    headless = is_headless(table.headings)
    rows = table.all_rows() if headless else table.rows()
    sample = [list(row.cells) for row in islice(rows, SAMPLE)]
    if not sample:
        raise Unreadable(Flaw.HEADINGS_ONLY)
    width = len(table.headings)
    headings = [""] * width if headless else list(table.headings)
    fields = guessed(table.headings) if headless else recognised(headings)
    encoding = mapping.encoding or table.encoding
    changed = {"has_headings": not headless, "headings": headings, "fields": fields, "sample": sample}
    return Mapping(**{**vars(mapping), **changed, "encoding": encoding})


def _of_addresses(text: str) -> Table | None:
    """A bare list of addresses (`Taro <taro@example.com>, …`) in two columns, each where it stands; or None."""
    found = [
        (number, piece, _ONE.fullmatch(piece))
        for number, line in enumerate(_LINE_END.split(text), 1)
        for piece in re.split("[,;]", line)
        if piece.strip()
    ]
    people = [(number, match) for number, _piece, match in found if match]
    if "\t" in text or not people or len(people) < len(found):
        return None
    width = 2 if any(match["name"] for _number, match in people) else 1
    rows = [Row(number, [match["address"], match["name"]][:width]) for number, match in people]
    return tables.table(lambda: iter([Row(1, ["email", "name"][:width]), *rows]), "", "\t", LIMITS)
