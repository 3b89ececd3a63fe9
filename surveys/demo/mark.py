"""The logo of the demo company, drawn when it is made: a clock and its name."""

from __future__ import annotations

from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw, ImageFont

COLOUR: Final = "#1f4e8c"  # the blue of a harbour
INK: Final = (31, 78, 140, 255)


def drawn() -> bytes:
    picture = Image.new("RGBA", (800, 160), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((12, 12, 148, 148), outline=INK, width=14)
    pen.line([(80, 44), (80, 82), (106, 98)], fill=INK, width=12, joint="curve")
    pen.text((184, 80), "Minato Time", fill=INK, font=ImageFont.load_default(96), anchor="lm")
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
