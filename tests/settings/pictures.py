"""Pictures as people upload them, good and bad, drawn here so that no file has to be kept."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw


def picture(form: str = "PNG", size: tuple[int, int] = (800, 160), mode: str = "RGBA", **saved: object) -> bytes:
    """A plain logo: a disc and a bar."""
    drawn = Image.new(mode, size, (255, 255, 255, 0) if mode == "RGBA" else "white")
    pen = ImageDraw.Draw(drawn)
    ink = (11, 85, 99, 255) if mode == "RGBA" else "#0b5563"
    pen.ellipse((0, 0, size[1] - 1, size[1] - 1), fill=ink)
    pen.rectangle((size[0] * 0.6, size[1] * 0.3, size[0] - 1, size[1] - 1), fill=ink)
    return encoded(drawn, form, **saved)


def noise(size: tuple[int, int] = (400, 80)) -> bytes:
    """What no palette makes small."""
    dice = Random(7)
    return encoded(Image.frombytes("RGB", size, dice.randbytes(size[0] * size[1] * 3)), "PNG")


def encoded(drawn: Image.Image, form: str, **saved: object) -> bytes:
    out = BytesIO()
    drawn.save(out, form, **saved)
    return out.getvalue()


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A few bytes that say they are billions of pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
