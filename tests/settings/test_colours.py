"""A brand's colour: measured as the standard says, mended to the nearest that can be read, and lit for the dark."""

import pytest

from surveys.settings import colours
from tests.design.colours import contrast, public_themes

BRIGHT = ["#ffcc00", "#ff0000", "#00ff88", "#7fb3ff", "#ffffff", "#cccccc", "#e94e1b"]
DEEP = ["#0b5563", "#8a1c5a", "#000000", "#1a1aff", "#8f7200", "#333333"]


@pytest.mark.parametrize(("one", "other", "ratio"), [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.478)])
def test_contrast_is_that_of_the_standard(one, other, ratio):
    assert colours.contrast(one, other) == colours.contrast(other, one) == pytest.approx(ratio, abs=0.001)


@pytest.mark.parametrize("colour", BRIGHT + DEEP)
def test_it_agrees_with_the_measure_of_the_design_tests(colour):
    assert colours.contrast(colour, "#ffffff") == pytest.approx(contrast(colour, "#ffffff"))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("#0B5563", "#0b5563"), ("0b5563", "#0b5563"), (" #abc ", "#aabbcc"), ("red", None), ("#12345", None),
     ("#0b5563;}", None), ("url(x)", None), ("", None), ("#0b55630", None)],
)  # fmt: skip
def test_colours_are_digits_and_nothing_else(typed, kept):
    assert colours.parsed(typed) == kept


@pytest.mark.parametrize("colour", BRIGHT)
def test_the_nearest_readable_colour_is_just_readable(colour):
    found = colours.nearest(colour)
    assert not colours.is_readable(colour)
    assert 4.5 <= colours.contrast(found, "#ffffff") < 4.7


@pytest.mark.parametrize("colour", DEEP)
def test_a_readable_colour_is_its_own_nearest(colour):
    assert (colours.is_readable(colour), colours.nearest(colour)) == (True, colour)


@pytest.mark.parametrize("colour", DEEP + [colours.nearest(each) for each in BRIGHT])
def test_in_the_dark_it_can_be_read_on_every_ground_and_written_on(colour):
    themes = public_themes()["dark"]
    lit = colours.dark(colour)
    grounds = [themes["paper"], themes["soft"], "#201e1c"]
    assert min(contrast(lit, ground) for ground in grounds) >= 4.5
    assert contrast(lit, colours.DARK_INK) >= 4.5


def test_our_own_colour_is_the_one_of_the_stylesheets():
    themes = public_themes()
    assert (themes["light"]["accent"], themes["dark"]["accent"]) == (colours.OURS, colours.OURS_DARK)
    assert colours.style(colours.OURS) == ""


def test_a_style_is_nothing_but_colours():
    assert colours.style("#8a1c5a").startswith(
        ":root{--accent:#8a1c5a;--on:#ffffff}@media (prefers-color-scheme:dark){"
    )
