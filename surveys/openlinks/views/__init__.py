"""The pages strangers answer on, and those on which staff make links and read what came back."""

from __future__ import annotations

from surveys.openlinks.views import answering, answers, kiosk, links, showing
from surveys.openlinks.views.blueprint import bp as bp
from surveys.openlinks.views.room import bp as door

__all__ = ["answering", "answers", "bp", "door", "kiosk", "links", "showing"]
