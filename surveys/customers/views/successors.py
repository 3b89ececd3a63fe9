"""Who was named as in charge now: looked at, and made a contact or set aside."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from surveys.auth.models import StaffUser
from surveys.customers import actions, queries, wishes
from surveys.customers.forms import SuccessorForm
from surveys.customers.models import Contact, Successor
from surveys.customers.views.blueprint import bp
from surveys.lib import paging
from surveys.lib.access import Permission, current_user, guard, may
from surveys.lib.db import db
from surveys.lib.i18n import _


@bp.app_template_global("named_successors")
def count() -> int:
    """How many of them wait for the one who asks."""
    return wishes.count_successors(_owner())


@bp.get("/customers/successors")
@guard(Permission.EDIT_OWN_CUSTOMERS)
def successors() -> Any:
    page = paging.page(wishes.successors(_owner()), paging.number_from(request.args.get("page")))
    return render_template("customers/successors.html", page=page)


@bp.route("/customers/successors/<int:id>", methods=["GET", "POST"])
@guard(Permission.EDIT_OWN_CUSTOMERS)
def successor(id: int) -> Any:
    found = _mine(id)
    form = SuccessorForm(data={"name": found.name, "email": found.email, "language": found.contact.language})
    if form.validate_on_submit():
        with form.keeping():
            taken = wishes.accept(found, form.values(), by=current_user())
            db.session.commit()
            flash(_("%(name)s is a contact now. No mail was sent.", name=taken.name or taken.email))
            return redirect(url_for("browse.contact", id=taken.id), 303)
    known = queries.contact_with_address(found.email) if found.email else None
    return render_template("customers/successor.html", successor=found, form=form, known=known), form.status


@bp.post("/customers/successors/<int:id>/dismissal")
@guard(Permission.EDIT_OWN_CUSTOMERS)
def successor_dismissal(id: int) -> Any:
    found = _mine(id)
    wishes.dismiss(found, by=current_user())
    db.session.commit()
    flash(_("Set aside. Nobody was added."))
    return redirect(url_for("customers.successors"), 303)


@bp.post("/contacts/<int:id>/return")
@guard(Permission.EDIT_OWN_CUSTOMERS)
def contact_return(id: int) -> Any:
    found = db.get_or_404(Contact, id)
    wishes.reach_again(found, by=current_user())
    db.session.commit()
    flash(_("%(name)s can be asked again.", name=found.name or found.email))
    return redirect(url_for("browse.contact", id=id), 303)


def _mine(id: int) -> Successor:
    found = wishes.successor(id)
    actions.guard_account(found.contact.account, current_user())
    return found


def _owner() -> StaffUser | None:
    """Whose accounts are looked at: one's own, or everybody's for who may change them all."""
    user: StaffUser = current_user()
    return None if may(user, Permission.EDIT_CUSTOMERS) else user
