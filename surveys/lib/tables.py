"""Reading a table out of a file or out of pasted cells, whatever wrote it: CSV in its usual dialects, TSV, XLSX.

A table is read as a stream, a row at a time, with the line where each row stands. What cannot be read is refused with
line, column and a reason, never guessed at.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TextIO

from surveys.lib import encodings, workbooks
from surveys.lib.unreadable import LIMITS, Flaw, Limits, Row, Unreadable

SEPARATORS = "\t;,"  # in this order when two are equally frequent
_LONG_LINE = 100_000


@dataclass(frozen=True)
class Table:
    """A table that can be read, as often as one likes. Rows that are all blank are not there."""

    headings: tuple[str, ...]
    encoding: str
    separator: str
    open_rows: Callable[[], Iterator[Row]]
    heading_line: int = 1

    def rows(self) -> Iterator[Row]:
        """Every row beneath the headings; raises `Unreadable` where it cannot be read on."""
        return islice(self.open_rows(), 1, None)

    def all_rows(self) -> Iterator[Row]:
        """The same with the first row, for tables whose first row is no heading."""
        return self.open_rows()


def read(data: bytes, *, encoding: str | None = None, limits: Limits = LIMITS) -> Table:
    """The table in a file, told by its content and never by its name; `encoding` None: find out."""
    if len(data) > limits.size:
        raise Unreadable(Flaw.TOO_LARGE, limit=limits.size // 1_000_000)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(Flaw.OLD_EXCEL)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return table(lambda: workbooks.rows(data, limits), "", "", limits)
    if data.startswith((b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ")):
        raise Unreadable(Flaw.ARCHIVE)
    return _from_bytes(data, encoding, limits)


def pasted(text: str, *, limits: Limits = LIMITS) -> Table:
    """The table in cells copied from a spreadsheet, or typed."""
    if len(text) > limits.size:
        raise Unreadable(Flaw.TOO_LARGE, limit=limits.size // 1_000_000)
    return _from_text(lambda: io.StringIO(text.lstrip("\ufeff"), newline=""), "", limits)


def table(open_rows: Callable[[], Iterator[Row]], encoding: str, separator: str, limits: Limits) -> Table:
    """The table of these rows, held against the limits; its first row is its headings."""

    def checked() -> Iterator[Row]:
        return _within(open_rows(), limits)

    first = next(checked(), None)
    if first is None:
        raise Unreadable(Flaw.EMPTY)
    headings = [cell.strip() for cell in first.cells]
    while headings and not headings[-1]:
        headings.pop()
    return Table(tuple(headings), encoding, separator, checked, first.line)


def _from_bytes(data: bytes, encoding: str | None, limits: Limits) -> Table:
    try:
        name = encodings.checked(data, encoding) if encoding else encodings.detect(data)
    except encodings.BadByte as bad:
        shown = encodings.KNOWN.get(bad.encoding.removesuffix("-sig"), bad.encoding.upper())
        raise Unreadable(Flaw.ENCODING, line=bad.line, encoding=shown) from None
    # A hand-chosen UTF-8 may still carry its mark.
    name = "utf-8-sig" if name == "utf-8" else name
    return _from_text(lambda: io.TextIOWrapper(io.BytesIO(data), name, newline=""), name.removesuffix("-sig"), limits)


def _from_text(open_text: Callable[[], TextIO], encoding: str, limits: Limits) -> Table:
    separator, skipped = _separator(open_text())
    return table(lambda: _text_rows(open_text(), separator, skipped, limits), encoding, separator, limits)


def _separator(text: TextIO) -> tuple[str, int]:
    """The separator, told by the first row, and how many lines do no more than declare it (Excel's `sep=;`)."""
    first = text.read(_LONG_LINE)
    declared = first[:6].lower()
    if declared.startswith("sep=") and len(first) > 5 and first[4] in "\t;,|" and first[5] in "\r\n":
        return first[4], 1
    head = _unquoted_head(first.lstrip("\r\n"))
    return max(SEPARATORS, key=head.count) if any(mark in head for mark in SEPARATORS) else ",", 0


def _unquoted_head(text: str) -> str:
    """The first record, without what stands in quotation marks."""
    kept: list[str] = []
    for number, part in enumerate(text.split('"')):
        if number % 2:
            continue
        line, *rest = part.splitlines() or [""]
        kept.append(line)
        if rest or part.endswith(("\n", "\r")):
            break
    return "".join(kept)


def _text_rows(text: TextIO, separator: str, skipped: int, limits: Limits) -> Iterator[Row]:
    lines = _sane_lines(text, separator, limits)
    reader = csv.reader(islice(lines, skipped, None), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1 + skipped
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _as_unreadable(error, line, limits) from None
        yield Row(line, cells)


def _as_unreadable(error: csv.Error, line: int, limits: Limits) -> Unreadable:
    """Our word for an error of the csv module, whose texts are all it tells them apart by."""
    text = str(error)
    if "unexpected end" in text:
        return Unreadable(Flaw.UNBALANCED, line=line)
    if "field limit" in text:
        return Unreadable(Flaw.CELL_TOO_LONG, line=line, limit=limits.cell)
    return Unreadable(Flaw.QUOTING, line=line)


def _sane_lines(text: TextIO, separator: str, limits: Limits) -> Iterator[str]:
    """The lines; one that could only be an attack on our memory ends it before it is taken apart."""
    for number, line in enumerate(text, 1):
        if len(line) > _LONG_LINE and line.count(separator) > 100 * limits.columns:
            raise Unreadable(Flaw.TOO_MANY_COLUMNS, line=number, limit=limits.columns)
        yield line


def _within(rows: Iterable[Row], limits: Limits) -> Iterator[Row]:
    """The rows that are not blank, none of them beyond the limits."""
    count = -1  # the headings are no row
    for row in rows:
        cells = row.cells
        if not any(cells) or not any(map(str.strip, cells)):
            continue
        count += 1
        if count > limits.rows:
            raise Unreadable(Flaw.TOO_MANY_ROWS, line=row.line, limit=limits.rows)
        _check(row, limits)
        yield row


def _check(row: Row, limits: Limits) -> None:
    cells = row.cells
    if len(cells) > limits.columns:
        raise Unreadable(Flaw.TOO_MANY_COLUMNS, line=row.line, limit=limits.columns)
    if len(max(cells, key=len)) > limits.cell:
        column = next(number for number, cell in enumerate(cells, 1) if len(cell) > limits.cell)
        raise Unreadable(Flaw.CELL_TOO_LONG, line=row.line, column=column, limit=limits.cell)
    for column, cell in enumerate(cells, 1):
        if "\0" in cell:
            raise Unreadable(Flaw.NUL, line=row.line, column=column)
