"""Cases that rest: put off to a morning to come, or waiting for the customer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from surveys.followups import actions, queries
from surveys.followups.forms import SnoozeForm
from surveys.followups.views.blueprint import back_to, bp, flash_undo
from surveys.lib import clock, dates
from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db
from surveys.lib.i18n import _
from surveys.lib.links import back_or
from surveys.settings.queries import calendar


@bp.route("/cases/<int:id>/snooze", methods=["GET", "POST"])
@guard(Permission.WORK_CASES)
def snooze(id: int) -> Any:
    form = SnoozeForm()
    if form.validate_on_submit():
        actions.snooze(id, _morning(form.day), by=current_user())
        db.session.commit()
        words = _("Snoozed until %(day)s.", day=dates.near_day(form.day))
        flash_undo(words, url_for("followups.waking", id=id))
        return redirect(back_or(url_for("followups.queue")), 303)
    story = queries.story(id)
    return render_template("followups/snooze.html", form=form, story=story, offers=_mornings()), form.status


@bp.post("/cases/<int:id>/waking")
@guard(Permission.WORK_CASES)
def waking(id: int) -> Any:
    case = actions.wake(id, by=current_user())
    db.session.commit()
    flash(_("Back in the queue."))
    return back_to(case)


@bp.post("/cases/<int:id>/waiting")
@guard(Permission.WORK_CASES)
def waiting(id: int) -> Any:
    waits = request.form.get("waits", "1") == "1"
    case = actions.wait(id, waits, by=current_user())
    db.session.commit()
    flash(_("Waiting for the customer.") if waits else _("Back to work."))
    return back_to(case)


def _mornings() -> list[tuple[str, date]]:
    """Days a case is usually put off to: the next working day, in three, in five, in ten."""
    plan = calendar()
    today = plan.local(clock.now()).date()
    offers = [(_("Next working day"), 1), (_("In 3 working days"), 3), (_("In a week"), 5), (_("In two weeks"), 10)]
    return [(words, plan.workday_after(today, days)) for words, days in offers]


def _morning(day: date) -> datetime:
    """When work begins on that day."""
    hours = calendar()
    return datetime.combine(day, hours.opens, tzinfo=hours.local(clock.now()).tzinfo)
