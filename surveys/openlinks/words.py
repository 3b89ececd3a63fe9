"""Open links in words, as staff read them."""

from __future__ import annotations

from typing import Any, Final

from surveys.lib import dates
from surveys.lib.i18n import _, _l, ngettext
from surveys.openlinks.models import Doubt, Mode, OpenAnswer, OpenLink, State
from surveys.openlinks.queries import Numbers, Rush
from surveys.scales import Headline, Segment

MODES: Final[dict[Mode, Any]] = {Mode.LINK: _l("Link"), Mode.SEMINAR: _l("Seminar"), Mode.KIOSK: _l("Kiosk")}
STATES: Final[dict[State, Any]] = {
    State.PLANNED: _l("Not open yet"),
    State.OPEN: _l("Open now"),
    State.CLOSED: _l("Ended"),
    State.ARCHIVED: _l("Archived"),
}
DOUBTS: Final[dict[Doubt, Any]] = {
    Doubt.FAST: _l("faster than anybody reads"),
    Doubt.HONEYPOT: _l("filled a field that people do not see"),
    Doubt.PREFETCH: _l("called itself a machine"),
    Doubt.RUSH: _l("many from one network at once"),
}


def mode(link: OpenLink) -> str:
    return str(MODES[link.mode])


def state(found: State) -> str:
    return str(STATES[found])


def doubts(answer: OpenAnswer) -> str:
    return _(", ").join(str(DOUBTS[Doubt(each)]) for each in answer.doubts)


def side(link: OpenLink, segment: object) -> str:
    """What the field calls this side of the scale: promoter for NPS, good for the others."""
    scale = link.questionnaire.kind.scale
    return scale.word(Segment(str(segment))) if scale and segment else ""


def sides(link: OpenLink) -> tuple[str, ...]:
    scale = link.questionnaire.kind.scale
    is_nps = scale is not None and scale.headline is Headline.NPS
    return ("promoter", "passive", "detractor") if is_nps else ("good", "middle", "bad")


def came_in(link: OpenLink, numbers: Numbers) -> str:
    """How many have answered, of how many who are there as far as somebody said so."""
    if link.expected:
        return ngettext(
            "%(num)s answer of about %(people)s people",
            "%(num)s answers of about %(people)s people",
            numbers.n,
            people=link.expected,
        )
    return ngettext("%(num)s answer", "%(num)s answers", numbers.n)


def period(numbers: Numbers) -> str:
    """The days on which those that count were given, where the organisation is (M-09)."""
    if numbers.first is None or numbers.last is None:
        return ""
    first, last = dates.plain_day(numbers.first), dates.plain_day(numbers.last)
    return first if first == last else _("%(first)s to %(last)s", first=first, last=last)


def rush(found: Rush, first: str, last: str) -> str:
    return _("%(n)s answers from one network, %(first)s to %(last)s", n=found.number, first=first, last=last)
