"""All accounts and all contacts."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from surveys.customers import queries
from surveys.customers.models import Phase, Tier
from surveys.customers.queries import NOBODY, Filter
from surveys.customers.views.blueprint import bp
from surveys.lib import clock, labels, paging
from surveys.lib.access import Permission, current_user, guard, may
from surveys.lib.i18n import LANGUAGES, _
from surveys.settings.queries import organisation


@bp.get("/customers")
@guard(Permission.READ)
def customers() -> Any:
    shows_contacts = request.args.get("view") == "contacts" and may(current_user(), Permission.CONTACT_DETAILS)
    owners = {str(user.id): user.name for user in queries.owners()}
    chosen = _chosen(owners)
    statement: Any = queries.contacts(chosen) if shows_contacts else queries.accounts(chosen)
    page = paging.page(statement, paging.number_from(request.args.get("page")))
    ids = [] if shows_contacts else [account.id for account in page.items]
    return render_template(
        "customers/contacts.html" if shows_contacts else "customers/accounts.html",
        page=page,
        totals=queries.totals(),
        today=clock.today(organisation().timezone),
        choices=_choices(owners),
        chips=_chips(chosen, owners),
        revenue=queries.revenue_of(ids) if ids else {},
        people=queries.contact_counts(ids) if ids else {},
    )


def _chosen(owners: dict[str, str]) -> Filter:
    """The filter in the URL; what is no known value is left out."""
    known = {
        "tier": {*Tier, NOBODY},
        "phase": {*Phase, NOBODY},
        "owner": {*owners, NOBODY},
        "language": set(LANGUAGES),
    }
    exact = {name: request.args.get(name, "") for name in known}
    return Filter(
        words=request.args.get("q", "").strip()[:100].replace("\0", ""),
        sort=request.args.get("sort", "name"),
        **{name: value for name, value in exact.items() if value in known[name]},
    )


def _choices(owners: dict[str, str]) -> dict[str, list[tuple[str, Any]]]:
    return {
        "tier": [*labels.TIERS.items(), (NOBODY, _("Not known"))],
        "phase": [*labels.PHASES.items(), (NOBODY, _("Not known"))],
        "owner": [*owners.items(), (NOBODY, _("Nobody"))],
        "language": list(LANGUAGES.items()),
    }


def _chips(chosen: Filter, owners: dict[str, str]) -> list[tuple[str, str, Any]]:
    """The active filters: name in the URL, its word, the word of its value."""
    words = {"tier": _("Tier"), "phase": _("Phase"), "owner": _("Owner"), "language": _("Language")}
    values = {name: dict(choices) for name, choices in _choices(owners).items()}
    found = [(name, word, values[name][getattr(chosen, name)]) for name, word in words.items() if getattr(chosen, name)]
    return ([("q", _("Search"), chosen.words)] if chosen.words else []) + found
