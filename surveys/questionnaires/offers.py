"""What the page of thanks may offer by tier and segment: an article, a seminar, a talk; set by staff, never by a link.

Addresses lead to hosts that an administrator allowed, and nowhere else (X-08). A promotion never reaches somebody who
gave a bad score: it has to name its segments, and the bad one is none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from secrets import token_hex
from typing import Any, Final, Protocol

from surveys.events.actions import note
from surveys.lib.db import db
from surveys.lib.errors import Invalid, NotFound
from surveys.lib.i18n import LANGUAGES, _
from surveys.lib.links import is_allowed
from surveys.questionnaires import rows
from surveys.questionnaires.models import Questionnaire
from surveys.scales import Segment
from surveys.settings.queries import organisation

MOST_KEPT: Final = 9
MOST_SHOWN: Final = 3


class _Actor(Protocol):
    id: Any


@dataclass(frozen=True)
class Offer:
    """One line of the page: its words by language, where it leads, and to whom; empty tiers or segments are all."""

    texts: dict[str, str]
    url: str
    tiers: list[str] = field(default_factory=list)
    segments: list[str] = field(default_factory=list)
    is_promotion: bool = False
    # Names it for good; empty until it is kept.
    key: str = ""

    def fits(self, tier: str | None, segment: str | None) -> bool:
        """Whether it is for somebody of this tier who answered like this; a promotion for nobody who was unhappy."""
        if self.is_promotion and segment not in (Segment.MIDDLE, Segment.GOOD):
            return False
        return (not self.tiers or tier in self.tiers) and (not self.segments or segment in self.segments)


@dataclass(frozen=True)
class Shown:
    """An offer as the page of thanks shows it."""

    text: str
    url: str


def of(questionnaire: Questionnaire) -> list[Offer]:
    return [Offer(**each) for each in questionnaire.offers]


def fitting(questionnaire: Questionnaire, language: str, *, tier: str | None, segment: str | None) -> list[Shown]:
    """The first three for somebody of this tier who answered like this; a host that is allowed no longer shows none."""
    hosts = organisation().offer_hosts
    return [
        Shown(each.texts[language], each.url)
        for each in of(questionnaire)
        if each.fits(tier, segment) and is_allowed(each.url, hosts)
    ][:MOST_SHOWN]


def one(questionnaire: Questionnaire, key: str) -> Offer:
    """The offer of this key. Raises `NotFound`."""
    found = next((each for each in of(questionnaire) if each.key == key), None)
    if found is None:
        raise NotFound(_("This offer does not exist."))
    return found


def put(questionnaire: Questionnaire, offer: Offer, *, by: _Actor) -> None:
    """Set the offer of its key, or add it under a new one. Raises `Invalid` for what may not stand."""
    _refuse(offer)
    kept = _held(questionnaire)
    if offer.key:
        return _keep(questionnaire, rows.replaced(kept, asdict(offer)), by)
    if len(kept) >= MOST_KEPT:
        raise Invalid(_("%(most)s offers are enough. Please change one of them.", most=MOST_KEPT))
    _keep(questionnaire, [*kept, asdict(replace(offer, key=token_hex(4)))], by)


def order(questionnaire: Questionnaire, wanted: Mapping[str, Any], *, by: _Actor) -> None:
    """Set their order: as a list of all keys, or one of them moved by a place."""
    kept = _held(questionnaire)
    changed = rows.ordered(kept, wanted)
    if changed != kept:
        _keep(questionnaire, changed, by)


def remove(questionnaire: Questionnaire, key: str, *, by: _Actor) -> None:
    one(questionnaire, key)
    _keep(questionnaire, rows.without(_held(questionnaire), key), by)


def ask_contact(questionnaire: Questionnaire, when: str, *, by: _Actor) -> None:
    """When the page asks whether we may get in touch: never, after a bad answer, always."""
    if questionnaire.asks_contact != when:
        questionnaire.asks_contact = when
        organisation().revision += 1
        note("questionnaire_asks_contact", questionnaire, by=by, when=when)


def _refuse(offer: Offer) -> None:
    hosts = organisation().offer_hosts
    if not is_allowed(offer.url, hosts):
        known = _(", ").join(hosts) or _("none so far")
        raise Invalid(
            _("The address has to begin with https:// and one of the allowed hosts (%(hosts)s).", hosts=known)
        )
    if offer.is_promotion and not (offer.segments and Segment.BAD not in offer.segments):
        raise Invalid(_("A promotion is for middle or good answers only. Please choose for which."))
    if not all(offer.texts.get(language, "").strip() for language in LANGUAGES):
        raise Invalid(_("Please write the offer in both languages."))


def _held(questionnaire: Questionnaire) -> list[rows.Row]:
    """The offers as they are now that nobody else changes them until the transaction ends."""
    db.session.refresh(questionnaire, ["offers"], with_for_update=True)
    return list(questionnaire.offers)


def _keep(questionnaire: Questionnaire, offers: list[rows.Row], by: _Actor) -> None:
    questionnaire.offers = offers
    note("questionnaire_offers_changed", questionnaire, by=by, offers=len(offers))
    db.session.flush()
