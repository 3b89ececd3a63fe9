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
from surveys.settings.models import UNNAMED, Organisation, Product
from surveys.settings.queries import default_product, organisation
from surveys.start import queries

QUESTIONNAIRE = "nps-default"
OURS = ("name", "sender_name", "sender_address", "legal_name", "postal_address")


def introduce(values: Mapping[str, Any], *, by: StaffUser) -> None:
    """Who asks, and what about: kept as settings, the names as those of the language being spoken."""
    ours, product = organisation(), default_product()
    fields: dict[str, Any] = {name: values[name] for name in OURS}
    fields["name"], fields["name_ja"] = _names(ours, values["name"])
    if not ours.reply_address:
        fields["reply_address"] = values["sender_address"]
    settings.change(fields, by=by)
    settings.rename_product(product, *_names(product, values["product"]), by=by)


def _names(kept: Organisation | Product, typed: str) -> tuple[str, str]:
    """The name and the Japanese one; in Japanese the first follows only while it says nothing of its own."""
    if language() != "ja":
        return typed, kept.name_ja
    name = typed if kept.name in ("", UNNAMED, kept.name_ja) else kept.name
    return name, kept.name_ja if typed == kept.name_in("ja") else typed


def first_campaign(*, by: StaffUser) -> Campaign:
    """The draft that asks everybody the usual question; the same one however often one comes back."""
    found = queries.first_draft()
    return found or invitations.create(_("Our first question"), QUESTIONNAIRE, by=by)


def send_first(campaign_id: int, *, by: StaffUser) -> Campaign:
    """Let the draft go that was looked at, and no other; once only."""
    if queries.has_asked():
        raise Refused(_("Your first question is on its way already."))
    return invitations.launch(queries.draft(campaign_id), by=by)
