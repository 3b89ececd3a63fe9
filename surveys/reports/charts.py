"""Charts as SVG: drawn for the width they are shown at, light and dark, letters as outlines so that all of them show.

`Figure` objects and fixed settings only: changing settings for one picture changes those drawn at the same moment.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DPI = 72  # one point is one pixel
FONTS = ["DejaVu Sans", "IPAexGothic"]
KEPT = 256  # pictures


@dataclass(frozen=True)
class Theme:
    """The colours of one theme; the same as in static/css/tokens.css."""

    ink: str
    quiet: str
    line: str
    accent: str
    band: str
    paper: str


THEMES = {
    "light": Theme("#211f1c", "#6b655d", "#e5e1da", "#0b5563", "#cfe2e5", "#fbfaf8"),
    "dark": Theme("#ece8e2", "#a0998f", "#36332f", "#7cc4cc", "#1f444a", "#181715"),
}


@dataclass(frozen=True)
class Mark:
    """One point of a trend: the word beneath it, n, and its value with interval; None where it must not be shown."""

    label: str
    n: int
    value: float | None
    low: float | None
    high: float | None
    shown: str
    # The day and a word beside the line that is drawn before this point, where another series begins.
    break_before: str = ""
    break_word: str = ""


@dataclass(frozen=True)
class Trend:
    """What a trend chart says: the marks, the limits of its scale, and whether zero means something."""

    marks: tuple[Mark, ...]
    limits: tuple[float, float]
    has_zero: bool
    note: str


@lru_cache(maxsize=KEPT)
def trend_svg(trend: Trend, theme_name: str, size: tuple[int, int]) -> bytes:
    """The chart, `size` in CSS pixels. The same trend gives the same bytes."""
    from matplotlib.figure import Figure

    prepare()
    theme = THEMES[theme_name]
    figure = Figure(figsize=(size[0] / DPI, size[1] / DPI), dpi=DPI, facecolor="none")
    axes = figure.add_axes((40 / size[0], 52 / size[1], 1 - 92 / size[0], 1 - 72 / size[1]), facecolor="none")
    _lines(axes, trend, theme)
    _series(axes, trend, theme)
    _breaks(axes, trend, theme, narrow=size[0] < 500)
    _labels(axes, trend, theme, narrow=size[0] < 500)
    drawn = BytesIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    return drawn.getvalue()


def _lines(axes: Axes, trend: Trend, theme: Theme) -> None:
    """Few grid lines; zero stands out where it means something."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(theme.line)
    axes.set_ylim(*_span(trend))
    axes.set_xlim(-0.4, len(trend.marks) - 0.6)
    axes.locator_params(axis="y", nbins=4)
    axes.grid(axis="y", color=theme.line, linewidth=1)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0, labelsize=12, labelcolor=theme.quiet, labelfontfamily=FONTS)
    if trend.has_zero:
        axes.axhline(0, color=theme.quiet, linewidth=1)


def _span(trend: Trend) -> tuple[float, float]:
    """From a little below the lowest end of a band to a little above the highest, inside the scale."""
    ends = [end for mark in trend.marks for end in (mark.low, mark.high, mark.value) if end is not None]
    lowest, highest = trend.limits
    if not ends:
        return lowest, highest
    least = (highest - lowest) / 8
    room = max((max(ends) - min(ends)) * 0.12, least / 4)
    return max(lowest - least / 4, min(ends) - room), min(highest + least / 4, max(ends) + room)


def _series(axes: Axes, trend: Trend, theme: Theme) -> None:
    """The band first, then the line over it; where there were too few answers only a dotted one leads across."""
    for stretch in _stretches(trend.marks):
        known = [(place, mark.value) for place, mark in stretch if mark.value is not None]
        places, values = [place for place, _ in known], [value for _, value in known]
        axes.plot(places, values, color=theme.accent, linewidth=1, linestyle=(0, (2, 3)))
    for run in _runs(trend.marks):
        at = [place for place, _ in run]
        bounded = [(place, mark) for place, mark in run if mark.low is not None]
        if bounded:
            places = [place for place, _ in bounded]
            low, high = ([getattr(mark, end) or 0.0 for _, mark in bounded] for end in ("low", "high"))
            axes.fill_between(places, low, high, color=theme.band, linewidth=0)
            if len(run) == 1:  # a band of no width would not be seen
                axes.vlines(places, low, high, color=theme.band, linewidth=8)
        axes.plot(at, [mark.value or 0.0 for _, mark in run], color=theme.accent, linewidth=2, marker="o", markersize=5)


