"""The blueprint all pages of this room hang on, and where they lead."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, url_for
from werkzeug import Response

from surveys.lib.access import Role, current_user
from surveys.lib.links import is_ours

bp = Blueprint("auth", __name__)

LANDING = {Role.AGENT: "followups.queue", Role.PRODUCT: "browse.voices"}


def onward(target: str | None = None) -> Response:
    """To the page one was going to, else to where one's role begins the day."""
    user: Any = current_user()
    landing = LANDING.get(user.role, "reports.home") if user else "reports.home"
    return redirect(target if target is not None and is_ours(target) else url_for(landing), 303)
