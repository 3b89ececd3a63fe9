"""Choosing a password by a one-time link: asked for, invited, or handed over by an administrator (X-15)."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, redirect, render_template, request, session, url_for
from werkzeug import Response

from surveys.auth import actions, limits, mails, passwords, queries, sessions
from surveys.auth.forms import NewPasswordForm, ResetForm
from surveys.auth.models import OneTimeLink
from surveys.auth.views.blueprint import bp
from surveys.lib.access import public
from surveys.lib.db import db, reading
from surveys.lib.forms import csrf
from surveys.lib.i18n import _
from surveys.lib.process import config
from surveys.settings.queries import organisation


@bp.route("/password-reset", methods=["GET", "POST"])
@public
def password_reset() -> Any:
    """Ask for a link; the answer is the same whether or not there is such a user."""
    form = ResetForm()
    if config().mail_url is not None and form.validate_on_submit():
        mails.ask_for_reset(str(form.email.data), limits.network_of(request.remote_addr))
        db.session.commit()
        return redirect(url_for("auth.password_reset_request"), 303)
    return render_template("auth/password_reset.html", form=form, has_mail=config().mail_url is not None), form.status


@bp.get("/password-reset/request")
@public
def password_reset_request() -> str:
    return render_template("auth/password_reset_request.html", minutes=int(actions.MAILED.total_seconds() // 60))


@bp.route("/links/<secret>", methods=["GET", "POST"])
# Exempt: the page tells no referrer, which the check under https asks for; the form checks the token itself.
@csrf.exempt  # type: ignore[untyped-decorator]
@public
def link(secret: str) -> Any:
    """Looking uses nothing up, however many scanners look; the form's POST does."""
    form = NewPasswordForm()
    with reading():
        found = queries.open_link(secret)
        if found is None:
            return _dead()
        who, form.about = found.user.name, _about(found)
    if form.validate_on_submit():
        user = actions.use_link(secret, passwords.hashed(str(form.password.data)))
        db.session.commit()
        session["language"] = user.locale
        sessions.forget()
        flash(_("Your password is set. Please log in with it."))
        return redirect(url_for("auth.log_in"), 303)
    return render_template("auth/link.html", form=form, who=who, shortest=passwords.SHORTEST), form.status


def _about(found: OneTimeLink) -> list[str]:
    ours = organisation()
    return [found.user.name, found.user.email, ours.name, ours.name_ja, "koe"]


def _dead() -> Response:
    return make_response(render_template("auth/dead_link.html"), 404)
