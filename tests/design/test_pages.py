"""Every page of the house in a real browser, in both languages, themes and widths."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from tests.design import world
from tests.design.axe import come_along, complaints

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

LOOKS = [("en", "light", 1280), ("ja", "dark", 390)]
PARTS = 3  # so that several look at once
# Files, answers for machines, pieces of other pages, and the pages of customers, which have tests of their own.
LEFT_OUT = re.compile(
    r"^/(static|healthz|readyz|gallery|charts|start|s/|u/|o/|links)|\.(csv|svg)$|<(?!int:id>)|/html$|/sample$|audience$"
)
NEEDS_A_CONTACT = {"/responses/new": "/responses/new?contact=1"}
NEEDS_ANOTHER_ROW = re.compile(r"^/(imports|mailbox|messages|suppressions)/<")


def paths(app: Flask) -> list[str]:
    """Every page that GET shows; where it is about one thing, the first one."""
    rules = sorted(str(rule) for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()))
    return [
        NEEDS_A_CONTACT.get(rule, rule.replace("<int:id>", "1"))
        for rule in dict.fromkeys(rules)
        if not LEFT_OUT.search(rule) and not NEEDS_ANOTHER_ROW.search(rule)
    ]


def faults(page: Page, address: str) -> list[str]:
    """What is wrong with one page: its status, its width, what the console and axe say."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    answer = page.goto(address)
    status = answer.status if answer else 0
    too_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [
        *([f"status {status}"] if status != 200 else []),
        *(["too wide"] if too_wide else []),
        *said,
        *complaints(page),
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("language", "scheme", "width"), LOOKS, ids=["english-light-wide", "japanese-dark-phone"])
@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_can_be_used_by_everybody(
    gallery_app: Flask, site: str, browser: Browser, *, part: int, language: str, scheme: str, width: int
):
    with gallery_app.app_context():
        world.build()
        session = world.cookie(gallery_app, language)
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    come_along(context)
    context.add_cookies([{"name": "koe", "value": session, "url": site}])
    found = {}
    for path in paths(gallery_app)[part::PARTS]:
        page = context.new_page()
        found[path] = faults(page, site + path)
        page.close()
    context.close()
    assert {path: lines for path, lines in found.items() if lines} == {}
