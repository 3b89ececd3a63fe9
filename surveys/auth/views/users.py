"""Staff users, for administrators: invite, change, deactivate and hand over, help with a lost password."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from werkzeug import Response
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from surveys.auth import actions, duties, mails, queries
from surveys.auth.forms import DepartureForm, InviteForm, UserForm
from surveys.auth.models import OneTimeLink, StaffUser
from surveys.auth.views.blueprint import bp
from surveys.lib.access import Permission, Role, current_user, guard
from surveys.lib.db import db
from surveys.lib.i18n import _, language
from surveys.lib.paging import number_from, page
from surveys.lib.process import config


@bp.get("/users")
@guard(Permission.ADMINISTER)
def users() -> str:
    found = page(queries.users(), number_from(request.args.get("page")))
    return render_template("auth/users.html", page=found, seen=queries.last_seen(list(found.items)))


@bp.route("/users/new", methods=["GET", "POST"])
@guard(Permission.ADMINISTER)
def new_user() -> Any:
    form = InviteForm(role=Role.AGENT.value, locale=language())
    if form.validate_on_submit():
        with form.keeping():
            user = actions.add_user(
                email=str(form.email.data),
                name=str(form.name.data),
                role=Role(form.role.data),
                locale=str(form.locale.data),
                by=current_user(),
            )
            user.department = form.department.data or ""
            return _with_link(user)
    return render_template("auth/new_user.html", form=form), form.status


@bp.route("/users/<int:id>", methods=["GET", "POST"])
@guard(Permission.ADMINISTER)
def user(id: int) -> Any:
    found = db.get_or_404(StaffUser, id)
    form = UserForm(data={"name": found.name, "department": found.department, "role": found.role})
    form.offer(db.session.scalars(queries.successors(found)))
    form.editor = partial(queries.last_editor, found)
    if form.validate_on_submit():
        with form.keeping():
            actions.change_user(
                found,
                name=str(form.name.data),
                role=Role(form.role.data),
                department=form.department.data or "",
                by=current_user(),
                successor=db.session.get(StaffUser, int(form.successor.data or 0)),
            )
            db.session.commit()
            flash(_("Saved: %(name)s.", name=found.name))
            return redirect(url_for("auth.users"), 303)
    return render_template("auth/user.html", user=found, form=form, duties=duties.of(found)), form.status


@bp.route("/users/<int:id>/link", methods=["GET", "POST"])
@guard(Permission.ADMINISTER)
def user_link(id: int) -> Any:
    """POST makes a link to choose a password with, GET shows it to whoever made it, once."""
    found = db.get_or_404(StaffUser, id)
    if request.method == "POST":
        return _with_link(found)
    link = db.session.get(OneTimeLink, session.pop("fresh_link", 0))
    if link is None or link.user_id != id:
        return redirect(url_for("auth.user", id=id), 303)
    address = config().public_url + url_for("auth.link", secret=link.secret)
    has_mail = config().mail_url is not None
    return render_template("auth/user_link.html", user=found, link=link, address=address, has_mail=has_mail)


def _with_link(found: StaffUser) -> Response:
    """Make a link, mail it where mail is set up, and go to the page that shows it."""
    link = actions.offer_link(found, by=current_user())
    if config().mail_url is not None:
        mails.send(link)
    db.session.commit()
    session["fresh_link"] = link.id
    return redirect(url_for("auth.user_link", id=found.id), 303)


@bp.route("/users/<int:id>/departure", methods=["GET", "POST"])
@guard(Permission.ADMINISTER)
def departure(id: int) -> Any:
    """Deactivate a user; what they are in charge of goes to a named colleague in the same step."""
    leaving = db.get_or_404(StaffUser, id)
    form = DepartureForm()
    form.successor.choices = [
        SelectChoice(each.id, each.name) for each in db.session.scalars(queries.successors(leaving))
    ]
    if form.validate_on_submit():
        successor = db.get_or_404(StaffUser, int(form.successor.data))
        moved = duties.hand_over(leaving, successor, by=current_user())
        actions.deactivate(leaving, by=current_user())
        db.session.commit()
        flash(
            _("%(name)s is deactivated. Handed over to %(who)s: %(n)s.", name=leaving.name, who=successor.name, n=moved)
        )
        return redirect(url_for("auth.users"), 303)
    return render_template("auth/departure.html", user=leaving, form=form, duties=duties.of(leaving)), form.status


@bp.post("/users/<int:id>/return")
@guard(Permission.ADMINISTER)
def user_return(id: int) -> Any:
    """Reactivate a user, who chooses a new password by link."""
    found = db.get_or_404(StaffUser, id)
    actions.reactivate(found, by=current_user())
    return _with_link(found)
