"""Styles of a mail on its elements, as narrow mail clients want them; media queries stay in its head."""

from __future__ import annotations

from typing import Final

from css_inline import CSSInliner

_INLINER: Final = CSSInliner(keep_at_rules=True, minify_css=True, load_remote_stylesheets=False)


def inlined(html: str) -> str:
    return _INLINER.inline(html)
