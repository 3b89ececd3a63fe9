"""What axe-core has to say about a page (WCAG 2.2 AA and its best practices)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from axe_playwright_python.base import AXE_SCRIPT

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},  # the one rule of WCAG 2.2, off by default
    "resultTypes": ["violations"],
}


# What depends on colours and widths; the rest is the same in every look.
OF_LOOKS = {"runOnly": {"type": "rule", "values": ["color-contrast", "target-size"]}, "resultTypes": ["violations"]}


def complaints(page: Page) -> list[str]:
    """A line for each thing found: the rule and where."""
    install(page)
    return found(page)


def come_along(context: BrowserContext) -> BrowserContext:
    """Have axe on every page from its start: handing it to one page after another takes a tenth of a second each."""
    context.add_init_script(AXE_SCRIPT)
    return context


def install(page: Page) -> None:
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(f"() => {{ {AXE_SCRIPT} }}")


def found(page: Page, rules: Any = None) -> list[str]:
    """The same on a page where axe is already, by these rules or all of them."""
    said: Any = page.evaluate(f"() => axe.run(document, {json.dumps(rules or RULES)})")
    return [f"{rule['id']}: {node['target']}" for rule in said["violations"] for node in rule["nodes"]]
