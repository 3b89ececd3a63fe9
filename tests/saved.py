"""Mails compared with saved ones to the letter. When a change is meant: KOE_SAVE_MAILS=1, then read the difference."""

from __future__ import annotations

import os
from pathlib import Path


def compare(path: Path, text: str) -> None:
    if os.environ.get("KOE_SAVE_MAILS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text
