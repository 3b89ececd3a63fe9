"""What is done with a case: each change of state is a noun of its own, posted."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from surveys.auth.models import StaffUser
from surveys.customers.models import Contact
from surveys.followups import actions, queries
from surveys.followups.forms import ResolutionForm, WhyForm
from surveys.followups.models import Case, Outcome
from surveys.followups.views.blueprint import back_to, bp, flash_undo
from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db
from surveys.lib.errors import Invalid
from surveys.lib.i18n import _
from surveys.lib.links import back_or
from surveys.lib.numbers import row_number


@bp.post("/cases/<int:id>/assignment")
@guard(Permission.WORK_CASES)
def assignment(id: int) -> Any:
    """Take a case, or hand it to a colleague (`to`), or back to everybody (`to=0`)."""
    user, to, seen = (
        current_user(),
        request.values.get("to", type=row_number),
        request.values.get("seen", 0, type=row_number),
    )
    if to is None:
        case = actions.take(id, by=user)
    else:
        case = actions.hand_to(id, _colleague(to), by=user, seen_assignee_id=seen)
    db.session.commit()
    flash_undo(_whose(case, user), url_for("followups.assignment_undone", id=id))
    return back_to(case)


@bp.post("/cases/<int:id>/assignment/reversal")
@guard(Permission.WORK_CASES)
def assignment_undone(id: int) -> Any:
    """Undo one's own last taking or handing of a case."""
    case = actions.undo_assignment(id, by=current_user())
    db.session.commit()
    flash(_("As it was before."))
    return back_to(case)


@bp.route("/cases/<int:id>/resolution", methods=["GET", "POST"])
@guard(Permission.WORK_CASES)
def resolution(id: int) -> Any:
    form = ResolutionForm()
    if form.validate_on_submit():
        with form.keeping():
            case = actions.resolve(
                id,
                by=current_user(),
                cause=form.cause.data,
                outcome=Outcome(form.outcome.data),
                what_was_done=form.what_was_done.data or "",
                customer_told=form.customer_told.data == "yes",
            )
            db.session.commit()
        if not form.refused:
            words = _("Resolved: %(who)s. Press t to take the next case.", who=_who(case))
            flash_undo(words, url_for("followups.reopening", id=id))
            return redirect(back_or(url_for("followups.queue")), 303)
    return render_template("followups/resolution.html", form=form, story=queries.story(id)), form.status


@bp.post("/cases/<int:id>/closing")
@guard(Permission.WORK_CASES)
def closing(id: int) -> Any:
    """The customer has been told."""
    case = actions.close(id, by=current_user())
    db.session.commit()
    flash(_("Closed: %(who)s knows what was done.", who=_who(case)))
    return back_to(case)


@bp.post("/cases/<int:id>/reopening")
@guard(Permission.WORK_CASES)
def reopening(id: int) -> Any:
    case = actions.reopen(id, by=current_user())
    db.session.commit()
    flash(_("Reopened: %(who)s.", who=_who(case)))
    return redirect(url_for("followups.case", id=id), 303)


@bp.route("/cases/<int:id>/invalidity", methods=["GET", "POST"])
@guard(Permission.WORK_CASES)
def invalidity(id: int) -> Any:
    """It should never have been a case: a test, a machine."""
    form = WhyForm()
    if form.validate_on_submit():
        with form.keeping():
            actions.invalidate(id, by=current_user(), why=form.why.data or "")
            db.session.commit()
        if not form.refused:
            flash_undo(_("Marked as invalid."), url_for("followups.reopening", id=id))
            return redirect(back_or(url_for("followups.queue")), 303)
    return render_template("followups/invalidity.html", form=form, story=queries.story(id)), form.status


@bp.post("/cases/<int:id>/raising")
@guard(Permission.WORK_CASES)
def raising(id: int) -> Any:
    """Make a light item a case of one's own."""
    case = actions.lift(id, by=current_user())
    db.session.commit()
    flash(_("This is a case now, and it is yours."))
    return redirect(url_for("followups.case", id=case.id), 303)


@bp.route("/contacts/<int:id>/cases", methods=["GET", "POST"])
@guard(Permission.WORK_CASES)
def new_case(id: int) -> Any:
    """Open a case by hand, without an answer."""
    contact, form = db.get_or_404(Contact, id), WhyForm()
    if form.validate_on_submit():
        case = actions.open_by_hand(contact, by=current_user(), why=form.why.data or "")
        db.session.commit()
        flash(_("The case is open."))
        return redirect(url_for("followups.case", id=case.id), 303)
    return render_template("followups/new.html", form=form, contact=contact), form.status


def _colleague(number: int) -> StaffUser | None:
    """The colleague of this number; None for 0, which is nobody."""
    found = next((each for each in queries.colleagues() if each.id == number), None)
    if number and found is None:
        raise Invalid(_("Choose somebody who works on cases."))
    return found


def _whose(case: Case, user: StaffUser) -> str:
    if case.assignee is None:
        return _("Back for everybody.")
    if case.assignee_id == user.id:
        return _("This case is yours now.")
    return _("Handed over to %(who)s.", who=case.assignee.name)


def _who(case: Case) -> str:
    return case.contact.name or case.account.name
