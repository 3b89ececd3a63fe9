"""Who asks, kept in memory: a page that is opened asks the database nothing about its brand."""

from __future__ import annotations

from typing import Any, Final

from flask import current_app

from surveys.settings import faces, queries
from surveys.settings.faces import Face

MOST_KEPT: Final = 1000


def face(brand_id: int | None, language: str, revision: int) -> Face:
    """How a brand (the default one for None) shows itself; from memory while the settings are those of `revision`."""
    kept: dict[Any, Face] = current_app.extensions.setdefault("koe.faces", {})
    key = (brand_id, language, revision)
    if key not in kept:
        if len(kept) >= MOST_KEPT:
            kept.clear()
        kept[key] = faces.face(queries.brand(brand_id), language)
    return kept[key]
