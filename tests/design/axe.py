"""What axe-core has to say about a page (WCAG 2.2 AA and its best practices)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from axe_playwright_python.base import AXE_SCRIPT

if TYPE_CHECKING:
    from playwright.sync_api import Page

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},  # the one rule of WCAG 2.2, off by default
    "resultTypes": ["violations"],
}


def complaints(page: Page) -> list[str]:
    """A line for each thing found: the rule and where."""
    page.evaluate(f"() => {{ {AXE_SCRIPT} }}")
    found: Any = page.evaluate(f"() => axe.run(document, {json.dumps(RULES)})")
    return [f"{rule['id']}: {node['target']}" for rule in found["violations"] for node in rule["nodes"]]
