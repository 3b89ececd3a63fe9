"""From the cells of a row to what it says: typed values of an account, a contract and a contact, and what is wrong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

from surveys.customers.imports import values
from surveys.customers.imports.columns import Field, unit_of
from surveys.customers.imports.problems import BadValue, Code, Problem
from surveys.lib import addresses, csv

LONGEST = 255
LONGEST_PROPERTY = 2_000
_NOTHING = {"-", "－", "―", "ー", "n/a", "null", "none", "なし", "無し", "未定", "未設定"}
_PLAIN_LOCAL = re.compile(r"(?=.{1,64}$)[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*")
_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
_JAPANESE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f々〆]")


@dataclass(frozen=True)
class Surroundings:
    """What cells are read against: our users and products, and what holds where a list says nothing."""

    owners: dict[str, list[int]]
    products: dict[str, int]
    product_id: int
    currency: str
    language: str


@dataclass(slots=True)
class Draft:
    """What one row says. Only what it says: an empty cell leaves no trace and will change nothing."""

    line: int
    account: dict[str, Any] = field(default_factory=dict)
    contact: dict[str, Any] = field(default_factory=dict)
    contract: tuple[int, int, str] | None = None
    problems: list[Problem] = field(default_factory=list)
    columns: dict[Field, int] = field(default_factory=dict)

    @property
    def is_bad(self) -> bool:
        return any(problem.is_fatal for problem in self.problems)


@dataclass(frozen=True)
class Column:
    """One column of the list: its place (from 1), its heading and what it holds."""

    number: int
    heading: str
    field: Field
    times: int = 1
    currency: str = ""


class Reader:
    """Reads rows of one list into drafts."""

    def __init__(self, headings: Sequence[str], fields: Sequence[Field], around: Surroundings) -> None:
        self.around = around
        self.width = len(headings)
        self.columns = [
            Column(number, heading.strip(), field, *unit_of(heading))
            for number, (heading, field) in enumerate(zip(headings, fields, strict=True), 1)
            if field is not Field.IGNORE
        ]
        self.places = {column.field: column.number for column in self.columns}
        self.headings = {column.number: column.heading for column in self.columns}

    def read(self, line: int, cells: Sequence[str]) -> Draft:
        draft = Draft(line, columns=self.places)
        if any(cell.strip() for cell in cells[self.width :]):
            draft.problems.append(Problem(Code.EXTRA_CELLS, line, self.width + 1))
        said: dict[Field, Any] = {}
        for column in self.columns:
            text = cells[column.number - 1].strip() if column.number <= len(cells) else ""
            if text:
                self._hear(draft, said, column, csv.unguarded(text))
        self._money(draft, said)
        _names(said)
        self._share_out(draft, said)
        return draft

    def _hear(self, draft: Draft, said: dict[Field, Any], column: Column, text: str) -> None:
        if column.field in (Field.PROPERTY, Field.ACCOUNT_PROPERTY):
            said.setdefault(column.field, {})[column.heading or str(column.number)] = text[:LONGEST_PROPERTY]
            return
        if text.casefold() in _NOTHING:
            return
        try:
            said[column.field] = self._value(column, text)
        except BadValue as bad:
            is_fatal = bad.code is not Code.OWNER
            draft.problems.append(
                Problem(bad.code, draft.line, column.number, column.heading, bad.values, is_fatal=is_fatal)
            )
            if not is_fatal:
                said.setdefault(Field.ACCOUNT_PROPERTY, {})[column.heading] = text

    def _value(self, column: Column, text: str) -> Any:
        if text in _ERRORS:
            raise BadValue(Code.ERROR_CELL, value=text)
        parse = _PARSERS.get(column.field)
        if parse is not None:
            return parse(text)
        match column.field:
            case Field.OWNER:
                return self._owner(text)
            case Field.PRODUCT:
                return self._product(text)
            case Field.MRR:
                # Held against the currency column, which may stand further right.
                return text
            case _:
                return short(text)

    def _owner(self, text: str) -> int:
        found = self.around.owners.get(" ".join(values.plain(text).split()), [])
        if len(found) > 1:
            raise BadValue(Code.TWO_OWNERS, value=text)
        if not found:
            raise BadValue(Code.OWNER, value=text)
        return found[0]

    def _product(self, text: str) -> int:
        found = self.around.products.get(values.plain(text))
        if found is None:
            raise BadValue(Code.PRODUCT, value=text)
        return found

    def _money(self, draft: Draft, said: dict[Field, Any]) -> None:
        text = said.pop(Field.MRR, None)
        named = said.pop(Field.CURRENCY, "")
        product_id = said.pop(Field.PRODUCT, self.around.product_id)
        if text is None:
            return
        column = next(column for column in self.columns if column.field is Field.MRR)
        try:
            mrr, currency = values.money(
                text, times=column.times, currency=named or column.currency or self.around.currency
            )
            draft.contract = (product_id, mrr, currency)
        except BadValue as bad:
            draft.problems.append(Problem(bad.code, draft.line, column.number, column.heading, bad.values))

    def _share_out(self, draft: Draft, said: dict[Field, Any]) -> None:
        draft.account = {name: said[field] for field, name in _OF_ACCOUNT.items() if field in said}
        draft.contact = {name: said[field] for field, name in _OF_CONTACT.items() if field in said}
        address = said.get(Field.EMAIL)
        if address is not None:
            draft.contact |= {"email": str(address), "email_key": _normal(address)}
            draft.contact["is_nonstandard"] = address.is_nonstandard
        of_contact, of_account = said.get(Field.PROPERTY, {}), said.get(Field.ACCOUNT_PROPERTY, {})
        if draft.contact:
            draft.contact |= {"properties": of_contact} if of_contact else {}
        else:
            of_account = of_account | of_contact
        if of_account:
            draft.account["properties"] = of_account


@lru_cache(maxsize=8192)
def short(text: str) -> str:
    """One line without anything invisible, not longer than a column takes."""
    line = addresses.header_text(text, limit=LONGEST + 1)
    if len(line) > LONGEST:
        raise BadValue(Code.TOO_LONG, limit=LONGEST)
    return line


def address(text: str) -> addresses.Address:
    """One address; people of one company share its domain, so each domain is looked at only once."""
    local, _at, domain = text.removeprefix("mailto:").rpartition("@")
    if _PLAIN_LOCAL.fullmatch(local) and len(text) <= addresses.MAX_LENGTH and _is_good(domain):
        return addresses.Address(local, domain.lower())
    try:
        return addresses.parse(text.removeprefix("mailto:"))
    except addresses.Unusable:
        raise BadValue(Code.ADDRESS, value=text[:100]) from None


@lru_cache(maxsize=4096)
def _is_good(domain: str) -> bool:
    """Whether a domain is one as it stands, in ASCII."""
    return domain.isascii() and addresses.is_usable(f"a@{domain}")


def _normal(address: addresses.Address) -> str:
    return str(address).lower() if not address.is_nonstandard else addresses.normal(str(address))


def is_japanese(text: str) -> bool:
    return bool(_JAPANESE.search(text))


def _names(said: dict[Field, Any]) -> None:
    """One name out of its halves, in the order of its language."""
    for whole, family, given in (
        (Field.NAME, Field.FAMILY_NAME, Field.GIVEN_NAME),
        (Field.KANA, Field.FAMILY_KANA, Field.GIVEN_KANA),
    ):
        halves = said.pop(family, ""), said.pop(given, "")
        if whole in said or not any(halves):
            continue
        ordered = halves if is_japanese("".join(halves)) else reversed(halves)
        said[whole] = " ".join(filter(None, ordered))


def _key(text: str) -> str:
    """A key as its system writes it; only the width of its letters is evened out."""
    return short(unicodedata.normalize("NFKC", text))


_PARSERS: dict[Field, Callable[[str], Any]] = {
    Field.EMAIL: address,
    Field.LANGUAGE: values.language,
    Field.ROLE: values.role,
    Field.TIER: values.tier,
    Field.PHASE: values.phase,
    Field.GO_LIVE: values.day,
    Field.RENEWAL: values.day,
    Field.CURRENCY: values.currency,
    Field.ACCOUNT_KEY: _key,
    Field.CONTACT_KEY: _key,
}
_OF_ACCOUNT = {
    Field.ACCOUNT_KEY: "external_key",
    Field.ACCOUNT: "name",
    Field.ACCOUNT_KANA: "name_kana",
    Field.TIER: "tier",
    Field.PHASE: "phase",
    Field.OWNER: "owner_id",
    Field.GO_LIVE: "go_live_on",
    Field.RENEWAL: "renewal_on",
}
_OF_CONTACT = {
    Field.CONTACT_KEY: "external_key",
    Field.NAME: "name",
    Field.KANA: "name_kana",
    Field.HONORIFIC: "honorific",
    Field.LANGUAGE: "language",
    Field.DEPARTMENT: "department",
    Field.TITLE: "title",
    Field.ROLE: "role",
}


def shown(value: Any) -> Any:
    """A value as it is kept in the record of changes."""
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, StrEnum) else value
