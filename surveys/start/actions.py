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
from surveys.settings.queries import default_product, organisation
from surveys.start import queries

QUESTIONNAIRE = "nps-default"
OURS = ("name", "sender_name", "sender_address", "legal_name", "postal_address")


def introduce(values: Mapping[str, Any], *, by: StaffUser) -> None:
    """Who asks, and what about: kept as settings; in Japanese, the Japanese names are meant as well."""
    fields: dict[str, Any] = {name: values[name] for name in OURS}
    is_japanese = language() == "ja"
    if is_japanese:
        fields["name_ja"] = values["name"]
    if not organisation().reply_address:
        fields["reply_address"] = values["sender_address"]
    settings.change(fields, by=by)
    product = default_product()
    name_ja = values["product"] if is_japanese or not product.name_ja else product.name_ja
    settings.rename_product(product, values["product"], name_ja, by=by)


def first_campaign(*, by: StaffUser) -> Campaign:
    """The draft that asks everybody the usual question; the same one however often one comes back."""
    found = queries.first_draft()
    return found or invitations.create(_("Our first question"), QUESTIONNAIRE, by=by)


def send_first(campaign_id: int, *, by: StaffUser) -> Campaign:
    """Let the draft go that was looked at, and no other; once only."""
    if queries.has_asked():
        raise Refused(_("Your first question is on its way already."))
    return invitations.launch(queries.draft(campaign_id), by=by)
