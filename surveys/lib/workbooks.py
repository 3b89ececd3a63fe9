"""Reading the first sheet of an .xlsx file: one pass, a row at a time, after a look at what unpacking would cost.

The cells are read by expat with the handlers of defusedxml: openpyxl takes more than a minute for 100,000 rows. What a
person sees in the cell is what we read: dates in every format of Excel in Japan as well, the leading zeros that a
number format shows, texts without their phonetic readings (furigana). A formula without its result is refused.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from io import BytesIO
from typing import Any, Final
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from defusedxml.common import DefusedXmlException, EntitiesForbidden, ExternalReferenceForbidden
from defusedxml.ElementTree import fromstring

from surveys.lib.unreadable import Flaw, Limits, Row, Unreadable

_BOOK = "xl/workbook.xml"
_BLOCK = 64 * 1024
_SMALL = 1_000_000  # below this size the ratio says nothing
_ZEROS = re.compile(r"0{2,}")
# Number formats that Excel knows without writing them down and that are dates or times, those of Japan included.
_BUILT_IN_DATES: Final = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_NOT_CODE = re.compile(r'"[^"]*"|\\.|_.|\[(?!h|m|s)[^\]]*\]|general|E[+-]', re.IGNORECASE)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
# Day 60 of Excel is 29 February 1900, which never was; no list of customers reaches back to it.
_EPOCH, _MAC_EPOCH = datetime.fromisoformat("1899-12-30"), datetime.fromisoformat("1904-01-01")
_DAMAGE = (BadZipFile, expat.ExpatError, KeyError, ValueError, TypeError, IndexError, OSError, EOFError, SyntaxError)


def rows(data: bytes, limits: Limits) -> Iterator[Row]:
    """The rows of the first sheet that is shown; raises `Unreadable`."""
    with _readable(), ZipFile(BytesIO(data)) as archive:
        _refuse_bombs(archive, limits)
        book = _book(archive)
        if book.sheet:
            yield from Sheet(book, limits).read(archive)


@dataclass(frozen=True)
class Book:
    """What the cells of a sheet refer to."""

    sheet: str
    strings: list[str]
    date_styles: set[int]
    zero_styles: dict[int, int]
    epoch: datetime


class _Streamed:
    """Reading a part with expat, block by block; nobody may define entities or point outside."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.EntityDeclHandler = _entity
        self.parser.ExternalEntityRefHandler = _reference
        self.parts: list[str] = []
        self.is_text = False
        self.is_reading_aloud = False

    def _characters(self, text: str) -> None:
        if self.is_text:
            self.parts.append(text)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag in ("t", "v"):
            self.is_text = not self.is_reading_aloud
        elif tag == "rPh":
            self.is_reading_aloud = True
        else:
            self.opened(tag, attributes)

    def _end(self, name: str) -> None:
        tag = name.rpartition(":")[2]
        self.is_text = False
        if tag == "rPh":
            self.is_reading_aloud = False
        elif tag in ("si", "c", "row"):
            self.closed(tag)

    def taken(self) -> str:
        text = "".join(self.parts)
        self.parts.clear()
        return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        """An element that is neither text nor reading begins."""

    def closed(self, tag: str) -> None:
        raise NotImplementedError


