"""Every pair of colours that meets on a page can be read, in both themes (WCAG 2.2 AA)."""

from __future__ import annotations

import pytest

from tests.design.colours import contrast, public_themes, themes

READABLE = 4.5
VISIBLE = 3.0
GROUNDS = ("paper", "surface", "sunken", "hover")
TEXTS = [(text, ground) for text in ("ink", "ink-2", "ink-3", "accent", "alert") for ground in GROUNDS]
ON_FILLS = [
    ("accent-ink", "accent"),
    ("accent-ink", "accent-hover"),
    ("alert-ink", "alert-fill"),
    ("ink", "accent-soft"),
    ("ink-2", "accent-soft"),
    ("accent", "accent-soft"),
    ("accent-hover", "accent-soft"),
    ("ink", "alert-soft"),
    ("alert", "alert-soft"),
]
SEGMENTS = [
    (side, ground) for side in ("good", "middle", "bad") for ground in (*GROUNDS, f"{side}-soft") if ground != "hover"
]
CONTROLS = [("line-strong", ground) for ground in ("paper", "surface", "sunken")]
RINGS = [("focus", ground) for ground in GROUNDS]
FILLS = [(f"{side}-fill", ground) for side in ("good", "middle", "bad") for ground in ("paper", "surface")]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("pair", TEXTS + ON_FILLS + SEGMENTS, ids=" on ".join)
def test_text_can_be_read(theme: str, pair: tuple[str, str]):
    colours = themes()[theme]
    assert contrast(colours[pair[0]], colours[pair[1]]) >= READABLE


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("pair", CONTROLS + RINGS + FILLS, ids=" on ".join)
def test_controls_and_marks_can_be_seen(theme: str, pair: tuple[str, str]):
    colours = themes()[theme]
    assert contrast(colours[pair[0]], colours[pair[1]]) >= VISIBLE


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_segments_differ_in_lightness_or_hue_from_the_colour_of_lateness(theme: str):
    colours = themes()[theme]
    names = ("good", "middle", "bad", "alert", "accent")
    assert len({colours[name] for name in names}) == len(names)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_customers_page_can_be_read(theme: str):
    colours = public_themes()[theme]
    texts = [
        ("ink", "paper"),
        ("ink", "soft"),
        ("ink-2", "paper"),
        ("accent", "paper"),
        ("on", "accent"),
        ("alert", "paper"),
    ]
    too_weak = [pair for pair in texts if contrast(colours[pair[0]], colours[pair[1]]) < READABLE]
    too_faint = [] if contrast(colours["line"], colours["paper"]) >= VISIBLE else ["line on paper"]
    assert (too_weak, too_faint) == ([], [])


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
