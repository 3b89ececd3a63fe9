"""Finding answers by their words."""

from __future__ import annotations

from sqlalchemy import ColumnElement, bindparam, false, text

from surveys.lib.db import db
from surveys.responses.models import Response
from surveys.search.pieces import wanted

_SQLITE = "response.id IN (SELECT rowid FROM response_text WHERE response_text MATCH :words)"
_POSTGRESQL = "response.id IN (SELECT response_id FROM response_text WHERE pieces @@ CAST(:words AS tsquery))"


def mentions(words: str) -> ColumnElement[bool]:
    """True for responses that say every one of these words or parts of words, in any script."""
    parts = wanted(words)
    if not parts:
        return false()
    on_sqlite = db.engine.dialect.name == "sqlite"
    asked = " AND ".join(map(_phrase, parts)) if on_sqlite else " & ".join(map(_tsquery, parts))
    condition = text(_SQLITE if on_sqlite else _POSTGRESQL).bindparams(bindparam("words", asked))
    return Response.id.isnot(None) & condition


def _phrase(part: list[str]) -> str:
    return f'"{part[0]}" *' if len(part[0]) == 1 else '"' + " ".join(part) + '"'


def _tsquery(part: list[str]) -> str:
    return f"'{part[0]}':*" if len(part[0]) == 1 else "(" + " <-> ".join(f"'{piece}'" for piece in part) + ")"