class SharedStrings(_Streamed):
    """The table of texts that cells point into."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def closed(self, tag: str) -> None:
        if tag == "si":
            self.texts.append(self.taken())


@dataclass
class Cell:
    """The cell being read."""

    column: int = 0
    kind: str = "n"
    style: int = 0
    has_formula: bool = field(default=False)


class Sheet(_Streamed):
    """The cells of one sheet as a person sees them."""

    def __init__(self, book: Book, limits: Limits) -> None:
        super().__init__()
        self.book, self.limits = book, limits
        self.ready: list[Row] = []
        self.line, self.cell, self.cells = 0, Cell(), list[str]()

    def read(self, archive: ZipFile) -> Iterator[Row]:
        with archive.open(self.book.sheet) as part:
            while block := part.read(_BLOCK):
                self.parser.Parse(block, False)
                yield from self.ready
                self.ready.clear()
        self.parser.Parse(b"", True)

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            place = attributes.get("r")
            column = _column(place) if place else self.cell.column + 1
            self.cell = Cell(column, attributes.get("t", "n"), int(attributes.get("s", 0)))
        elif tag == "f":
            self.cell.has_formula = True
        elif tag == "row":
            self.line, self.cell, self.cells = int(attributes.get("r", self.line + 1)), Cell(), []

    def closed(self, tag: str) -> None:
        if tag == "row":
            self.ready.append(Row(self.line, self.cells))
            return
        text = self.taken()
        if not text:
            self._refuse_missing_result()
            return
        column = self.cell.column
        if column > self.limits.columns:
            raise Unreadable(Flaw.TOO_MANY_COLUMNS, line=self.line, limit=self.limits.columns)
        self.cells.extend([""] * (column - len(self.cells)))
        self.cells[column - 1] = self._shown(text)

    def _refuse_missing_result(self) -> None:
        if self.cell.has_formula and self.cell.kind != "str":
            raise Unreadable(Flaw.FORMULA, line=self.line, column=self.cell.column)

    def _shown(self, text: str) -> str:
        match self.cell.kind:
            case "s":
                return self.book.strings[int(text)]
            case "n":
                return self._number(text)
            case "b":
                return "TRUE" if text == "1" else "FALSE"
            case _:
                return text

    def _number(self, text: str) -> str:
        """A number as one would type it: whole ones without a point, dates as 2026-11-27."""
        style = self.cell.style
        if style in self.book.date_styles:
            return _moment(float(text), self.book.epoch)
        number = float(text)
        if not number.is_integer() or abs(number) >= 1e15:
            return repr(number) if "e" in text.lower() or "." in text else text
        return str(int(number)).zfill(self.book.zero_styles.get(style, 0))


def _moment(days: float, epoch: datetime) -> str:
    """A date, or date and time, to the second; what is no date on any calendar stays a number."""
    try:
        moment = epoch + timedelta(seconds=round(days * 86_400))
    except OverflowError:
        return repr(days)
    return moment.date().isoformat() if moment.time() == time() else moment.isoformat()


def _column(place: str) -> int:
    """The number of the column of `AB12`."""
    number = 0
    for letter in place:
        if not "A" <= letter <= "Z":
            break
        number = number * 26 + ord(letter) - 64
    return number


def _book(archive: ZipFile) -> Book:
    targets = _targets(archive)
    workbook = fromstring(archive.read(_BOOK))
    styles = next((path for kind, path in targets.values() if kind == "styles"), "")
    strings = next((path for kind, path in targets.values() if kind == "sharedStrings"), "")
    formats = _formats(archive.read(styles)) if styles else {}
    return Book(
        sheet=_first_shown(workbook, targets),
        strings=_strings(archive, strings) if strings else [],
        date_styles={number for number, code in formats.items() if _is_date(code)},
        zero_styles={number: len(code) for number, code in formats.items() if _ZEROS.fullmatch(code)},
        epoch=_MAC_EPOCH if _is_1904(workbook) else _EPOCH,
    )


def _targets(archive: ZipFile) -> dict[str, tuple[str, str]]:
    """By relation id: the kind of part, and its path in the archive."""
    relations = fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    return {
        relation.get("Id", ""): (
            relation.get("Type", "").rpartition("/")[2],
            posixpath.normpath(posixpath.join("xl", relation.get("Target", ""))).lstrip("/"),
        )
        for relation in relations
        if relation.get("TargetMode") != "External"
    }


def _first_shown(workbook: Any, targets: dict[str, tuple[str, str]]) -> str:
    for sheet in workbook.iter():
        if not sheet.tag.endswith("}sheet") or sheet.get("state", "visible") != "visible":
            continue
        relation = next((value for name, value in sheet.attrib.items() if name.endswith("}id")), "")
        kind, path = targets.get(relation, ("", ""))
        if kind == "worksheet":
            return path
    return ""


def _is_1904(workbook: Any) -> bool:
    return any(part.tag.endswith("}workbookPr") and part.get("date1904") in ("1", "true") for part in workbook)


def _formats(styles: bytes) -> dict[int, str]:
    """The number format of each cell style; a date for those that Excel has built in."""
    root = fromstring(styles)
    codes = dict.fromkeys(_BUILT_IN_DATES, "yyyy")
    for part in root.iter():
        if part.tag.endswith("}numFmt"):
            codes[int(part.get("numFmtId", 0))] = part.get("formatCode", "")
    cells = next((part for part in root if part.tag.endswith("}cellXfs")), ())
    return {number: codes.get(int(style.get("numFmtId", 0)), "") for number, style in enumerate(cells)}


def _is_date(code: str) -> bool:
    """Whether a number format shows a date or a time (the first section counts)."""
    return bool(re.search("[dmyhs]", _NOT_CODE.sub("", code.partition(";")[0]), re.IGNORECASE))


def _strings(archive: ZipFile, path: str) -> list[str]:
    strings = SharedStrings()
    with archive.open(path) as part:
        strings.parser.ParseFile(part)
    return strings.texts


def _refuse_bombs(archive: ZipFile, limits: Limits) -> None:
    """Nothing is unpacked that says it is too big; zipfile reads no further than a part says it goes."""
    parts = archive.infolist()
    if not any(part.filename == _BOOK for part in parts):
        raise Unreadable(Flaw.ARCHIVE)
    expanded = sum(part.file_size for part in parts)
    too_tight = any(part.file_size > _SMALL and part.file_size > limits.ratio * part.compress_size for part in parts)
    if expanded > limits.expanded or too_tight:
        raise Unreadable(Flaw.BOMB, limit=limits.expanded // 1_000_000)


def _entity(name: str, _is_parameter: bool, value: str | None, base: str | None, *ids: str | None) -> None:
    raise EntitiesForbidden(name, value, base, *ids)


def _reference(context: str, base: str | None, system: str | None, public: str | None) -> int:
    raise ExternalReferenceForbidden(context, base, system, public)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except DefusedXmlException:
        raise Unreadable(Flaw.ENTITIES) from None
    except _DAMAGE:
        raise Unreadable(Flaw.DAMAGED) from None
