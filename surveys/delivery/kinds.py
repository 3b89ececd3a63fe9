"""What a room hands over so that its mails are sent: how to write one, whether it may go, and who hears of the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from surveys.delivery.mail import Letter
from surveys.delivery.models import Message


@dataclass(frozen=True)
class Hold:
    """It may not go, for good: the rule ("S-02", "campaign_cancelled" …) and words for staff."""

    rule: str
    text: str = ""


@dataclass(frozen=True)
class Wait:
    """It may not go before this moment."""

    until: datetime


Verdict: TypeAlias = Hold | Wait | None


@dataclass(frozen=True)
class MessageKind:
    """One kind of message.

    `compose` writes the letter to `message.to_address`; it reads and never writes. `may_still_send` is asked right
    after the claim and once more before the final dot; None means yes. Both get the row as it was claimed, which no
    session holds. `settled` hears once of every final state (accepted, rejected, unknown, cancelled with
    `message.rule`), in a transaction with it, and reads the row only; after unknown it may hear of accepted.
    """

    compose: Callable[[Message], Letter]
    may_still_send: Callable[[Message], Verdict]
    settled: Callable[[Message], None]
    # After an unknown outcome the same bytes go out again by themselves, at most twice (E-43). Never for surveys.
    at_least_once: bool = False
    # Whether a suppressed address stops it. Not for what the person asked for: a reset, an answer to their case.
    heeds_suppression: bool = True


Kinds: TypeAlias = Mapping[str, MessageKind]
