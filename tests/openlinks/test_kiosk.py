"""The tablet in a real browser: online, offline, online again; it comes back by itself and keeps nobody's words."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from surveys.lib.db import db, reading
from surveys.openlinks import pages
from tests.openlinks.strangers import make_kiosk, stored

pytestmark = [pytest.mark.browser, pytest.mark.only("sqlite")]
QUESTION = re.compile("How likely are you")
ANSWERED = ("score", "comment", "language", "answered_at", "counts")


@pytest.fixture
def kiosk(app):
    return make_kiosk()


@pytest.fixture
def path(served, kiosk):
    """Where the tablet is; nothing of the test's own stands in the way of who writes."""
    found = served + pages.path(kiosk)
    db.session.rollback()
    return found


@pytest.fixture
def tablet(browser, path):
    """A tablet on which somebody started the kiosk."""
    context = browser.new_context(viewport={"width": 1024, "height": 768}, locale="ja", has_touch=True)
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto(path)
    page.wait_for_selector("[data-ready=yes]")
    yield page
    context.close()


def press(page, score: int, words: str = "") -> None:
    page.locator(f"label[for=s{score}]").click()
    if words:
        page.get_by_role("textbox").fill(words)
    page.get_by_role("button", name=f"Send {score}").click()
    expect(page.get_by_role("heading", name="Thank you for your answer")).to_be_visible()


def next_person(page) -> None:
    page.get_by_role("button", name="Go to the question").click()
    expect(page.get_by_role("heading", name=QUESTION)).to_be_visible()


def arrived(page, number: int) -> list:
    """What the server has, once nothing waits on the device."""
    expect(page.locator("[data-waiting]")).to_be_empty()
    for _ in range(50):
        if len(kept()) >= number:
            break
        page.wait_for_timeout(100)
    return [(each["score"], each["comment"]) for each in kept()]


def kept() -> list[dict]:
    """What the server has at this moment."""
    with reading():
        return [{name: getattr(each, name) for name in ANSWERED} for each in stored()]


def test_one_after_the_other_answers_and_finds_an_empty_page(tablet):
    press(tablet, 9, "The first one's words")
    assert tablet.evaluate("document.activeElement.tagName") == "H1"
    next_person(tablet)
    assert tablet.get_by_role("textbox").input_value() == ""
    assert tablet.locator("input:checked").count() == 0
    press(tablet, 2)
    assert arrived(tablet, 2) == [(9, "The first one's words"), (2, "")]


def test_it_returns_to_the_question_by_itself(tablet):
    tablet.clock.install()
    tablet.reload()
    press(tablet, 9)
    tablet.clock.fast_forward(9_000)
    expect(tablet.get_by_role("heading", name=QUESTION)).to_be_visible()
    expect(tablet.get_by_role("heading", name="Thank you for your answer")).to_be_hidden()


def test_who_walks_away_leaves_nothing_behind_and_who_stays_is_asked_first(tablet):
    tablet.clock.install()
    tablet.reload()
    words = tablet.get_by_role("textbox")
    tablet.locator("label[for=s3]").click()
    words.fill("Half a sentence")
    tablet.clock.fast_forward(41_000)
    expect(tablet.get_by_role("alert")).to_contain_text("Are you still there?")
    tablet.get_by_role("button", name="Go on answering").click()
    expect(tablet.get_by_role("alert")).to_be_hidden()
    tablet.clock.fast_forward(30_000)
    assert words.input_value() == "Half a sentence"
    tablet.clock.fast_forward(11_000)
    expect(tablet.get_by_role("alert")).to_be_visible()
    tablet.clock.fast_forward(21_000)
    assert (words.input_value(), tablet.locator("input:checked").count(), kept()) == ("", 0, [])


def test_without_a_network_it_goes_on_and_sends_later_in_order(tablet):
    tablet.context.set_offline(True)
    for score in (10, 0, 7):
        press(tablet, score, f"Offline {score}")
        next_person(tablet)
    expect(tablet.locator("[data-waiting]")).to_have_text("3 answers wait to be sent")
    tablet.reload()
    expect(tablet.get_by_role("heading", name=QUESTION)).to_be_visible()
    expect(tablet.locator("[data-waiting]")).to_have_text("3 answers wait to be sent")
    assert tablet.get_by_role("textbox").input_value() == ""
    press(tablet, 5)
    next_person(tablet)
    assert kept() == []
    tablet.context.set_offline(False)
    assert arrived(tablet, 4) == [(10, "Offline 10"), (0, "Offline 0"), (7, "Offline 7"), (5, "")]
    given = [each["answered_at"] for each in kept()]
    assert given == sorted(given)


def test_nothing_is_lost_when_the_tablet_is_started_anew(tmp_path, path, playwright_chromium):
    """The same profile on disk, as after a battery that ran empty."""
    for is_first in (True, False):
        context = playwright_chromium(tmp_path / "profile")
        page = context.pages[0] if context.pages else context.new_page()
        if is_first:
            page.goto(path)
            page.wait_for_selector("[data-ready=yes]")
            context.set_offline(True)
            press(page, 4, "Kept over night")
        else:
            page.goto(path)
            assert arrived(page, 1) == [(4, "Kept over night")]
        context.close()


def test_a_server_that_is_busy_or_gone_takes_nothing_twice_and_loses_nothing(tablet):
    """The reply of the first sending is lost on its way; the device sends it again."""
    seen = []

    def lose_the_reply(route):
        seen.append(route.request.post_data)
        if len(seen) == 1:
            route.fetch()
            route.abort()
        elif len(seen) == 2:
            route.fulfill(status=503)
        else:
            route.continue_()

    tablet.route(
        "**/kiosk", lambda route: lose_the_reply(route) if route.request.method == "POST" else route.continue_()
    )
    for score in (9, 1):
        press(tablet, score)
        next_person(tablet)
    tablet.reload()
    assert arrived(tablet, 2) == [(9, ""), (1, "")]
    assert len(seen) >= 3
    assert seen[0] == seen[1]


