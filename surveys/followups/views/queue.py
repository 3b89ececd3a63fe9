"""The queue: a list one flies through, with the case beside it on wide screens."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from surveys.followups import actions, queries
from surveys.followups.queries import Tab
from surveys.followups.views.blueprint import bp, flash_undo
from surveys.followups.views.case import panel
from surveys.lib import paging
from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db
from surveys.lib.i18n import _, ngettext
from surveys.lib.links import back_or
from surveys.lib.numbers import row_number

SIZE = 50


@bp.get("/queue")
@guard(Permission.READ)
def queue() -> Any:
    user, hour = current_user(), queries.this_hour()
    counts = queries.counts(user.id, hour.now)
    tab = _tab(counts)
    page = paging.page(
        queries.listing(tab, user.id, hour),
        paging.number_from(request.args.get("page")),
        SIZE,
        total=counts.get(tab),
    )
    case_id = request.args.get("case", type=row_number)
    return render_template(
        "followups/queue.html",
        tab=tab,
        counts_of=counts,
        page=page,
        rows=queries.rows(page.items, hour),
        shown=None if case_id is None else panel(case_id),
    )


@bp.post("/queue/assignment")
@guard(Permission.WORK_CASES)
def next_assignment() -> Any:
    """Take the most urgent case that nobody works on, and go there."""
    case = actions.take_next(by=current_user())
    db.session.commit()
    if case is None:
        flash(_("Nobody is waiting: there is no case to take."))
        return redirect(url_for("followups.queue"), 303)
    flash_undo(_("This case is yours now."), url_for("followups.assignment_undone", id=case.id))
    return redirect(url_for("followups.case", id=case.id), 303)


@bp.post("/queue/readings")
@guard(Permission.WORK_CASES)
def readings() -> Any:
    """Tick light items off, one or many."""
    one = request.form.getlist("one", type=row_number)
    items = actions.tick_off(one or request.form.getlist("ids", type=row_number), by=current_user())
    db.session.commit()
    if not items:
        flash(_("Choose the answers you have read."), "warning")
    else:
        done = ngettext("%(num)s answer ticked off.", "%(num)s answers ticked off.", len(items))
        undo = url_for("followups.readings_undone", ids=[item.id for item in items])
        flash_undo(done, undo)
    return redirect(back_or(url_for("followups.queue", tab=Tab.LIGHT.value)), 303)


@bp.post("/queue/readings/reversal")
@guard(Permission.WORK_CASES)
def readings_undone() -> Any:
    items = [
        actions.reopen(number, by=current_user()) for number in request.args.getlist("ids", type=row_number)[:SIZE]
    ]
    db.session.commit()
    flash(ngettext("%(num)s answer is back.", "%(num)s answers are back.", len(items)))
    return redirect(url_for("followups.queue", tab=Tab.LIGHT.value), 303)


def _tab(counts: dict[Tab, int]) -> Tab:
    """The tab asked for; without one, one's own cases when there are any, else all."""
    asked = request.args.get("tab", "")
    if asked in set(Tab):
        return Tab(asked)
    return Tab.MINE if counts[Tab.MINE] else Tab.ALL
