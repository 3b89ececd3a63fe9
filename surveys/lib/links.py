"""Where to go back to: only ever to a page of ours (X-08)."""

from __future__ import annotations

import re

from flask import request

# One slash, then a path: no host, no backslash, no control character can hide in it.
OURS = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def is_ours(target: str | None) -> bool:
    """Whether `target` is a path on this installation."""
    return bool(target and len(target) < 2000 and OURS.fullmatch(target))


def back_or(fallback: str) -> str:
    """The page named in the form's or query's `next` when it is ours, else `fallback`."""
    target = request.form.get("next") or request.args.get("next")
    return target if target is not None and is_ours(target) else fallback
