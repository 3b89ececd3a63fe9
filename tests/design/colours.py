"""Colours of the stylesheets and their contrast (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

import re
from pathlib import Path

CSS = Path(__file__).resolve().parents[2] / "static" / "css"
PAIR = re.compile(r"--([a-z0-9-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)")
SINGLE = re.compile(r"--([a-z0-9-]+):(#[0-9a-f]{3,6})")


def themes() -> dict[str, dict[str, str]]:
    """The tokens of the staff pages, by theme."""
    found = PAIR.findall((CSS / "tokens.css").read_text(encoding="utf-8"))
    return {"light": {name: light for name, light, _ in found}, "dark": {name: dark for name, _, dark in found}}


def public_themes() -> dict[str, dict[str, str]]:
    """The tokens of the customers' pages; the dark ones stand in a media query."""
    light, dark, *_ = (CSS / "public.css").read_text(encoding="utf-8").split("\n")
    return {"light": dict(SINGLE.findall(light)), "dark": dict(SINGLE.findall(dark))}


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white); WCAG 2.2, definition of contrast ratio."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = (_linear(int(digits[at : at + 2], 16) / 255) for at in (0, 2, 4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
