"""What the pages of the questionnaires share: the blueprint, and how an address is read."""

from __future__ import annotations

from flask import Blueprint, request

from surveys.lib.errors import NotFound
from surveys.lib.i18n import LANGUAGES, _
from surveys.lib.numbers import row_number

bp = Blueprint("questionnaires", __name__)


def known(code: str) -> str:
    """A language we speak; `NotFound` for any other."""
    if code not in LANGUAGES:
        raise NotFound(_("There is no such language."))
    return code


def version_number() -> int | None:
    return request.args.get("version", type=row_number)
