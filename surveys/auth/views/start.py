"""The first run: the first administrator, by the one-time code on the console (X-30)."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, request, url_for

from surveys.auth import actions, limits, passwords, sessions
from surveys.auth.forms import SetUpForm
from surveys.auth.views.blueprint import bp
from surveys.lib.access import public
from surveys.lib.db import db, reading
from surveys.lib.i18n import _, language


@bp.route("/start", methods=["GET", "POST"])
@public
def start() -> Any:
    """Closed for good once there is an administrator: then this page does not exist."""
    form = SetUpForm(code=request.args.get("code", ""))
    with reading():
        if actions.is_set_up():
            abort(404)
    form.about = [form.name.data or "", form.email.data or "", "koe"]
    if form.validate_on_submit() and _has_code(form):
        with form.keeping():
            return _set_up(form, passwords.hashed(str(form.password.data)))
    return render_template("auth/start.html", form=form, shortest=passwords.SHORTEST), 400 if form.errors else 200


def _has_code(form: SetUpForm) -> bool:
    """Whether the code is that of the console; every try counts."""
    limits.spend(limits.SET_UP, limits.network_of(request.remote_addr))
    db.session.commit()
    with reading():
        if actions.is_setup_code(str(form.code.data)):
            return True
    form.code.errors = [_("This is not the code on the console. A new start of Koe prints a new one.")]
    return False


def _set_up(form: SetUpForm, password_hash: str) -> Any:
    user = actions.set_up(
        str(form.code.data),
        email=str(form.email.data),
        name=str(form.name.data),
        password_hash=password_hash,
        locale=language(),
    )
    sessions.start(user)
    db.session.commit()
    return redirect(url_for("start.sender"), 303)