def _runs(marks: tuple[Mark, ...]) -> list[list[tuple[int, Mark]]]:
    """Points that follow each other without a gap, within one series."""
    runs: list[list[tuple[int, Mark]]] = [[]]
    for place, mark in enumerate(marks):
        if mark.value is None or mark.break_before:
            runs.append([])
        if mark.value is not None:
            runs[-1].append((place, mark))
    return [run for run in runs if run]


def _stretches(marks: tuple[Mark, ...]) -> list[list[tuple[int, Mark]]]:
    """The marks of each series: no line leads from one to the next."""
    stretches: list[list[tuple[int, Mark]]] = [[]]
    for place, mark in enumerate(marks):
        if mark.break_before:
            stretches.append([])
        stretches[-1].append((place, mark))
    return stretches


def _breaks(axes: Axes, trend: Trend, theme: Theme, *, narrow: bool) -> None:
    """A dashed line where another series begins, with its date and a word, on the side that has room."""
    style: dict[str, Any] = {"fontfamily": FONTS, "fontsize": 11, "color": theme.ink, "va": "top"}
    begun = [(place, mark) for place, mark in enumerate(trend.marks) if mark.break_before]
    for number, (place, mark) in enumerate(begun):
        words = mark.break_before if narrow else f"{mark.break_before} {mark.break_word}".strip()
        axes.axvline(place - 0.5, color=theme.quiet, linewidth=1, linestyle=(0, (4, 3)))
        is_right = place > len(trend.marks) / 2
        offset = (-5 if is_right else 5, -2 - 14 * (number % 3))
        side: dict[str, Any] = {"ha": "right" if is_right else "left", "textcoords": "offset points"}
        axes.annotate(words, (place - 0.5, 1), offset, xycoords=("data", "axes fraction"), **side, **style)


def _labels(axes: Axes, trend: Trend, theme: Theme, *, narrow: bool) -> None:
    """The words beneath with n, and the last value written beside its point."""
    every = max(1, -(-len(trend.marks) // (5 if narrow else 13)))
    shown = [place for place in range(len(trend.marks)) if (len(trend.marks) - 1 - place) % every == 0]
    axes.set_xticks(shown)
    words = [f"{trend.marks[place].label}\nn={trend.marks[place].n}" for place in shown]
    axes.set_xticklabels(words, fontfamily=FONTS, fontsize=11, color=theme.quiet, linespacing=1.5)
    axes.tick_params(axis="x", length=0, pad=6)
    known = [(place, mark) for place, mark in enumerate(trend.marks) if mark.value is not None]
    if known:
        place, mark = known[-1]
        style: dict[str, Any] = {"fontfamily": FONTS, "fontsize": 14, "fontweight": "bold", "color": theme.ink}
        axes.annotate(mark.shown, (place, mark.value or 0), (9, 0), textcoords="offset points", va="center", **style)
    if trend.note:
        style = {"fontfamily": FONTS, "fontsize": 11, "color": theme.quiet}
        axes.annotate(trend.note, (0, 1), (0, 8), xycoords="axes fraction", textcoords="offset points", **style)


_preparing = threading.Lock()


def prepare() -> None:
    """Load all that draws, once; takes a second or two, so web processes do it aside when they start."""
    with _preparing:
        _prepared()


@cache
def _prepared() -> None:
    # The module that draws SVG would otherwise come with the first picture, and keep whoever asked for it waiting.
    for module in ("matplotlib.figure", "matplotlib.backends.backend_svg"):
        import_module(module)
    import matplotlib as mpl
    from matplotlib.font_manager import fontManager

    mpl.rcParams.update(
        {"svg.fonttype": "path", "svg.hashsalt": "koe", "font.family": FONTS, "axes.unicode_minus": True}
    )
    # The package is looked up and not imported: importing it changes settings for everybody.
    found = find_spec("matplotlib_fontja")
    if found is not None and found.origin is not None:
        for path in Path(found.origin).parent.rglob("ipaexg.ttf"):
            fontManager.addfont(str(path))
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
