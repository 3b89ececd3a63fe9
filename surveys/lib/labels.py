"""The words of the product as staff read them, by their value in the data (product.md, wording.md)."""

from __future__ import annotations

from typing import Any

from surveys.lib.i18n import _l

TIERS = {"high_touch": _l("High touch"), "low_touch": _l("Low touch"), "tech_touch": _l("Tech touch")}
PHASES = {
    "trial": _l("Trial"),
    "onboarding": _l("Onboarding"),
    "adoption": _l("Adoption"),
    "expansion": _l("Expansion"),
    "churned": _l("Churned"),
}
CONTACT_ROLES = {"decision_maker": _l("Decision maker"), "champion": _l("Champion"), "user": _l("User")}
CASE_STATES = {
    "new": _l("New"),
    "in_progress": _l("In progress"),
    "waiting": _l("Waiting for the customer"),
    "resolved": _l("Resolved"),
    "closed": _l("Closed (customer told)"),
    "invalid": _l("Invalid"),
}
WISHES = {
    "less_often": _l("Less often: one survey in 180 days at most"),
    "support_only": _l("Only after support"),
    "no_reminders": _l("No reminders"),
}
OUTCOMES = {
    "open": _l("open"),
    "sent": _l("sent"),
    "held": _l("held"),
    "failed": _l("failed"),
    "unknown": _l("outcome unknown"),
}
STAFF_ROLES = {
    "admin": _l("Administrator"),
    "lead": _l("CS lead"),
    "agent": _l("CS agent"),
    "product": _l("Product manager"),
    "viewer": _l("Viewer"),
}


def word(words: dict[str, Any], value: object) -> str:
    """The word for a value; the value itself when there is none."""
    return str(words.get(str(value), value))
