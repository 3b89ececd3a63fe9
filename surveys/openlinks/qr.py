"""The address of a link as a picture that telephones read: for paper, so with a quarter of it allowed to be dirt."""

from __future__ import annotations

import io
from typing import Final

import segno

CORRECTION: Final = "q"  # 25 percent of the picture may be lost
QUIET: Final = 4  # modules of white around it, as the standard asks
SMALLEST, USUAL, LARGEST = 2, 20, 40  # dots of a PNG for each module; 20 are some 8 cm at 300 dpi
TYPES: Final = {"svg": "image/svg+xml", "png": "image/png"}


def picture(address: str, ending: str, *, dots: int = USUAL) -> bytes:
    """A QR code, black on white in every theme: a code of light on dark is read by few telephones."""
    code = segno.make(address, error=CORRECTION, boost_error=False, micro=False)
    out = io.BytesIO()
    if ending == "svg":
        code.save(out, kind="svg", border=QUIET, dark="#000", light="#fff", omitsize=True, nl=False)
    else:
        code.save(out, kind="png", border=QUIET, dark="#000", light="#fff", scale=min(max(dots, SMALLEST), LARGEST))
    return out.getvalue()
