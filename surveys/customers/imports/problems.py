"""What can be wrong with a row, in the words of whoever reads it; kept as a code and its values until then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from surveys.lib.i18n import _l


class Code(StrEnum):
    """One kind of trouble."""

    ADDRESS = "address"
    TIER = "tier"
    PHASE = "phase"
    ROLE = "role"
    LANGUAGE = "language"
    DATE = "date"
    DATE_AMBIGUOUS = "date_ambiguous"
    MONEY = "money"
    MONEY_AMBIGUOUS = "money_ambiguous"
    CURRENCY = "currency"
    PRODUCT = "product"
    TOO_LONG = "too_long"
    ERROR_CELL = "error_cell"
    EXTRA_CELLS = "extra_cells"
    NO_EMAIL = "no_email"
    NO_ACCOUNT_NAME = "no_account_name"
    TWICE = "twice"
    DIFFERS = "differs"
    TWO_ACCOUNTS = "two_accounts"
    OTHER_KEY = "other_key"
    OTHER_CONTACT = "other_contact"
    OWNER = "owner"
    TWO_OWNERS = "two_owners"


SENTENCES = {
    Code.ADDRESS: _l("“%(value)s” is not an e-mail address we can write to."),
    Code.TIER: _l("“%(value)s” is no tier. Known are high touch, low touch and tech touch."),
    Code.PHASE: _l("“%(value)s” is no phase. Known are trial, onboarding, adoption, expansion and churned."),
    Code.ROLE: _l("“%(value)s” is no role. Known are decision maker, champion and user."),
    Code.LANGUAGE: _l("“%(value)s” is no language we write in. Known are English and Japanese."),
    Code.DATE: _l("“%(value)s” is not a date. Write it as 2026-11-27."),
    Code.DATE_AMBIGUOUS: _l("“%(value)s” could be two dates. Write it as 2026-11-27."),
    Code.MONEY: _l("“%(value)s” is not an amount of money."),
    Code.MONEY_AMBIGUOUS: _l("“%(value)s” could be two amounts. Write it without a mark for thousands."),
    Code.CURRENCY: _l("“%(value)s” is not a currency. Write it as JPY or USD."),
    Code.PRODUCT: _l("There is no product “%(value)s”. Products are set up in the settings."),
    Code.TOO_LONG: _l("Longer than %(limit)s characters."),
    Code.ERROR_CELL: _l("The spreadsheet shows the error %(value)s here."),
    Code.EXTRA_CELLS: _l("The row has more cells than there are headings."),
    Code.NO_EMAIL: _l("The e-mail address is missing."),
    Code.NO_ACCOUNT_NAME: _l("The account is new and has no name."),
    Code.TWICE: _l("The same contact is on line %(line)s already, with other details."),
    Code.DIFFERS: _l("“%(value)s” here, but “%(other)s” for the same account on line %(line)s."),
    Code.TWO_ACCOUNTS: _l("Several accounts are called “%(value)s”. Add the key of the account to the list."),
    Code.OTHER_KEY: _l("This address belongs to the contact with the key “%(other)s”."),
    Code.OTHER_CONTACT: _l("The key belongs to one contact and the address to another."),
    Code.OWNER: _l(
        "No user who can own accounts is called “%(value)s”. The account gets no owner; the name is kept as a property."
    ),
    Code.TWO_OWNERS: _l("Several users are called “%(value)s”. Use the e-mail address of the user."),
}


@dataclass(frozen=True)
class Problem:
    """Something about one cell or row. `column` counts from 1; not fatal: one should know, but it goes on."""

    code: Code
    line: int = 0
    column: int | None = None
    heading: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    is_fatal: bool = True


class BadValue(Exception):
    """A cell does not say what its column asks for."""

    def __init__(self, code: Code, **values: Any) -> None:
        super().__init__(code)
        self.code, self.values = code, values


def sentence(code: str, values: Mapping[str, Any]) -> str:
    """What is wrong, in the language being spoken."""
    text: str = str(SENTENCES[Code(code)]) % values
    return text
