"""When we work: hours, holidays and our own closed days."""

from __future__ import annotations

from datetime import time
from typing import Any

from flask import flash, redirect, render_template, url_for
from werkzeug import Response

from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db
from surveys.lib.i18n import _
from surveys.settings import actions, queries
from surveys.settings.forms import CalendarForm, ClosureForm
from surveys.settings.models import Closure
from surveys.settings.views.blueprint import bp

MIDNIGHT = 24 * 60


@bp.route("/settings/calendar", methods=["GET", "POST"])
@guard(Permission.CAMPAIGNS)
def calendar() -> Any:
    plan = queries.calendar()
    ours = queries.organisation()
    form = CalendarForm(opens=plan.opens, closes=plan.closes, keeps_japanese_holidays=ours.keeps_japanese_holidays)
    if form.validate_on_submit():
        values = {
            "opens_at": _minutes(form.opens.data),
            "closes_at": _minutes(form.closes.data) or MIDNIGHT,
            "keeps_japanese_holidays": bool(form.keeps_japanese_holidays.data),
        }
        actions.change(values, by=current_user())
        db.session.commit()
        flash(_("The working hours are saved. They count for due dates set from now on."))
        return redirect(url_for("settings.calendar"), 303)
    return _page(form, ClosureForm(formdata=None)), form.status


@bp.post("/settings/closures")
@guard(Permission.CAMPAIGNS)
def closures() -> Any:
    form = ClosureForm()
    if form.validate_on_submit() and form.first.data and form.last.data:
        with form.keeping():
            actions.close(form.first.data, form.last.data, form.name.data or "", by=current_user())
            db.session.commit()
            flash(_("These days are closed."))
            return redirect(url_for("settings.calendar"), 303)
    plan, ours = queries.calendar(), queries.organisation()
    kept = CalendarForm(
        formdata=None, opens=plan.opens, closes=plan.closes, keeps_japanese_holidays=ours.keeps_japanese_holidays
    )
    return _page(kept, form), form.status


@bp.post("/settings/closures/<int:id>/end")
@guard(Permission.CAMPAIGNS)
def closure_end(id: int) -> Response:
    actions.open_again(db.get_or_404(Closure, id), by=current_user())
    db.session.commit()
    flash(_("These days are ordinary days again."))
    return redirect(url_for("settings.calendar"), 303)


def _page(form: CalendarForm, closure: ClosureForm) -> str:
    return render_template(
        "settings/calendar.html",
        form=form,
        closure=closure,
        closures=db.session.scalars(queries.closures()).all(),
        days_off=queries.coming_days_off(),
    )


def _minutes(at: time | None) -> int:
    return at.hour * 60 + at.minute if at else 0
