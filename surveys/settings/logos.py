"""A logo as it came, made into the small PNG that mails and pages show: checked by content, drawn anew, nothing kept.

What a stranger's file holds besides its picture (places, names, scripts in an SVG) never reaches a customer.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps

from surveys.lib.errors import Invalid
from surveys.lib.i18n import _

LARGEST: Final = 2 * 1024 * 1024  # bytes
MOST_PIXELS: Final = 25_000_000  # a file of two kilobytes can unfold to gigabytes
FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF")
SHOWN: Final = (200, 40)  # pixels of a page; kept twice as fine for sharp screens
MOST_BYTES: Final = 4400  # so that a page with its logo inside arrives in one go
_FINENESS: Final = (2, 1.5, 1)
_COLOURS: Final = (256, 128, 64, 32, 16)


def small(data: bytes) -> bytes:
    """The logo as PNG of at most `MOST_BYTES`, twice as fine as it is shown where that fits. Raises `Invalid`."""
    if len(data) > LARGEST:
        raise Invalid(_("This file is larger than 2 MB. Please choose a smaller one."))
    picture = _trimmed(_opened(data))
    return next(png for fineness in _FINENESS for png in _tries(picture, fineness) if len(png) <= MOST_BYTES)


def shown_size(png: bytes) -> tuple[int, int]:
    """Width and height at which a kept logo is shown: never larger than it is."""
    width, height = struct.unpack(">II", png[16:24])
    scale = min(1.0, SHOWN[0] / width, SHOWN[1] / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _opened(data: bytes) -> Image.Image:
    """The first picture of the file, upright, with nothing but its pixels."""
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as file:
            if file.width * file.height > MOST_PIXELS:
                raise Invalid(_("This picture has too many pixels. 800 × 160 are plenty."))
            upright = ImageOps.exif_transpose(file).convert("RGBA")
    except (OSError, ValueError, SyntaxError, struct.error, Image.DecompressionBombError, Warning):
        raise Invalid(_("This is not a picture we can read. Please choose a PNG, JPEG, WebP or GIF file.")) from None
    clean = Image.new("RGBA", upright.size)
    clean.paste(upright)
    return clean


def _trimmed(picture: Image.Image) -> Image.Image:
    """Without the empty margin around it."""
    box = picture.getbbox()
    if box is None:
        raise Invalid(_("This picture is empty."))
    return picture.crop(box)


def _tries(picture: Image.Image, fineness: float) -> Iterator[bytes]:
    """The picture as fine as this in all its colours, then with fewer and fewer; 16 at its plainest always fit."""
    drawn = picture.copy()
    drawn.thumbnail((SHOWN[0] * fineness, SHOWN[1] * fineness), Image.Resampling.LANCZOS)
    yield _encoded(drawn)
    for number in _COLOURS:
        yield _encoded(drawn.quantize(number, Image.Quantize.FASTOCTREE))


def _encoded(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
