"""Reports in words: what a change amounts to, what a chart shows, and what is written into it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from surveys.lib.dates import month, plain_day, short_day
from surveys.lib.i18n import _, language
from surveys.measures.figures import direction, figure, headline
from surveys.reports.breaks import Break, Cause
from surveys.reports.charts import Mark, Trend
from surveys.reports.further import Share
from surveys.reports.queries import Period, Score
from surveys.reports.trends import Point
from surveys.scales import Headline, Reading, Scale, Summary, rounded
from surveys.scales.change import Verdict


def span(period: Period) -> str:
    """The days of a period, both included."""
    return _("%(first)s to %(last)s", first=plain_day(period.first), last=plain_day(period.today))


def moved(score: Score, period: Period) -> str:
    """How a score stands to the period before, and whether that is more than noise."""
    if score.reading is Reading.HIDDEN:
        return _("no comparison: too few answers in these %(n)s days", n=period.days)
    if score.broken:
        return _("no comparison: %(what)s on %(day)s", what=cause(score.broken), day=plain_day(score.broken.day))
    change = score.change
    if change is None:
        return _("no comparison: too few answers in the %(n)s days before", n=period.days)
    before = figure(score.summary.scale, score.before.score or Fraction(0))
    names = {
        Verdict.TOO_FEW: _("%(before)s before; too few answers to compare", before=before),
        Verdict.NOISE: _("%(before)s before: within noise", before=before),
        Verdict.IMPROVED: _("%(before)s before: a real rise", before=before),
        Verdict.WORSENED: _("%(before)s before: a real fall", before=before),
    }
    if score.summary.scale.direction.value == "lower":
        names[Verdict.IMPROVED] = _("%(before)s before: a real improvement", before=before)
        names[Verdict.WORSENED] = _("%(before)s before: really worse", before=before)
    return names[change.verdict]


def basis(score: Score) -> str:
    """What has to be said beside a number of few answers (M-08)."""
    if score.reading is Reading.HIDDEN:
        return _("Fewer than 5 answers: no score yet.")
    return _("small sample") if score.reading is Reading.SMALL else ""


def share(one: Share) -> str:
    """A share in whole percent; "–" while there are too few answers (M-08)."""
    return f"{rounded(Fraction(100 * one.count, one.of))}%" if one.interval else "–"


def share_interval(one: Share) -> str:
    if one.interval is None:
        return "–"
    low, high = (rounded(Fraction(end)) for end in (one.interval.low, one.interval.high))
    return _("%(low)s to %(high)s", low=f"{low}%", high=f"{high}%")


def is_negative_nps(score: Score) -> bool:
    """Whether to say what a negative NPS means in Japan."""
    value = score.summary.score
    return score.kind.headline == Headline.NPS and value is not None and value < 0 and language() == "ja"


def trend(score: Score, points: Sequence[Point]) -> str:
    """One sentence that says what the chart shows."""
    since = next((place for place in reversed(range(len(points))) if points[place].begins), 0)
    known = [point for point in points[since:] if point.summary.reading is not Reading.HIDDEN]
    kind, begins = score.kind.name_in(language()), points[since].begins if points else None
    if begins and len(known) < 2:
        day = plain_day(begins.day)
        return _("%(kind)s: %(what)s on %(day)s; not enough answers since.", kind=kind, what=cause(begins), day=day)
    if len(known) < 2:
        return _("%(kind)s: not enough answers yet for a trend.", kind=kind)
    first, last = known[0], known[-1]
    return _(
        "%(kind)s went from %(first)s (%(start)s) to %(last)s (%(end)s).",
        kind=kind,
        first=headline(first.summary),
        start=month(first.start),
        last=headline(last.summary),
        end=month(last.start),
    )


def cause(found: Break) -> str:
    """What changed, as part of a sentence."""
    return {Cause.WORDING: _("the question was reworded"), Cause.LAYOUT: _("the page was laid out anew")}[found.cause]


def series_break(found: Break) -> str:
    """The row of the table: what happened, and what it means."""
    what = {Cause.WORDING: _("New wording of the question"), Cause.LAYOUT: _("New layout of the page")}[found.cause]
    return _("%(day)s: %(what)s. A new series begins here.", day=plain_day(found.day), what=what)


def part(point: Point) -> str:
    """The days of a part of a month."""
    assert point.last is not None
    return _("%(first)s to %(last)s", first=plain_day(point.start), last=plain_day(point.last))


def drawing(scale: Scale, points: Sequence[Point]) -> Trend:
    """A trend as it is drawn; points with too few answers are gaps (M-08)."""
    note = direction(scale) if scale.headline is Headline.MEAN else ""
    low, high = scale.limits
    is_nps = scale.headline is Headline.NPS
    return Trend(tuple(_mark(point) for point in points), (float(low), float(high)), has_zero=is_nps, note=note)


def _mark(point: Point) -> Mark:
    sums: Summary = point.summary
    interval = sums.interval
    is_shown = sums.reading is not Reading.HIDDEN and sums.score is not None
    return Mark(
        label=_label(point),
        n=sums.n,
        value=float(sums.score) if is_shown and sums.score is not None else None,
        low=float(interval.low) if is_shown and interval else None,
        high=float(interval.high) if is_shown and interval else None,
        shown=headline(sums) or "",
        break_before=short_day(point.begins.day) if point.begins else "",
        break_word=_break_word(point.begins) if point.begins else "",
    )


def _label(point: Point) -> str:
    """The month beneath a point; of a part, the day it begins."""
    day = point.start
    if language() == "ja":
        return f"{day.month}/{day.day}〜" if day.day != 1 else f"{day.month}月"
    return f"{day.day} {day:%b}" if day.day != 1 else f"{day:%b}"


def _break_word(found: Break) -> str:
    return {Cause.WORDING: _("new wording"), Cause.LAYOUT: _("new layout")}[found.cause]
