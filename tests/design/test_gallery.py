"""The components in a real browser: axe has no complaint, nothing is too wide, keys do what they say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.design.axe import come_along, complaints
from tests.design.gallery import PAGES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

LOOKS = [
    ("en", "light", "none", 1280),
    ("ja", "dark", "none", 1280),
    ("ja", "light", "none", 320),
    ("en", "dark", "none", 320),
    ("en", "light", "active", 1280),
]
ALL = (*PAGES, "form?wrong=1")


@pytest.fixture
def look(browser: Browser, request: pytest.FixtureRequest) -> Iterator[tuple[str, Page]]:
    """A page with this language, theme, contrast mode and width."""
    language, scheme, forced, width = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, forced_colors=forced, reduced_motion="reduce"
    )
    context.set_default_timeout(10_000)
    come_along(context)
    yield language, context.new_page()
    context.close()


@pytest.mark.parametrize("look", LOOKS, indirect=True, ids=lambda look: "-".join(str(part) for part in look))
def test_every_component_can_be_used_by_everybody(gallery: str, look: tuple[str, Page]):
    language, page = look
    found = {}
    for name in ALL:
        page.goto(f"{gallery}/{name}{'&' if '?' in name else '?'}lang={language}")
        found[name] = complaints(page)
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize("look", [LOOKS[0], LOOKS[2], LOOKS[3]], indirect=True, ids=["wide", "narrow-ja", "narrow-en"])
def test_no_page_is_wider_than_the_screen(gallery: str, look: tuple[str, Page]):
    language, page = look
    too_wide = []
    for name in ALL:
        page.goto(f"{gallery}/{name}{'&' if '?' in name else '?'}lang={language}")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            too_wide.append(name)
    assert too_wide == []


def test_slash_goes_to_the_search_field_and_escape_leaves_it(gallery: str, page: Page):
    page.goto(f"{gallery}/list")
    page.wait_for_selector("[data-keys-open]:not([hidden])", state="attached")
    page.keyboard.press("/")
    searching = page.evaluate("document.activeElement.matches('[data-search]')")
    page.keyboard.press("Escape")
    assert (searching, page.evaluate("document.activeElement === document.body")) == (True, True)


def test_g_and_q_go_to_the_queue(gallery: str, page: Page):
    page.goto(f"{gallery}/detail")
    page.wait_for_selector("[data-keys-open]:not([hidden])", state="attached")
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url(lambda url: url != f"{gallery}/detail")
    assert "/gallery/" not in page.url or page.url.endswith("followups.queue")


def test_j_and_k_walk_the_rows(gallery: str, page: Page):
    page.goto(f"{gallery}/list")
    page.wait_for_selector("[data-keys-open]:not([hidden])", state="attached")
    for key in "jjjk":
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#1"


def test_a_question_mark_lists_the_keys_and_they_can_be_switched_off(gallery: str, page: Page):
    page.goto(f"{gallery}/list")
    page.wait_for_selector("[data-keys-open]:not([hidden])", state="attached")
    page.keyboard.press("?")
    words = page.locator("#keys dl").inner_text()
    page.keyboard.press("Escape")
    page.goto(f"{gallery}/list?keys=off")
    page.wait_for_selector("[data-keys-open]:not([hidden])", state="attached")
    page.keyboard.press("?")
    assert ("Next row" in words, "Queue" in words, page.locator("#keys").is_visible()) == (True, True, False)


def test_a_step_that_cannot_be_undone_is_asked_about_first(gallery: str, page: Page):
    page.goto(f"{gallery}/list")
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Delete user").click()
    asked = page.locator("#ask").inner_text()
    page.get_by_role("button", name="Cancel").click()
    still_there = page.url.endswith("/gallery/list")
    page.get_by_role("button", name="Delete user").click()
    page.locator("#ask").get_by_role("button", name="Delete user").click()
    page.get_by_text("Saved.").wait_for()
    assert ("Delete Aoi Tanaka?" in asked, still_there) == (True, True)


def test_empty_filters_stay_out_of_the_address(gallery: str, page: Page):
    page.goto(f"{gallery}/list")
    page.wait_for_load_state("networkidle")
    page.get_by_label("Tier").select_option("low_touch")
    page.wait_for_url("**/list?tier=low_touch")
    assert page.get_by_label("Tier").input_value() == "low_touch"


def test_tab_reaches_the_skip_link_first(gallery: str, page: Page):
    page.goto(f"{gallery}/list")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
