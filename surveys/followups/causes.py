"""Why things went wrong, in two levels (domain 8.2): what resolving a case asks for."""

from __future__ import annotations

from typing import Any, Final

from surveys.lib.i18n import _l

CAUSES: Final[dict[str, tuple[Any, dict[str, Any]]]] = {
    "product": (
        _l("Product"),
        {
            "missing": _l("A function is missing"),
            "defect": _l("Defect"),
            "performance": _l("Speed"),
            "usability": _l("Hard to use"),
            "mobile_language": _l("Mobile or language"),
        },
    ),
    "onboarding": (
        _l("Onboarding"),
        {
            "training": _l("Training"),
            "migration": _l("Data migration"),
            "expectation": _l("Expectations set in sales"),
            "delay": _l("Project delay"),
        },
    ),
    "support": (
        _l("Support"),
        {
            "speed": _l("Slow answers"),
            "quality": _l("Quality of answers"),
            "handovers": _l("Passed from one to the next"),
            "channel": _l("Hard to reach"),
        },
    ),
    "commercial": (
        _l("Commercial"),
        {
            "price": _l("Price"),
            "contract": _l("Contract"),
            "invoice": _l("Invoice"),
            "value": _l("Value unclear"),
        },
    ),
    "people": (
        _l("People and relationship"),
        {
            "owner_changed": _l("Change of contact on our side"),
            "no_contact": _l("Too little contact"),
            "attitude": _l("Attitude"),
        },
    ),
    "reliability": (
        _l("Reliability and security"),
        {
            "outage": _l("Outage"),
            "data_loss": _l("Data loss"),
            "access": _l("Access"),
        },
    ),
    "customer": (
        _l("Customer's side"),
        {
            "resources": _l("No time or people"),
            "champion_left": _l("Champion left"),
            "strategy": _l("Change of strategy"),
        },
    ),
    "competitor": (_l("Competitor"), {}),
    "other": (_l("Other"), {}),
}


def choices() -> list[tuple[str, list[tuple[str, Any]]]]:
    """All causes as groups of (key, words); a cause without a second level stands alone in its group."""
    return [
        (str(words), [(f"{key}.{below}", name) for below, name in details.items()] or [(key, words)])
        for key, (words, details) in CAUSES.items()
    ]


def is_known(key: str) -> bool:
    return any(key == known for _group, pairs in choices() for known, _words in pairs)


def words_for(key: str) -> str:
    """A cause in words: "Product: Defect"; the key itself when the list no longer knows it."""
    first, _dot, second = key.partition(".")
    words, details = CAUSES.get(first, (first, {}))
    return f"{words}: {details[second]}" if second in details else str(words)
