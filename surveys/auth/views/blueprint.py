"""The blueprint all pages of this room hang on, and where they lead."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, redirect, url_for
from werkzeug import Response

from surveys.lib.access import Role, current_user

bp = Blueprint("auth", __name__)

LANDING = {Role.AGENT: "followups.queue", Role.PRODUCT: "browse.voices"}
_ODD = re.compile(r"[\x00-\x20\x7f\\]")


def inside(target: str | None) -> str | None:
    """The target when it is a path of ours; None for everything that could lead elsewhere (X-08)."""
    if not target or not target.startswith("/") or target.startswith("//") or _ODD.search(target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def onward(target: str | None = None) -> Response:
    """To the page one was going to, else to where one's role begins the day."""
    user: Any = current_user()
    landing = LANDING.get(user.role, "reports.home") if user else "reports.home"
    return redirect(inside(target) or url_for(landing), 303)
