"""Cutting text into pieces of two letters, the same for every script, so that any part of any word is found.

「料金」 is one piece, "Slack" is sl·la·ac·ck; the last letter of a run stands alone besides, so that a single letter
is found as the beginning of some piece. Pure.
"""

from __future__ import annotations

import re
import unicodedata

RUN = re.compile(r"[^\W_]+")
LONGEST_QUERY = 100  # letters


def runs(text: str) -> list[str]:
    """The runs of letters and digits, in the form in which they are compared."""
    return RUN.findall(unicodedata.normalize("NFKC", text).casefold())


def pieces(text: str) -> list[str]:
    """What goes into the index, in order."""
    return [piece for run in runs(text) for piece in _of_run(run)]


def wanted(text: str) -> list[list[str]]:
    """What a search asks for: for each run its pieces, one after the other; a run of one letter is itself."""
    return [[run] if len(run) == 1 else _of_run(run)[:-1] for run in runs(text[:LONGEST_QUERY])]


def _of_run(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run))]
