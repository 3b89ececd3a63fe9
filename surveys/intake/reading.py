"""How a posted question is read, for every room that shows one: its fields, their limits, what is wrong with them."""

from __future__ import annotations

from flask import request

from surveys.intake.forms import HONEYPOTS as HONEYPOTS
from surveys.intake.forms import LARGEST_BODY as LARGEST_BODY
from surveys.intake.forms import LONGEST_COMMENT as LONGEST_COMMENT
from surveys.intake.forms import SCORE as SCORE
from surveys.intake.forms import Entered as Entered
from surveys.intake.forms import further_in as further_in
from surveys.intake.forms import is_fine as is_fine
from surveys.intake.forms import problems as problems
from surveys.intake.forms import read as read
from surveys.intake.forms import score_in as score_in
from surveys.lib.i18n import languages_of


def posted() -> Entered:
    """What this request sent, if it is no more than anybody is asked for."""
    is_read = request.method == "POST" and (request.content_length or 0) <= LARGEST_BODY
    return read(request.get_data()) if is_read else Entered()


def spoken() -> str:
    """The language of the page whose form was sent, else the one the browser asks for."""
    return posted().shown_in or languages_of(request.headers.get("Accept-Language", ""))
