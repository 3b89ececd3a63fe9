"""Making open links, and what becomes of what comes in through them."""

from __future__ import annotations

from surveys.openlinks.actions.answers import (
    Posting,
    accept,
    accept_all,
    exclude,
    exclude_all,
    forget_networks,
    receive,
)
from surveys.openlinks.actions.links import (
    Plan,
    archive,
    change,
    create,
    renew_address,
    restore,
    take_newest_words,
)

__all__ = [
    "Plan",
    "Posting",
    "accept",
    "accept_all",
    "archive",
    "change",
    "create",
    "exclude",
    "exclude_all",
    "forget_networks",
    "receive",
    "renew_address",
    "restore",
    "take_newest_words",
]
