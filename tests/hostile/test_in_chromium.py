"""X-05 in a real browser: with all payloads in every field, nothing runs, and nothing of them is more than text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from surveys.lib.db import db
from tests.hostile import filling, planting, town, walking
from tests.hostile.payloads import PAYLOADS
from tests.hostile.town import Town

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog

    from tests.hostile.conftest import Stage

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.only("sqlite")]

BROKEN_OUT = """(page) => [...page.querySelectorAll("*")].filter((element) =>
    element.localName.includes("probe") || ["math", "object", "embed", "applet"].includes(element.localName)
    || [...element.attributes].some(({name}) => name.startsWith("on") || name.includes("probe"))
    || /^(javascript|vbscript|data:text)/i.test(element.href ?? element.src ?? element.action ?? "")
).map((element) => element.outerHTML.slice(0, 120))"""
# In a page that is shut in nobody runs anything, not even we: its DOM is looked at on a page of ours.
HERE, ELSEWHERE = (
    f"() => ({BROKEN_OUT})(document)",
    f"""(html) =>
    ({BROKEN_OUT})(new DOMParser().parseFromString(html, "text/html"))""",
)
REFUSED = ("Content Security Policy", "Refused to", "Blocked script", "sandboxed")


class Looker:
    """Looks at answers in Chromium, and notes what should not be seen or said."""

    def __init__(self, context: BrowserContext, stage: Stage) -> None:
        self.page, self.beside, self.stage = context.new_page(), context.new_page(), stage
        self.said: list[str] = []
        context.on("dialog", self._dismiss)
        context.on("weberror", lambda error: self.said.append(f"error: {error.error}"))
        context.on("console", self._hear)

    def faults(self, answer: TestResponse) -> list[str]:
        self.said.clear()
        self.page.goto(self.stage.put(answer), wait_until="load")
        if "sandbox" in answer.headers.get("Content-Security-Policy", ""):
            return [*self.said, *self.beside.evaluate(ELSEWHERE, answer.text)]
        return [*self.said, *self.page.evaluate(HERE)]

    def _dismiss(self, dialog: Dialog) -> None:
        self.said.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _hear(self, message: ConsoleMessage) -> None:
        if any(words in message.text for words in REFUSED):
            self.said.append(message.text)


def pages(app: Flask, staff: FlaskClient, here: Town, words: str) -> Iterator[tuple[str, TestResponse]]:
    """Every page of staff and of customers, with these words in every field, and what is said when they are refused."""
    planting.plant(words)
    town.letters()
    shown = []
    for name, answer in chain(
        walking.staff_pages(app, staff, here.beside), walking.customer_pages(app.test_client(), here, words)
    ):
        if answer.mimetype == "text/html" and answer.get_data():
            shown.append((name, answer.text))
            yield name, answer
    for name, answer in filling.send_all(staff, shown, words[:400], set()):
        if answer.mimetype == "text/html" and answer.status_code == 400:
            yield name, answer


def test_nothing_runs_and_nothing_is_more_than_text(app, stage, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    looker = Looker(context, stage)
    here = town.build()
    staff = town.visitor(app, here, "en")
    cookie = staff.get_cookie("koe")
    assert cookie
    context.add_cookies([{"name": "koe", "value": cookie.value, "url": stage.address}])
    shown = list(pages(app, staff, here, "".join(PAYLOADS)))
    db.session.commit()  # whoever reads here holds the place of a writer, and the pages have pictures to fetch
    found = {name: looker.faults(answer) for name, answer in shown}
    context.close()
    assert {name: faults for name, faults in found.items() if faults} == {}
    assert len(found) > 250


def test_the_browser_would_say_so(app, stage, browser):
    """A page that lets them through: the dialog opens without our policy, and is refused with it."""
    context = browser.new_context()
    looker = Looker(context, stage)
    page = app.test_client().get("/login")
    policy = page.headers.pop("Content-Security-Policy")
    page.set_data("<!doctype html><title>x</title><x-probe></x-probe><svg onload=alert('x-probe')></svg>")
    page.headers["Content-Length"] = str(len(page.get_data()))
    assert {"dialog: x-probe"} < set(looker.faults(page))
    page.headers["Content-Security-Policy"] = policy
    assert any("Content Security Policy" in line for line in looker.faults(page))
    context.close()
