"""What an import changes, in words: from what to what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from surveys.customers.imports.columns import LABELS, Field
from surveys.lib import dates, labels
from surveys.lib.i18n import LANGUAGES, _

NOTHING = "–"
# By the name of the column in the database; what is not here goes by its own name.
_NAMES = {
    "name_kana": Field.KANA,
    "owner_id": Field.OWNER,
    "go_live_on": Field.GO_LIVE,
    "renewal_on": Field.RENEWAL,
}
_WORDS: Mapping[str, Mapping[str, Any]] = {
    "tier": labels.TIERS,
    "phase": labels.PHASES,
    "role": labels.CONTACT_ROLES,
    "language": LANGUAGES,
}


class Told:
    """Changes as (what, before, after); knows the names behind the numbers of users and products."""

    def __init__(self, owners: Mapping[int, str], products: Mapping[int, str]) -> None:
        self.owners, self.products = owners, products

    def changes(self, staged: Any) -> list[tuple[str, str, str]]:
        return [
            (self._label(name), self._value(name, before), self._value(name, after))
            for name, (before, after) in staged.changes.items()
        ]

    def _label(self, name: str) -> str:
        kind, _colon, rest = name.partition(":")
        if kind == "property":
            return rest
        if kind == "mrr":
            product = self.products.get(int(rest), "") if len(self.products) > 1 else ""
            return f"{LABELS[Field.MRR]} {product}".strip()
        if kind == "external_key":
            return _("Key")
        return str(LABELS[_NAMES.get(name) or Field(name)])

    def _value(self, name: str, value: Any) -> str:
        if value in (None, ""):
            return NOTHING
        if name.startswith("mrr:"):
            minor, _blank, currency = value.partition(" ")
            return dates.money(int(minor), currency)
        if name == "owner_id":
            return self.owners.get(value, NOTHING)
        if name.endswith("_on"):
            return dates.plain_day(date.fromisoformat(value))
        return labels.word(dict(_WORDS.get(name, {})), value)
