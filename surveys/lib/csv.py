"""Writing CSV that is safe to open in a spreadsheet (X-06): a stream of bytes, CRLF, quoted as RFC 4180 has it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

BOM = "\ufeff"
_BLOCK = 64 * 1024
# What a spreadsheet would take for the start of a formula, behind blanks and marks it does not see. A text that already
# has our apostrophe counts as well, so that taking one away again gives back exactly what was written.
_DANGEROUS = re.compile("'*[ \\u3000\\xa0\\ufeff]*[=+\\-@\\t\\r\\n\\0＝＋－＠]")
# What such a text can begin with; tested first, as it is some millions of times in a long file.
_FIRST = frozenset("' \u3000\xa0\ufeff=+-@\t\r\n\0＝＋－＠")
_PLAIN: dict[type, Callable[[Any], str]] = {
    bool: lambda value: "true" if value else "false",
    int: str,
    float: str,
    Decimal: str,
    datetime: datetime.isoformat,
    date: date.isoformat,
}


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
    if value is None:
        return ""
    plain = _PLAIN.get(type(value))
    return plain(value) if plain else guarded(str(value))


def guarded(text: str) -> str:
    """`text` with an apostrophe before it when a spreadsheet might take it for a formula."""
    return f"'{text}" if text[:1] in _FIRST and _DANGEROUS.match(text) else text


def unguarded(text: str) -> str:
    """The text that was written as `text`: without the apostrophe that `guarded` put there, and only that one."""
    return text[1:] if text.startswith("'") and _DANGEROUS.match(text) else text


def _taken(buffer: io.StringIO) -> bytes:
    block = buffer.getvalue().encode("utf-8", "replace")
    buffer.seek(0)
    buffer.truncate()
    return block
