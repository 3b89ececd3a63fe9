"""A brand's colour: whether it can be read, the nearest that can, and the one for the dark (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from colorsys import hls_to_rgb, rgb_to_hls
from typing import Final

OURS: Final = "#0b5563"  # until a brand has a colour of its own; the stylesheets have it, by day and by night
OURS_DARK: Final = "#7cc4cc"
READABLE: Final = 4.5  # the least contrast of text
PAPER: Final = "#ffffff"
# Of the grounds on which the colour stands in the dark the lightest, and what is written on the colour there.
DARK_PAPER: Final = "#2a2825"
DARK_INK: Final = "#181715"
_CALM: Final = 0.5  # the most saturation that does not glare in the dark
_HEX: Final = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)


def parsed(text: str) -> str | None:
    """A colour as it is kept, "#0b5563", from "#0B5563", "0b5563" or "#abc"; None when it is none."""
    found = _HEX.fullmatch(text.strip())
    if found is None:
        return None
    digits = found[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white), as WCAG 2.2 defines the contrast ratio."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def is_readable(colour: str) -> bool:
    """Whether it can be read on white, which is the same as white on it."""
    return contrast(colour, PAPER) >= READABLE


def nearest(colour: str) -> str:
    """The same colour, only as much darker as it has to be to be read on white."""
    shades = (
        _hex(tuple(round(channel * share / 100) for channel in _channels(colour))) for share in range(100, -1, -1)
    )
    return next(shade for shade in shades if is_readable(shade))


def dark(colour: str) -> str:
    """The same hue for the dark: calm, and as light as it has to be to be read there, with dark ink on it."""
    if colour == OURS:
        return OURS_DARK
    red, green, blue = (channel / 255 for channel in _channels(colour))
    hue, lightness, saturation = rgb_to_hls(red, green, blue)
    start, calm = round(lightness * 100), min(saturation, _CALM)
    tints = (_hex(tuple(round(each * 255) for each in hls_to_rgb(hue, step / 100, calm))) for step in range(start, 101))
    return next(tint for tint in tints if contrast(tint, DARK_PAPER) >= READABLE)


def style(colour: str) -> str:
    """The colour as custom properties of the public pages, by day and by night; nothing for the one they have."""
    if colour == OURS:
        return ""
    return (
        f":root{{--accent:{colour};--on:{PAPER}}}"
        f"@media (prefers-color-scheme:dark){{:root{{--accent:{dark(colour)};--on:{DARK_INK}}}}}"
    )


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _hex(channels: Iterable[int]) -> str:
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
