"""From an empty installation to the first question sent, in the words of the rooms that do the work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from surveys.auth.models import StaffUser
from surveys.invitations import actions as invitations
from surveys.invitations.models import Campaign
from surveys.lib.errors import Refused
from surveys.lib.i18n import _, language
from surveys.settings import actions as settings
from surveys.settings.models import UNNAMED, Brand, Product
from surveys.settings.queries import default_brand, default_product
from surveys.start import queries

QUESTIONNAIRE = "nps-default"
PAIRS = ("name", "sender_name", "legal_name", "postal_address")  # each in the language being spoken


def introduce(values: Mapping[str, Any], *, by: StaffUser) -> None:
    """Who asks, and what about: kept as settings, the texts as those of the language being spoken."""
    brand, product = default_brand(), default_product()
    fields: dict[str, Any] = {"sender_address": values["sender_address"]}
    for name in PAIRS:
        fields[name], fields[f"{name}_ja"] = _pair(brand, name, values[name])
    if not brand.reply_address:
        fields["reply_address"] = values["sender_address"]
    settings.change({name: fields[name] for name in ("name", "name_ja")}, by=by)
    settings.change_brand(brand, fields, by=by)
    settings.rename_product(product, *_pair(product, "name", values["product"]), by=by)


def _pair(kept: Brand | Product, name: str, typed: str) -> tuple[str, str]:
    """A text and the Japanese one; in Japanese the first follows only while it says nothing of its own."""
    first, japanese = getattr(kept, name), getattr(kept, f"{name}_ja")
    if language() != "ja":
        return typed, japanese
    return (typed if first in ("", UNNAMED, japanese) else first), (japanese if typed == (japanese or first) else typed)


def first_campaign(*, by: StaffUser) -> Campaign:
    """The draft that asks everybody the usual question; the same one however often one comes back."""
    found = queries.first_draft()
    return found or invitations.create(_("Our first question"), QUESTIONNAIRE, by=by)


def send_first(campaign_id: int, *, by: StaffUser) -> Campaign:
    """Let the draft go that was looked at, and no other; once only."""
    if queries.has_asked():
        raise Refused(_("Your first question is on its way already."))
    return invitations.launch(queries.draft(campaign_id), by=by)
