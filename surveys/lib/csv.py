"""Writing CSV that is safe to open in a spreadsheet (X-06): a stream of bytes, CRLF, quoted as RFC 4180 has it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

BOM = "\ufeff"
_BLOCK = 64 * 1024
# What a spreadsheet would take for the start of a formula, behind blanks and marks it does not see. A text that already
# has our apostrophe counts as well, so that taking one away again gives back exactly what was written.
_DANGEROUS = re.compile("'*[ \\u3000\\xa0\\ufeff]*[=+\\-@\\t\\r\\n\\0＝＋－＠]")


def stream(headings: Sequence[str], rows: Iterable[Sequence[Any]], *, bom: bool = False) -> Iterator[bytes]:
    """A CSV file in blocks of about 64 kB, in UTF-8; `bom` for Excel, which reads it wrong without."""
    buffer = io.StringIO(newline="")
    if bom:
        buffer.write(BOM)
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([guarded(heading) for heading in headings])
    for row in rows:
        writer.writerow([cell(value) for value in row])
        if buffer.tell() >= _BLOCK:
            yield _taken(buffer)
    yield _taken(buffer)


def cell(value: Any) -> str:
    """A value as a cell: numbers stay numbers (also negative ones), moments are ISO 8601, nothing is empty."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float() | Decimal():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case _:
            return guarded(str(value))


def guarded(text: str) -> str:
    """`text` with an apostrophe before it when a spreadsheet might take it for a formula."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def unguarded(text: str) -> str:
    """The text that was written as `text`: without the apostrophe that `guarded` put there, and only that one."""
    return text[1:] if text.startswith("'") and _DANGEROUS.match(text) else text


def _taken(buffer: io.StringIO) -> bytes:
    block = buffer.getvalue().encode("utf-8", "replace")
    buffer.seek(0)
    buffer.truncate()
    return block
