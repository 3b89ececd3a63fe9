"""E-mail addresses: what can be written to, and when two of them mean the same person (E-04 to E-06)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from email_validator import EmailNotValidError, validate_email

MAX_LENGTH: Final = 254
MAX_LOCAL: Final = 64
REMEMBERED: Final = 8192  # addresses: checking one anew takes half a millisecond, and each is asked about often
# Carriers that gave out addresses against RFC 5322 before 2009; they still deliver to them (E-05).
CARRIER_DOMAINS: Final = ("docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp", "vodafone.ne.jp", "disney.ne.jp")
_CARRIER_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")
# C0, C1, line and paragraph separators, and the marks that turn the writing direction or are not seen at all.
_INVISIBLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class Unusable(ValueError):
    """This is not one address a mail can be sent to; the text says why, in English, for the log."""


@dataclass(frozen=True)
class Address:
    """One deliverable address: the local part as given, the domain in ASCII."""

    local: str
    domain: str
    is_nonstandard: bool = False

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"

    @property
    def quoted(self) -> str:
        """The same address with its local part quoted, as RFC 5321 would have it."""
        return f'"{self.local}"@{self.domain}'


@lru_cache(maxsize=REMEMBERED)
def parse(text: str) -> Address:
    """The one address in `text`; raises `Unusable` for anything else, also for two of them."""
    given = unicodedata.normalize("NFKC", text.strip())
    if len(given) > MAX_LENGTH:
        raise Unusable(f"longer than {MAX_LENGTH} characters")
    local, at, domain = given.rpartition("@")
    if at and _is_carrier(domain.lower()) and _is_nonstandard(local):
        return Address(local, domain.lower(), is_nonstandard=True)
    try:
        checked = validate_email(
            given, check_deliverability=False, allow_smtputf8=False, test_environment=True, strict=True
        )
    except EmailNotValidError as error:
        raise Unusable(str(error)) from None
    return Address(checked.local_part, checked.ascii_domain.lower())


def is_usable(text: str) -> bool:
    try:
        parse(text)
    except Unusable:
        return False
    return True


def normal(text: str) -> str:
    """The form under which an address is compared and suppressed (E-06); never the form to send to.

    Dots and +tags stay: they may be different people.
    """
    given = unicodedata.normalize("NFKC", text.strip()).lower()
    local, at, domain = given.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        ascii_domain = domain
    return f"{local}{at}{ascii_domain}"


def header_text(text: str, *, limit: int = 200) -> str:
    """`text` made fit for a header: one line, nothing invisible, at most `limit` characters."""
    return " ".join(_INVISIBLE.sub(" ", text).split())[:limit].rstrip()


def _is_carrier(domain: str) -> bool:
    return f".{domain}".endswith(tuple(f".{carrier}" for carrier in CARRIER_DOMAINS))


def _is_nonstandard(local: str) -> bool:
    return bool(_CARRIER_LOCAL.fullmatch(local)) and (".." in local or local[0] == "." or local[-1] == ".")
