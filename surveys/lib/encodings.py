"""Which encoding a text file was saved in: the handful that spreadsheets write, told apart by their bytes."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

# What a reader may choose by hand when the guess was wrong, and how it is called on the page.
KNOWN = {"utf-8": "UTF-8", "cp932": "Shift_JIS (CP932)", "utf-16": "UTF-16", "cp1252": "Windows-1252"}

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BLOCK = 1 << 20
# Japanese text in CP932 always has one of these: a kana or common-kanji lead byte, or two half-width kana in a row.
_LOOKS_JAPANESE = re.compile(rb"[\x81-\x9f]|[\xa1-\xdf]{2}")


# Japanese in UTF-8: three bytes each; CP932 hardly ever has such a run.
_LOOKS_UTF8 = re.compile(rb"(?:[\xe3-\xe9][\x80-\xbf]{2}){2}")


@dataclass(frozen=True)
class BadByte(Exception):
    """The bytes are not text in this encoding (or in any that we know); `line` is where that shows."""

    line: int
    encoding: str


def detect(data: bytes) -> str:
    """The Python name of the encoding of `data`; raises `BadByte` when it is none of ours."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return checked(data, encoding)
    if wide := _wide(data[:4096]):
        return checked(data, wide)
    try:
        return checked(data, "utf-8")
    except BadByte as not_utf8:
        return _legacy(data, not_utf8)


def checked(data: bytes, encoding: str) -> str:
    """The same encoding, once every byte of `data` was read in it."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 1
    for start in range(0, len(data) or 1, _BLOCK):
        block = data[start : start + _BLOCK]
        try:
            text = decoder.decode(block, final=start + _BLOCK >= len(data))
        except UnicodeDecodeError as error:
            raise BadByte(lines + _line_ends(block[: error.start]), encoding) from None
        lines += text.count("\n") or text.count("\r")
    return encoding


def _legacy(data: bytes, not_utf8: BadByte) -> str:
    """CP932 as Excel in Japan writes it, or Windows-1252 when there is nothing Japanese in it."""
    if _LOOKS_UTF8.search(data):
        raise not_utf8
    return checked(data, "cp932" if _LOOKS_JAPANESE.search(data) else "cp1252")


def _wide(head: bytes) -> str:
    """UTF-16 without its mark: every second byte of its separators and line ends is zero."""
    evens, odds = head[0::2].count(0), head[1::2].count(0)
    if max(evens, odds) < 2 or max(evens, odds) < 8 * min(evens, odds):
        return ""
    return "utf-16-le" if odds > evens else "utf-16-be"


def _line_ends(block: bytes) -> int:
    return block.count(b"\n") or block.count(b"\r")
