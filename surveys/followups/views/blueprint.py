"""The blueprint that the modules of this folder share."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, url_for

from surveys.followups import causes, words
from surveys.followups.models import Case
from surveys.lib import clock, dates
from surveys.lib.i18n import _, ngettext
from surveys.lib.links import back_or
from surveys.settings.queries import organisation

bp = Blueprint("followups", __name__)


def flash_undo(text: str, undo: str) -> None:
    """Say what happened, with a button that posts to `undo`."""
    flash({"text": text, "undo": undo}, "undo")  # type: ignore[arg-type]


def back_to(case: Case) -> Any:
    """Where one came from, else the case."""
    return redirect(back_or(url_for("followups.case", id=case.id)), 303)


@bp.app_template_filter("cause_word")
def cause_word(key: str) -> str:
    return causes.words_for(key)


@bp.app_template_global("followup_words")
def followup_words(group: str, key: str) -> str:
    """A word of the queue: `followup_words("REASONS", case.reason)`; the key itself when there is none."""
    return str(getattr(words, group).get(str(key), key))


@bp.app_template_global("renewal_words")
def renewal_words(day: date) -> str:
    """When a contract is renewed: "in 38 days (28 Dec 2026)"."""
    days = (day - clock.today(organisation().timezone)).days
    if days < 0:
        return dates.plain_day(day)
    if days == 0:
        return _("today")
    return ngettext("in %(num)s day (%(day)s)", "in %(num)s days (%(day)s)", days, day=dates.plain_day(day))
