"""About oneself: name, language, password, log-ins."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug import Response

from surveys.auth import actions, limits, passwords, queries, sessions
from surveys.auth.forms import PasswordForm, ProfileForm
from surveys.auth.models import StaffSession, StaffUser
from surveys.auth.views.blueprint import bp
from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db, reading
from surveys.lib.i18n import _
from surveys.settings.queries import organisation


@bp.route("/profile", methods=["GET", "POST"])
@guard(Permission.READ)
def profile() -> Any:
    user: StaffUser = current_user()
    form = ProfileForm(obj=user)
    if form.validate_on_submit():
        form.populate_obj(user)
        db.session.commit()
        flash(_("Your profile is saved."))
        return redirect(url_for("auth.profile"), 303)
    found = db.session.scalars(queries.sessions_of(user)).all()
    return render_template("auth/profile.html", form=form, sessions=found, here=sessions.current()), form.status


@bp.post("/profile/shortcuts")
@guard(Permission.READ)
def shortcuts() -> Response:
    """Keys on or off (WCAG 2.1.4)."""
    user = current_user()
    user.has_shortcuts = not user.has_shortcuts
    db.session.commit()
    flash(_("Keys are switched on.") if user.has_shortcuts else _("Keys are switched off."))
    return redirect(url_for("auth.profile"), 303)


@bp.route("/profile/password", methods=["GET", "POST"])
@guard(Permission.READ)
def password() -> Any:
    form = PasswordForm()
    with reading():
        user: StaffUser = current_user()
        email, kept = user.email, user.password_hash
        form.about = [user.name, email, organisation().name, organisation().name_ja, "koe"]
    if form.validate_on_submit() and _is_own(form, email, kept):
        fresh = passwords.hashed(str(form.password.data))
        actions.set_password(user, fresh, by=user)
        sessions.renew(user)
        db.session.commit()
        flash(_("Your password is changed. All your other log-ins have ended."))
        return redirect(url_for("auth.profile"), 303)
    return render_template("auth/password.html", form=form, shortest=passwords.SHORTEST), form.status


def _is_own(form: PasswordForm, email: str, kept: str) -> bool:
    """Whether the present password is right; tries count like those to log in."""
    network = limits.network_of(request.remote_addr)
    actions.count_log_in(email, network, f"profile {email}")
    db.session.commit()
    if passwords.is_right(kept, str(form.current.data)):
        return True
    form.current.errors = [_("This is not your present password.")]
    return False


@bp.post("/profile/sessions/<int:id>/end")
@guard(Permission.READ)
def session_end(id: int) -> Response:
    """End one log-in of one's own; those of others do not exist here."""
    user: StaffUser = current_user()
    found = db.session.scalar(select(StaffSession).where(StaffSession.id == id, StaffSession.user_id == user.id))
    if found is None:
        abort(404)
    sessions.end(found)
    db.session.commit()
    flash(_("That log-in has ended."))
    return redirect(url_for("auth.profile"), 303)


@bp.post("/profile/sessions/end")
@guard(Permission.READ)
def sessions_end() -> Response:
    """End all log-ins of one's own but this one."""
    sessions.end_all(current_user(), but=sessions.current())
    db.session.commit()
    flash(_("All your other log-ins have ended."))
    return redirect(url_for("auth.profile"), 303)
