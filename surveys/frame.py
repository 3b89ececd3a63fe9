"""What every page is handed: the frame around it, the words for dates and money, and who may see what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, request, url_for

from surveys.followups.queries import open_count
from surveys.lib import clock, dates, labels
from surveys.lib.access import Permission, current_user, may
from surveys.lib.i18n import LANGUAGES, _, _l, language
from surveys.lib.process import config
from surveys.measures import figures
from surveys.scales.rounding import rounded
from surveys.settings.models import Organisation
from surveys.settings.queries import organisation


@dataclass(frozen=True)
class NavItem:
    """One entry of the rail: where it leads, its word, its key after `g`, its drawing, and who may see it.

    `paths` are the first parts of the addresses that belong to it; `under` are entries shown beneath it.
    """

    endpoint: str
    label: Any
    key: str
    icon: str
    paths: tuple[str, ...]
    permission: Permission = Permission.READ
    under: tuple[NavItem, ...] = ()

    @property
    def is_here(self) -> bool:
        return request.path.split("/")[1] in self.paths

    @property
    def is_open(self) -> bool:
        """Whether the page shown is here or in an entry beneath."""
        return self.is_here or any(item.is_here for item in self.under)

    @property
    def entries(self) -> list[NavItem]:
        return _visible(self.under)


NAV = (
    NavItem("reports.home", _l("Home"), "h", "home", ("",)),
    NavItem("followups.queue", _l("Queue"), "q", "queue", ("queue", "cases")),
    NavItem("browse.voices", _l("Voices"), "v", "voices", ("voices", "responses", "tags")),
    NavItem("customers.customers", _l("Customers"), "c", "customers", ("customers", "accounts", "contacts", "imports")),
    NavItem(
        "invitations.campaigns",
        _l("Campaigns"),
        "m",
        "campaigns",
        ("campaigns", "invitations"),
        under=(
            NavItem("questionnaires.questionnaires", _l("Questionnaires"), "n", "questionnaires", ("questionnaires",)),
            NavItem("openlinks.open_links", _l("Open links"), "o", "openlinks", ("open-links",)),
        ),
    ),
    NavItem(
        "settings.settings",
        _l("Settings"),
        "s",
        "settings",
        ("settings", "users", "mailbox", "messages", "suppressions"),
        permission=Permission.CAMPAIGNS,
    ),
    NavItem("help.contents", _l("Help"), "e", "help", ("help",)),
)


def install(app: Flask) -> None:
    app.jinja_env.globals.update(
        organisation=_organisation,
        nav=_nav,
        rail_counts=_rail_counts,
        here=_here,
        exists=_exists,
        current_user=current_user,
        can=_can,
        Permission=Permission,
        language=language,
        LANGUAGES=LANGUAGES,
        config_of_process=config,
    )
    app.jinja_env.filters.update(
        long_day=_long_day,
        near_day=lambda at: dates.near_day(_local(at)),
        month=dates.month,
        short_day=lambda at: dates.short_day(_local(at)),
        plain_day=_day,
        due=_due,
        percent=_percent,
        moment=_moment,
        relative=dates.relative,
        money=dates.money,
        number=dates.number,
        tier_word=partial(labels.word, labels.TIERS),
        phase_word=partial(labels.word, labels.PHASES),
        role_word=partial(labels.word, labels.CONTACT_ROLES),
        wish_word=partial(labels.word, labels.WISHES),
        state_word=partial(labels.word, labels.CASE_STATES),
        outcome_word=partial(labels.word, labels.OUTCOMES),
        staff_role_word=partial(labels.word, labels.STAFF_ROLES),
        headline=figures.headline,
        interval=figures.interval,
    )
    app.jinja_env.tests["past"] = _is_past
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def _organisation() -> Organisation:
    """The organisation, read once a request."""
    if "organisation" not in g:
        g.organisation = organisation()
    kept: Organisation = g.organisation
    return kept


def _nav() -> list[NavItem]:
    """The entries this user may see, of pages that exist."""
    return _visible(NAV)


def _rail_counts() -> dict[str, int]:
    """How much waits behind an entry of the rail, counted once a request."""
    if "rail_counts" not in g:
        g.rail_counts = {"followups.queue": open_count()}
    kept: dict[str, int] = g.rail_counts
    return kept


def _visible(items: tuple[NavItem, ...]) -> list[NavItem]:
    user = current_user()
    return [item for item in items if _exists(item.endpoint) and may(user, item.permission)]


def _exists(endpoint: str) -> bool:
    return endpoint in current_app.view_functions


def _here(**changes: Any) -> str:
    """The address of this page with some of its query changed; None takes a name out."""
    query = {name: values for name, values in request.args.lists() if name != "endpoint" and not name.startswith("_")}
    return url_for(request.endpoint or "reports.home", **{**query, **(request.view_args or {}), **changes})


def _can(permission: Permission) -> bool:
    return may(current_user(), permission)


def _moment(at: Any) -> str:
    return dates.moment(at, _organisation().timezone)


def _day(at: date | datetime) -> str:
    """The day of a moment where the organisation is; a date as it is."""
    return dates.plain_day(_local(at))


def _long_day(at: date | datetime) -> str:
    return dates.long_day(_local(at))


def _local(at: date | datetime) -> date:
    return at.astimezone(ZoneInfo(_organisation().timezone)).date() if isinstance(at, datetime) else at


def _due(at: datetime) -> str:
    """In words: "in 2 h", "2 h late"."""
    return _("%(time)s late", time=dates.length(at)) if _is_past(at) else dates.relative(at)


def _is_past(at: datetime) -> bool:
    return at < clock.now()


def _percent(share: Fraction | Decimal | float) -> str:
    """A share of 0 to 100 as a whole number, half away from zero: 23%."""
    return f"{rounded(Fraction(share)):f}%"
