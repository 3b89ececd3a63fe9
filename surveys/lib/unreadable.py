"""Why a table cannot be read, and how much of one we take."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from surveys.lib.errors import Invalid
from surveys.lib.i18n import _, _l


class Flaw(StrEnum):
    """Why a table cannot be read."""

    EMPTY = "empty"
    HEADINGS_ONLY = "headings_only"
    TOO_LARGE = "too_large"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MANY_COLUMNS = "too_many_columns"
    CELL_TOO_LONG = "cell_too_long"
    NUL = "nul"
    ENCODING = "encoding"
    UNBALANCED = "unbalanced"
    QUOTING = "quoting"
    ARCHIVE = "archive"
    OLD_EXCEL = "old_excel"
    DAMAGED = "damaged"
    BOMB = "bomb"
    ENTITIES = "entities"
    FORMULA = "formula"


REASONS = {
    Flaw.EMPTY: _l("There is nothing in it."),
    Flaw.HEADINGS_ONLY: _l("There are headings, but no rows beneath them."),
    Flaw.TOO_LARGE: _l("It is larger than %(limit)s MB. Split it into several files."),
    Flaw.TOO_MANY_ROWS: _l("It has more than %(limit)s rows. Split it into several files."),
    Flaw.TOO_MANY_COLUMNS: _l("It has more than %(limit)s columns."),
    Flaw.CELL_TOO_LONG: _l("A cell is longer than %(limit)s characters."),
    Flaw.NUL: _l("A cell holds a character that is no text (NUL)."),
    Flaw.ENCODING: _l("The text cannot be read as %(encoding)s. Save the file as “CSV UTF-8” and try again."),
    Flaw.UNBALANCED: _l("A quotation mark is opened in this row and never closed."),
    Flaw.QUOTING: _l("A quotation mark stands in the wrong place. Inside a cell it is written twice."),
    Flaw.ARCHIVE: _l("This is an archive. Unpack it and take the table inside."),
    Flaw.OLD_EXCEL: _l("This is an old or protected Excel file. Save it as .xlsx without a password, or as CSV."),
    Flaw.DAMAGED: _l("The Excel file is damaged. Open it in Excel and save it again."),
    Flaw.BOMB: _l("Unpacked, the Excel file would be larger than %(limit)s MB or is packed suspiciously tight."),
    Flaw.ENTITIES: _l("The Excel file holds definitions that no spreadsheet writes. It was not opened."),
    Flaw.FORMULA: _l("A formula without its result. Open the file in Excel, save it, or paste it as values."),
}


class Unreadable(Invalid):
    """The table cannot be read: which flaw, and on which line and in which column (from 1) when it has a place."""

    def __init__(self, flaw: Flaw, *, line: int | None = None, column: int | None = None, **values: Any) -> None:
        self.flaw, self.line, self.column, self.values = flaw, line, column, values
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """Where and why, in the language being spoken."""
        reason: str = str(REASONS[self.flaw]) % self.values
        return placed(reason, self.line, self.column)


def placed(reason: str, line: int | None, column: int | None) -> str:
    """A reason with its place before it."""
    if line and column:
        return str(_("Line %(line)s, column %(column)s: %(reason)s", line=line, column=column, reason=reason))
    return str(_("Line %(line)s: %(reason)s", line=line, reason=reason)) if line else reason


@dataclass(frozen=True)
class Limits:
    """How much of a table we take (X-18); sizes in bytes, a cell in characters."""

    size: int = 20_000_000
    rows: int = 200_000
    columns: int = 200
    cell: int = 32_768
    expanded: int = 100_000_000
    ratio: int = 100


LIMITS = Limits()


class Row(NamedTuple):
    """The cells of one row, and the line of the file (or row of the sheet) where it begins."""

    line: int
    cells: list[str]
