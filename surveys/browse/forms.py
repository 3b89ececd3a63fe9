"""The filters of the list of answers, as they stand in the URL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from surveys.browse.queries import Selection
from surveys.customers.models import Phase, Tier
from surveys.lib.i18n import _l
from surveys.responses.models import Segment

Word = TypeVar("Word", bound=StrEnum)

PERIODS = {"7": _l("Last 7 days"), "30": _l("Last 30 days"), "90": _l("Last 90 days"), "365": _l("Last 12 months")}
SEGMENTS = {
    Segment.BAD: _l("Detractors and bad answers"),
    Segment.MIDDLE: _l("Passives and middle answers"),
    Segment.GOOD: _l("Promoters and good answers"),
}
FILTERS = (
    "q",
    "segment",
    "kind",
    "product",
    "tag",
    "tier",
    "phase",
    "language",
    "period",
    "from",
    "to",
    "campaign",
    "account",
    "comment",
)
LONGEST_WORDS = 100
YEARS = range(1900, 9000)  # days outside have no midnight everywhere on earth


def selection_from(query: Mapping[str, str], today: date) -> Selection:
    """The selection in a query string; what cannot be read as a filter is no filter."""
    period = query.get("period", "")
    first = today - timedelta(days=int(period) - 1) if period in PERIODS else _day(query.get("from"))
    return Selection(
        words=query.get("q", "").strip()[:LONGEST_WORDS],
        segment=_word(Segment, query.get("segment")),
        kind=query.get("kind", "")[:50],
        product_id=_number(query.get("product")),
        tag_id=_number(query.get("tag")),
        tier=_word(Tier, query.get("tier")),
        phase=_word(Phase, query.get("phase")),
        language=query.get("language", "") if query.get("language") in ("en", "ja") else "",
        first=first,
        last=None if period in PERIODS else _day(query.get("to")),
        campaign_id=_number(query.get("campaign")),
        account_id=_number(query.get("account")),
        with_comment=query.get("comment") == "1",
    )


def _word(words: type[Word], text: str | None) -> Word | None:
    return next((word for word in words if word.value == text), None)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if day.year in YEARS else None


def asked(query: Mapping[str, str]) -> dict[str, str]:
    """The filters of a query string as they stand there, for the addresses of the same answers as a file."""
    return {name: query[name] for name in FILTERS if query.get(name)}


def chips(query: Mapping[str, str], names: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What is active, for the line under the filters: {name, key, value}. `names` gives words for values by filter."""
    shown = []
    for name in FILTERS:
        value = query.get(name, "").strip()
        if value and name in names:
            words = names[name].get(value, value)
            shown.append({"name": name, "key": names[name].get("", ""), "value": words})
    return shown
