"""Logging in and out, and the language of the visit."""

from __future__ import annotations

import secrets
from typing import Any

from flask import current_app, flash, redirect, render_template, request, session, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from structlog import get_logger
from werkzeug import Response

from surveys.auth import actions, limits, passwords, queries, sessions
from surveys.auth.forms import LanguageForm, LogInForm
from surveys.auth.models import StaffUser
from surveys.auth.views.blueprint import bp, onward
from surveys.lib import addresses
from surveys.lib.access import current_user, public
from surveys.lib.db import db, reading
from surveys.lib.forms import csrf
from surveys.lib.i18n import _
from surveys.lib.links import back_or, opened
from surveys.lib.process import config
from surveys.lib.tokens import hidden

log = get_logger()
KNOWN_FOR = 180 * 24 * 3600  # seconds


@bp.route("/login", methods=["GET", "POST"])
@public
def log_in() -> Any:
    form = LogInForm()
    if form.validate_on_submit():
        user = _user_of(form)
        if user is not None:
            return _remembered(onward(request.args.get("next")), user)
        form.password.errors = [_("The address or the password is not right.")]
    elif request.method == "GET" and current_user():
        return onward(request.args.get("next"))
    elif request.method == "GET" and not actions.is_set_up():
        return redirect(url_for("auth.start"), 303)
    return render_template("auth/log_in.html", form=form), 401 if form.is_submitted() else 200


def _user_of(form: LogInForm) -> StaffUser | None:
    """Log in whoever the form names; None for a wrong password and an unknown address alike, after the same time."""
    email, password = str(form.email.data), str(form.password.data)
    network, device = limits.network_of(request.remote_addr), _device_of(email)
    actions.count_log_in(email, network, device)
    db.session.commit()
    with reading():
        kept = queries.password_of(email)
    if not passwords.is_right(kept, password):
        log.warning("log_in_failed", network=network)
        return None
    fresh = passwords.hashed(password) if passwords.is_outdated(kept) else kept
    user = queries.user_by_email(email)
    if user is None or not user.is_active or user.password_hash != kept:
        return None
    user.password_hash = fresh
    user.locale = session.get("chosen_language", user.locale)  # whoever just chose one means to go on in it
    actions.log_in_succeeded(user, network, device)
    sessions.start(user)
    db.session.commit()
    return user


@bp.post("/logout")
@public
def log_out() -> Response:
    ours = sessions.current()
    if ours is not None:
        sessions.end(ours)
        db.session.commit()
    sessions.forget()
    flash(_("You are logged out."))
    return redirect(url_for("auth.log_in"), 303)


@bp.post("/language")
# Exempt: also sent from pages that tell no referrer; the form checks the token itself.
@csrf.exempt  # type: ignore[untyped-decorator]
@public
def language() -> Response:
    form = LanguageForm()
    if form.validate_on_submit():
        user = current_user()
        if user is None:
            session["language"] = session["chosen_language"] = form.language.data
        else:
            user.locale = form.language.data
            db.session.commit()
    return redirect(opened(back_or("/")), 303)


def _account(email: str) -> str:
    return hidden(f"account {addresses.normal(email)}")


def _seal() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="known-device")


def _cookie() -> str:
    return "__Host-koe-device" if config().is_https else "koe-device"


def _device_of(email: str) -> str | None:
    """The number of this browser when this account has logged in on it before."""
    try:
        kept_email, device = _seal().loads(request.cookies.get(_cookie(), ""), max_age=KNOWN_FOR)
    except (BadSignature, ValueError):
        return None
    return str(device) if kept_email == _account(email) else None


def _remembered(response: Response, user: StaffUser) -> Response:
    """Note in the browser that this account is at home in it: guesses from elsewhere then do not lock it out."""
    value = _seal().dumps([_account(user.email), secrets.token_urlsafe(16)])
    response.set_cookie(
        _cookie(), value, max_age=KNOWN_FOR, secure=config().is_https, httponly=True, samesite="Lax", path="/"
    )
    return response
