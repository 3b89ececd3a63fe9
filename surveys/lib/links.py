"""Where links lead: back only ever to a page of ours, and out only to hosts that were allowed (X-08)."""

from __future__ import annotations

import re
from collections.abc import Collection

from flask import current_app, request
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

# One slash, then a path: no host, no backslash, no control character can hide in it.
OURS = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")

HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
# A host and no more before the path: no log-in, no other port, nothing that a browser would read differently.
OUTSIDE = re.compile(r"https://([A-Za-z0-9.-]+)(:443)?([/?#][^\s\\]*)?")

# A page of anybody's that a browser may be sent to: no other scheme, and no blank or backslash read differently.
WEB = re.compile(r"https?://[^\s\\/?#]+([/?#][^\s\\]*)?")


def is_ours(target: str | None) -> bool:
    """Whether `target` is a path on this installation."""
    return bool(target and len(target) < 2000 and OURS.fullmatch(target))


def is_allowed(target: str, hosts: Collection[str]) -> bool:
    """Whether `target` is https and on one of these hosts, to the letter."""
    found = OUTSIDE.fullmatch(target)
    return bool(found and target.isprintable() and found[1].lower() in hosts)


def is_web(target: str) -> bool:
    """Whether `target` is the whole address of a web page, which runs nothing."""
    return bool(WEB.fullmatch(target) and target.isprintable())


def web_or_none(target: str) -> str:
    """The address of a web page; empty for whatever else is kept in its place."""
    return target if is_web(target) else ""


def back_or(fallback: str) -> str:
    """The page named in the form's or query's `next` when it is ours, else `fallback`."""
    target = request.form.get("next") or request.args.get("next")
    return target if target is not None and is_ours(target) else fallback


def opened(target: str) -> str:
    """The page at this address of ours, or the nearest above it: some addresses take forms and cannot be opened."""
    path = target.partition("?")[0]
    taken = _rule(path, "POST")
    only_takes_forms = taken is not None and taken != _rule(path, "GET")
    return opened(path.rpartition("/")[0] or "/") if only_takes_forms else target


def _rule(path: str, method: str) -> str | None:
    try:
        rule, _values = current_app.url_map.bind("").match(path, method=method, return_rule=True)
    except (MethodNotAllowed, NotFound, RequestRedirect):
        return None
    return str(rule.rule)
