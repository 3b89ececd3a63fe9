"""The segments of a scored kind, each with its scores, to tick in a form."""

from __future__ import annotations

from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from surveys.lib.i18n import _
from surveys.questionnaires.models import Kind


def choices(kind: Kind) -> list[SelectChoice]:
    """Good, middling, bad, in this order; `kind` is a scored one."""
    return [SelectChoice(segment, _said(kind, segment)) for segment in ("good", "middle", "bad")]


def _said(kind: Kind, segment: str) -> str:
    """A segment with its scores: "Good (9 to 10)"."""
    names = {"good": _("Good"), "middle": _("Middling"), "bad": _("Bad")}
    low, high = kind.segments[segment]
    if low == high:
        return _("%(segment)s (%(score)s)", segment=names[segment], score=low)
    return _("%(segment)s (%(low)s to %(high)s)", segment=names[segment], low=low, high=high)
