"""Numbers of rows as strangers write them in addresses and forms: digits, and no more than a database can count."""

from __future__ import annotations

from werkzeug.routing import IntegerConverter, ValidationError

LARGEST = 2**63 - 1


def row_number(text: str) -> int:
    """The number of a row; raises ValueError for everything that can be none."""
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(LARGEST)) or int(text) > LARGEST:
        raise ValueError("not the number of a row")
    return int(text)


class RowNumber(IntegerConverter):
    """`<int:id>` in an address; a number that no row can have is an address that does not exist."""

    def to_python(self, value: str) -> int:
        try:
            return row_number(value)
        except ValueError as error:
            raise ValidationError from error