def test_what_somebody_else_says_in_our_name_loses_nothing(tablet):
    """A network that answers every request with its own page of welcome, or leads elsewhere."""
    welcome = {"status": 200, "content_type": "text/html", "body": "<h1>Welcome to our Wi-Fi</h1>"}
    replies = [welcome, {"status": 303, "headers": {"Location": "/login"}}, {**welcome, "status": 400}]

    def stand_between(route):
        if route.request.method == "POST" and replies:
            route.fulfill(**replies.pop(0))
        else:
            route.continue_()

    tablet.route("**/kiosk", stand_between)
    for _ in range(3):
        press(tablet, 8, "Patient")
        next_person(tablet)
        tablet.wait_for_timeout(300)
    tablet.reload()
    assert replies == []
    assert arrived(tablet, 3) == [(8, "Patient")] * 3


def test_what_the_server_never_takes_does_not_block_what_comes_after(tablet):
    tablet.context.set_offline(True)
    press(tablet, 9)
    next_person(tablet)
    tablet.evaluate(
        """() => new Promise((done) => {
            const asked = indexedDB.open("koe-kiosk", 1);
            asked.onsuccess = () => {
                const answers = asked.result.transaction("answers", "readwrite").objectStore("answers");
                answers.getAll().onsuccess = (found) => {
                    const [first] = found.target.result;
                    answers.put({ ...first, body: first.body.replace("score=9", "score=99") }).onsuccess = done;
                };
            };
        })"""
    )
    press(tablet, 6)
    tablet.context.set_offline(False)
    assert arrived(tablet, 1) == [(6, "")]


def test_in_the_other_language_it_works_offline_too_and_comes_back_in_the_first(tablet):
    tablet.context.set_offline(True)
    tablet.locator("label[for=s8]").click()
    tablet.get_by_role("textbox").fill("日本語で")
    tablet.get_by_role("button", name="日本語").click()
    tablet.get_by_role("button", name="8点で送信する").wait_for()
    assert tablet.get_by_role("textbox").input_value() == "日本語で"
    tablet.get_by_role("button", name="8点で送信する").click()
    tablet.get_by_role("button", name="はじめの画面に戻る").click()
    expect(tablet.get_by_role("heading", name=QUESTION)).to_be_visible()
    assert tablet.get_by_role("textbox").input_value() == ""
    tablet.context.set_offline(False)
    assert arrived(tablet, 1) == [(8, "日本語で")]
    assert kept()[0]["language"] == "ja"


def test_by_keyboard_alone(tablet):
    tablet.keyboard.press("Tab")
    tablet.keyboard.press("Space")
    for _ in range(7):
        tablet.keyboard.press("ArrowRight")
    tablet.keyboard.press("Tab")
    tablet.keyboard.type("By keys")
    tablet.keyboard.press("Tab")
    tablet.keyboard.press("Enter")
    expect(tablet.get_by_role("heading", name="Thank you for your answer")).to_be_focused()
    tablet.keyboard.press("Tab")
    tablet.keyboard.press("Enter")
    expect(tablet.get_by_role("heading", name=QUESTION)).to_be_visible()
    assert arrived(tablet, 1) == [(7, "By keys")]


def test_without_script_it_is_a_plain_form_that_returns_by_itself(browser, path):
    context = browser.new_context(java_script_enabled=False, locale="en")
    page = context.new_page()
    page.goto(path)
    page.wait_for_timeout(1000)
    page.locator("label[for=s6]").click()
    page.get_by_role("button", name="Send 6").click()
    assert page.get_by_role("heading", name="Thank you for your answer").is_visible()
    page.wait_for_url(path, timeout=15_000)
    assert page.locator("input:checked").count() == 0
    context.close()
    assert [(each["score"], each["counts"]) for each in kept()] == [(6, True)]


def test_a_page_that_stood_there_for_an_hour_is_renewed_while_nobody_is_here(tablet):
    tablet.clock.install()
    tablet.reload()
    tablet.wait_for_function("navigator.serviceWorker.controller")
    tablet.evaluate("window.isTheOldOne = true")
    tablet.locator("label[for=s3]").click()
    tablet.clock.fast_forward(30_000)
    assert tablet.evaluate("window.isTheOldOne") is True
    tablet.clock.fast_forward(60_000)
    tablet.clock.run_for(1_000)
    with tablet.expect_navigation():
        tablet.clock.fast_forward(3_600_000)
        tablet.clock.run_for(21_000)
    expect(tablet.get_by_role("heading", name=QUESTION)).to_be_visible()
    assert tablet.evaluate("window.isTheOldOne") is None


def test_what_is_over_is_not_asked_without_a_network_either(tablet, kiosk, lead):
    lead.post(f"/open-links/{kiosk.id}/archive")
    db.session.rollback()
    tablet.reload()
    expect(tablet.get_by_role("heading", name="This survey has ended")).to_be_visible()
    assert tablet.evaluate("caches.keys()") == []


def test_after_its_last_day_the_tablet_hands_in_what_it_still_has(tablet, kiosk, lead):
    tablet.context.set_offline(True)
    press(tablet, 3, "Just in time")
    next_person(tablet)
    lead.post(f"/open-links/{kiosk.id}/archive")
    db.session.rollback()
    tablet.context.set_offline(False)
    tablet.reload()
    expect(tablet.get_by_role("heading", name="This survey has ended")).to_be_visible()
    assert arrived(tablet, 1) == [(3, "Just in time")]
