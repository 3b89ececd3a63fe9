"""How people get to a link: its code as a picture, a sheet for the wall, and a page for the screen of a seminar."""

from __future__ import annotations

from flask import Response, render_template, request

from surveys.intake.pages import points
from surveys.lib import clock
from surveys.lib.access import Permission, guard
from surveys.lib.errors import NotFound
from surveys.lib.i18n import _, language, speaking
from surveys.lib.process import config
from surveys.openlinks import pages, qr, queries, words
from surveys.openlinks.models import OpenLink
from surveys.openlinks.views.blueprint import bp
from surveys.settings.queries import organisation

PAPERS = ("a4", "a6")


@bp.get("/open-links/<int:id>/qr.<ending>")
@guard(Permission.READ)
def code(id: int, ending: str) -> Response:
    """The address as a picture; `size` is the dots of a PNG for each module."""
    if ending not in qr.TYPES:
        raise NotFound(_("There is no such picture."))
    found = queries.link(id)
    size = request.args.get("size", "")
    dots = int(size) if size.isascii() and size.isdigit() and len(size) < 4 else qr.USUAL
    answer = Response(qr.picture(_address(found), ending, dots=dots), content_type=qr.TYPES[ending])
    if "download" in request.args:
        answer.headers["Content-Disposition"] = f'attachment; filename="koe-{found.id}-{found.edition}.{ending}"'
    return answer


@bp.get("/open-links/<int:id>/sheet")
@guard(Permission.READ)
def sheet(id: int) -> str:
    """A sheet to print, in one of the languages of the link: the question, the code, and the address in letters."""
    found = queries.link(id)
    code = pages.language_of(found, request.args.get("language", ""), language())
    paper = request.args.get("paper", "")
    paper = paper if paper in PAPERS else PAPERS[0]
    return render_template(
        "openlinks/sheet.html",
        link=found,
        code=code,
        languages=pages.languages(found),
        paper=paper,
        papers=PAPERS,
        said=pages.said(found, found.version, code),
        brand=found.brand.name_in(code),
        address=_address(found),
        prompt=_prompt(code),
    )


@bp.get("/open-links/<int:id>/presentation")
@guard(Permission.READ)
def presentation(id: int) -> str:
    """For the screen in the room: the code, how many have answered, and, when the presenter asks, what they said."""
    found = queries.link(id)
    code = pages.language_of(found, request.args.get("language", ""), language())
    said = pages.said(found, found.version, code)
    return render_template(
        "openlinks/presentation.html",
        link=found,
        code=code,
        languages=pages.languages(found),
        said=said,
        points=points(found.questionnaire.kind, said),
        address=_address(found),
        prompt=_prompt(code),
        state=found.state_on(clock.today(organisation().timezone)),
        numbers=queries.numbers(found),
        shows_result="result" in request.args,
        words=words,
    )


def _address(found: OpenLink) -> str:
    return config().public_url + pages.path(found)


def _prompt(code: str) -> str:
    """In the language of the people who read it, not of the colleague who prints it."""
    with speaking(code):
        return _("Point your camera at the code and answer on your own device. It takes about a minute.")
