"""Charts: the same numbers give the same bytes, every letter shows, and a browser asks for a picture once."""

from __future__ import annotations

import warnings
from xml.etree import ElementTree

import pytest

from surveys.lib.i18n import speaking
from surveys.reports import charts, words
from surveys.reports.charts import Mark, Trend
from surveys.reports.trends import Point
from surveys.scales import SCALES, summary

WIDE = (760, 280)


def mark(label: str, value: float | None, n: int = 40) -> Mark:
    ends = (None, None) if value is None else (value - 9, value + 9)
    return Mark(label, n, value, *ends, "" if value is None else f"{value:.0f}")


def trend(*values: float | None, label: str = "Nov") -> Trend:
    return Trend(tuple(mark(label, value) for value in values), (-100.0, 100.0), has_zero=True, note="")


def drawn(what: Trend, theme: str = "light", size: tuple[int, int] = WIDE) -> bytes:
    charts.trend_svg.cache_clear()
    return charts.trend_svg(what, theme, size)


@pytest.mark.parametrize("theme", charts.THEMES)
def test_the_same_numbers_give_the_same_bytes(theme):
    assert drawn(trend(3, 12, 8), theme) == drawn(trend(3, 12, 8), theme)


def test_other_numbers_and_other_themes_give_other_bytes():
    assert len({drawn(trend(3, 12)), drawn(trend(3, 13)), drawn(trend(3, 12), "dark")}) == 3


def test_a_picture_is_as_large_as_it_is_shown():
    root = ElementTree.fromstring(drawn(trend(3, 12)))
    assert (root.get("width"), root.get("height")) == ("760pt", "280pt")


def test_japanese_letters_are_drawn_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture = drawn(Trend((mark("11月", 3),), (1.0, 7.0), has_zero=False, note="低いほど良い"))
    assert b"<text" not in picture  # outlines: they show on every machine


@pytest.mark.parametrize("values", [(), (None,), (5,), (None, 5, None), (5, None, 7), (-100, 100)])
def test_gaps_and_edges_can_be_drawn(values):
    ElementTree.fromstring(drawn(trend(*values, label="Jan")))


def test_a_month_with_too_few_answers_is_a_gap(app, standing):
    scale = SCALES["nps"]
    few, many = (summary(scale, [0] * 10 + [n]) for n in (4, 40))
    with speaking("en"):
        drawing = words.drawing(scale, [Point(standing.date(), few), Point(standing.date(), many)])
    assert [each.value for each in drawing.marks] == [None, 100.0]
    assert [each.n for each in drawing.marks] == [4, 40]


def test_a_browser_gets_a_picture_again_only_when_it_changed(lead, answered):
    answered([9] * 6)
    path = "/charts/nps.svg?theme=light&size=wide&lang=ja"
    first = lead.get(path)
    assert (first.status_code, first.mimetype) == (200, "image/svg+xml")
    assert first.headers["Cache-Control"] == "private, no-cache"
    known = {"If-None-Match": first.headers["ETag"]}
    assert (lead.get(path, headers=known).status_code, lead.get(path, headers=known).data) == (304, b"")
    answered([2] * 6)
    assert lead.get(path, headers=known).status_code == 200


@pytest.mark.parametrize(
    "odd",
    [
        "x.svg?theme=light&size=wide&lang=en",
        "nps.svg",
        "nps.svg?theme=x&size=wide&lang=en",
        "nps.svg?theme=light&size=9&lang=en",
        "nps.svg?theme=light&size=wide&lang=fr",
    ],
)
def test_an_odd_address_is_no_chart(lead, odd):
    assert lead.get(f"/charts/{odd}").status_code == 404


def test_strangers_see_no_chart(client):
    assert client.get("/charts/nps.svg?theme=light&size=wide&lang=en").status_code in {302, 303, 401}
