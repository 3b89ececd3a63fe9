"""The one stylesheet inside a public page, and the policy that allows it by its hash."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from typing import Final

from markupsafe import Markup

from surveys.config import ROOT

MOST_KEPT: Final = 1000


@lru_cache(maxsize=MOST_KEPT)
def stylesheet(extra: str = "") -> Markup:
    """The one stylesheet of a public page, as it stands inside it; `extra`: ours as well, made of keys."""
    shared = (ROOT / "static" / "css" / "public.css").read_text(encoding="utf-8").strip()
    return Markup(shared + extra)  # noqa: S704 our own file


@lru_cache(maxsize=MOST_KEPT)
def policy(extra: str = "") -> str:
    digest = base64.b64encode(hashlib.sha256(stylesheet(extra).encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
