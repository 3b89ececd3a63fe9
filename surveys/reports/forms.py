"""What may be asked of a report in its URL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from surveys.reports.queries import PERIODS, Period

USUAL = 90


def period_from(query: Mapping[str, str], today: date) -> Period:
    """The period in a query string; anything odd is the usual 90 days."""
    days = query.get("days", "")
    return Period(int(days) if days in {str(known) for known in PERIODS} else USUAL, today)
