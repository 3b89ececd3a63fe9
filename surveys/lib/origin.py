"""Where a form was sent from: what changes something for staff comes from a page of ours, or it is refused (X-11).

Besides the token in the form; browsers say by themselves where a request began. Pages of customers are exempt: they
know no cookie, and a provider's one-click opt-out comes from nowhere.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, request

from surveys.lib.errors import Forbidden
from surveys.lib.i18n import _

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
OURS = ("same-origin", "none")


def install(app: Flask, *, public_url: str, exempt: tuple[str, ...] = ()) -> None:
    """Check every request but those to `exempt` (blueprints or endpoints); browsers reach us at `public_url`."""
    public_host = urlsplit(public_url).netloc

    @app.before_request
    def _check_origin() -> None:
        if request.method in SAFE_METHODS or request.blueprint in exempt or request.endpoint in exempt:
            return
        if _is_foreign(public_host):
            raise Forbidden(_("This form was sent from another site. Nothing was changed."))


def _is_foreign(public_host: str) -> bool:
    """By Sec-Fetch-Site where the browser sends it, else by Origin; without both, the token decides alone."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in OURS
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc not in (request.host, public_host)
