"""Security headers on every answer, whatever its status (X-05, X-20, X-21)."""

from __future__ import annotations

from flask import Flask, Response, request
from werkzeug.datastructures import Headers

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "object-src 'none'"
)
# Of a mail or a customer's page in a frame on ours: it can neither run nor load nor send anything.
SHUT_IN = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'; base-uri 'none'; "
    "sandbox"
)
TOKEN_PAGES = ("/s/", "/u/", "/o/", "/links/")
A_YEAR = "public, max-age=31536000, immutable"


# What the hot pages send besides what they set themselves, in one go.
TOKEN_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
    ("X-Robots-Tag", "noindex, nofollow"),
)
STRICT = ("Strict-Transport-Security", "max-age=31536000")


def install(app: Flask, *, https: bool) -> None:
    @app.after_request
    def headers(response: Response) -> Response:
        kept = response.headers
        if request.path.startswith(TOKEN_PAGES):
            kept.extend(TOKEN_HEADERS)
            kept.setdefault("Content-Security-Policy", POLICY)
        else:
            _usual(kept)
            if request.endpoint == "static" and "v" in request.args and response.status_code == 200:
                kept["Cache-Control"] = A_YEAR
            elif request.endpoint != "static":
                kept.setdefault("Cache-Control", "no-store")
                kept["X-Robots-Tag"] = "noindex, nofollow"
        if https:
            kept.add(*STRICT)
        return response


def _usual(kept: Headers) -> None:
    kept.setdefault("Content-Security-Policy", POLICY)
    kept["X-Content-Type-Options"] = "nosniff"
    kept.setdefault("Referrer-Policy", "same-origin")
    kept.setdefault("Cross-Origin-Opener-Policy", "same-origin")
