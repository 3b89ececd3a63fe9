"""The manual: readable by everybody, in both languages, also without logging in."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, abort, render_template

from surveys.help.glossary import WORDS
from surveys.lib.access import public
from surveys.lib.i18n import _l, language

bp = Blueprint("help", __name__)

# Address → title, in the order of the contents.
PAGES: Final = {
    "first-steps": _l("First steps"),
    "asking": _l("Writing a questionnaire"),
    "scores": _l("What NPS, CES and CSAT are"),
    "counting": _l("How Koe counts"),
    "machines": _l("People and machines"),
    "quiet-rules": _l("Why somebody got no mail"),
    "open-links": _l("Open links and the kiosk"),
    "follow-up": _l("The queue: who comes first, and why"),
    "glossary": _l("Glossary"),
}


@bp.get("/help")
@public
def contents() -> Any:
    return render_template("help/contents.html", pages=PAGES)


@bp.get("/help/<name>")
@public
def page(name: str) -> Any:
    """One page; each language has its own text, because a manual is written and not translated line by line."""
    if name not in PAGES:
        abort(404)
    template = f"help/{name}.html" if name == "glossary" else f"help/{language()}/{name}.html"
    return render_template(template, pages=PAGES, name=name, words=WORDS)
