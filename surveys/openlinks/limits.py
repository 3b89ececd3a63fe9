"""How much may come through an open link, and how much of one network is more than people would give (X-03, X-12).

What is limited is refused and may be sent again; what is only unusual is kept, in doubt, out of the score. Which is
which follows from how people come to the link: a room of two hundred shares one network, a tablet that was offline
hands in a day at once, and a web site has its visitors from everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from surveys.auth.limits import Limit
from surveys.lib import tokens
from surveys.openlinks.models import Mode, OpenLink

SPAN: Final = timedelta(minutes=5)
# An office of 200 behind one address answers within five minutes and is not stopped.
OF_A_NETWORK: Final = {Mode.LINK: 300, Mode.SEMINAR: 300, Mode.KIOSK: 600}
OF_A_LINK: Final = 3000
A_ROOM: Final = 100  # people, when nobody said how many
MARKS_KEPT: Final = timedelta(days=1)


@dataclass(frozen=True)
class Usual:
    """So many of one network in so long a time are nothing unusual. `takes_back`: those before are in doubt as well."""

    most: int
    span: timedelta
    takes_back: bool


def of_network(link: OpenLink) -> Limit:
    most = max(OF_A_NETWORK[link.mode], 2 * (link.expected or 0))
    return Limit("open-network", most, SPAN)


def of_link(link: OpenLink) -> Limit:
    return Limit("open-link", max(OF_A_LINK, 2 * (link.expected or 0)), SPAN)


def usual(link: OpenLink) -> Usual:
    """More than five a minute from one /24; more than a person a second answers at a tablet; more than a room holds."""
    if link.mode is Mode.SEMINAR:
        return Usual((link.expected or A_ROOM) * 5 // 4, MARKS_KEPT, takes_back=False)
    return Usual(20 if link.mode is Mode.KIOSK else 5, timedelta(minutes=1), takes_back=True)


def mark(link: OpenLink, address: str | None) -> str:
    """The network of an address as this link keeps it: nobody reads it back, and no other link has the same."""
    return tokens.hidden(f"open-link\x1f{link.id}\x1f{neighbourhood(address)}")


def neighbourhood(address: str | None) -> str:
    """The /24 an address is in, or the /64 in IPv6."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is None:
            return str(ip_network((found, 64), strict=False))
        found = found.ipv4_mapped
    return str(ip_network((found, 24), strict=False))
