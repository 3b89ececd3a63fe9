"""What a tablet cannot hand in: it holds up nothing else, is kept, is said on the tablet, and goes out when it can."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from playwright.sync_api import expect

from surveys.auth.limits import Limit
from surveys.intake.reading import LARGEST_BODY
from surveys.lib.db import db, reading
from surveys.openlinks import limits, pages, queries
from tests import factories
from tests.intake.conftest import served as served
from tests.intake.customers import nonce_on
from tests.openlinks.strangers import from_device, make_kiosk
from tests.openlinks.test_kiosk import arrived, kept, next_person, press
from tests.openlinks.test_kiosk import kiosk as kiosk
from tests.openlinks.test_kiosk import path as path
from tests.openlinks.test_kiosk import tablet as tablet

in_a_browser = pytest.mark.browser
on_one_file = pytest.mark.only("sqlite")
SHUT = "2 answers are kept on this tablet: this survey takes none at present."
SHUT_JA = "受付期間外のため送信できない回答が2件、このタブレットに残っています。"
MOVED = "1 answer is kept on this tablet: this address leads nowhere any more."
MOVED_JA = "このアドレスは使えなくなりました。未送信の回答が1件、このタブレットに残っています。"
REFUSED = "could not be taken and"


def said(page, reason: str):
    return page.locator(f"[data-said={reason}]")


def answer_offline(page, *scores: int) -> None:
    page.context.set_offline(True)
    for score in scores:
        press(page, score, f"Words {score}")
        next_person(page)


def tell_lead(lead, kiosk, noun: str) -> None:
    assert lead.post(f"/open-links/{kiosk.id}/{noun}").status_code == 303
    db.session.rollback()


def of(route) -> str:
    """Which answer a tablet hands in, by its words."""
    return parse_qs(route.request.post_data).get("comment", [""])[0]


def stand_between(page, replies: dict[str, dict]) -> list[str]:
    """Answer for the server to some answers; which were handed in, in their order."""
    seen: list[str] = []

    def judge(route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        seen.append(of(route))
        return route.fulfill(**replies[of(route)]) if of(route) in replies else route.continue_()

    page.route("**/kiosk", judge)
    return seen


def test_a_device_is_told_by_a_word_what_becomes_of_an_answer(client, lead, monkeypatch):
    link = make_kiosk()
    nonce, old = nonce_on(client.get(pages.path(link))), pages.path(link)
    stored = from_device(client, link, nonce=nonce)
    refused = from_device(client, link, nonce=nonce, score=99)
    too_much = from_device(client, link, nonce=nonce, comment="a" * LARGEST_BODY)
    monkeypatch.setattr(limits, "of_link", lambda _link: Limit("open-link", 0, limits.SPAN))
    later = from_device(client, link, nonce=nonce)
    lead.post(f"/open-links/{link.id}/archive")
    shut = from_device(client, link, nonce=nonce)
    lead.post(f"/open-links/{link.id}/address")
    moved = from_device(client, link, nonce=nonce, path=old)
    told = [(each.status_code, each.json) for each in (stored, refused, too_much, later, shut, moved)]
    assert told == [
        (200, {"stored": True}),
        (400, {"refused": True}),
        (413, {"refused": True}),
        (429, {"later": True}),
        (410, {"shut": True}),
        (404, {"moved": True}),
    ]
    assert int(later.headers["Retry-After"]) > 0


def test_a_person_at_the_same_address_is_shown_a_page(client, lead):
    link = make_kiosk()
    lead.post(f"/open-links/{link.id}/archive")
    for page in (client.get(pages.path(link)), client.post(pages.path(link), data={"score": "9"})):
        assert (page.status_code, page.content_type) == (410, "text/html; charset=utf-8")


def test_every_bad_address_of_a_kiosk_gives_the_same_page(client, lead):
    """X-01: what it says of waiting answers comes from the tablet alone."""
    link = make_kiosk()
    old = pages.path(link)
    lead.post(f"/open-links/{link.id}/address")
    shown = {client.get(path).text for path in (old, "/o/x/kiosk", f"/o/1-1.{'A' * 22}/kiosk", old[:-8] + "A/kiosk")}
    assert len(shown) == 1
    assert link.name not in shown.pop()


@in_a_browser
@on_one_file
def test_what_was_given_while_the_link_was_shut_waits_and_goes_out_when_it_is_open_again(tablet, kiosk, lead):
    tell_lead(lead, kiosk, "archive")
    answer_offline(tablet, 3, 10)
    tablet.context.set_offline(False)
    tablet.reload()
    expect(tablet.get_by_role("heading", name="This survey has ended")).to_be_visible()
    expect(said(tablet, "shut")).to_contain_text(SHUT)
    expect(said(tablet, "waiting")).to_be_empty()
    assert kept() == []
    tell_lead(lead, kiosk, "return")
    tablet.get_by_role("button", name="Try to send now").click()
    expect(said(tablet, "shut")).to_be_empty()
    expect(tablet.get_by_role("button", name="Try to send now")).to_be_hidden()
    assert sorted(arrived(tablet, 2)) == [(3, "Words 3"), (10, "Words 10")]


@in_a_browser
@on_one_file
def test_the_same_is_said_in_japanese_and_a_restart_is_enough(tablet, kiosk, path, lead):
    tell_lead(lead, kiosk, "archive")
    answer_offline(tablet, 1, 2)
    tablet.context.set_offline(False)
    tablet.goto(f"{path}?language=ja")
    expect(said(tablet, "shut")).to_contain_text(SHUT_JA)
    tell_lead(lead, kiosk, "return")
    tablet.goto(path)
    assert sorted(arrived(tablet, 2)) == [(1, "Words 1"), (2, "Words 2")]


@in_a_browser
@on_one_file
def test_what_is_not_taken_now_is_not_sent_for_ever(tablet, kiosk, lead):
    """Three in a row and the tablet waits, each time longer; a new answer goes first all the same."""
    seen = stand_between(tablet, {f"Words {score}": {"status": 410, "json": {"shut": True}} for score in range(6)})
    tablet.clock.install()
    tablet.reload()
    for score in range(6):
        press(tablet, score, f"Words {score}")
        next_person(tablet)
    expect(said(tablet, "shut")).to_contain_text("6 answers")
    seen.clear()
    for _ in range(90):  # half an hour
        tablet.clock.run_for(20_000)
        tablet.wait_for_timeout(20)
    assert 3 * 3 <= len(seen) <= 3 * 8
    press(tablet, 9, "New")
    assert arrived(tablet, 1) == [(9, "New")]
    assert seen[-4:].count("New") == 1


@in_a_browser
@on_one_file
def test_at_a_new_address_a_tablet_says_that_it_has_answers_and_sends_them_there(tablet, kiosk, path, lead, served):
    answer_offline(tablet, 5)
    tell_lead(lead, kiosk, "address")
    tablet.context.set_offline(False)
    expect(said(tablet, "moved")).to_contain_text(MOVED)
    tablet.goto(path)
    expect(tablet.get_by_role("heading", name="このページは表示できません")).to_be_visible()
    expect(said(tablet, "moved")).to_contain_text(MOVED_JA)
    with reading():
        present = pages.path(queries.link(kiosk.id))
    tablet.goto(served + present)
    assert arrived(tablet, 1) == [(5, "Words 5")]
    expect(said(tablet, "moved")).to_be_empty()


@in_a_browser
@on_one_file
def test_nobody_waits_for_a_network_that_only_seems_to_be_there(tablet):
    held = []

    def hold(route) -> None:
        route.continue_() if held or route.request.method == "GET" else held.append(route)

    tablet.route("**/kiosk", hold)
    for score in (1, 2, 3):
        press(tablet, score)
        next_person(tablet)
    expect(said(tablet, "waiting")).to_have_text("3 answers wait to be sent")
    assert (len(held), kept()) == (1, [])
    held[0].continue_()
    assert arrived(tablet, 3) == [(1, ""), (2, ""), (3, "")]


@in_a_browser
@on_one_file
@pytest.mark.parametrize(
    "reply",
    [
        {"status": 400, "json": {"refused": True}},
        {"status": 413, "json": {"refused": True}},
        {"status": 413, "body": "<h1>Request Entity Too Large</h1>"},
        {"status": 429, "json": {"later": True}},
        {"status": 500, "body": "<h1>Internal Server Error</h1>"},
        {"status": 503, "json": {"later": True}},
        {"status": 200, "body": "null"},
    ],
    ids=["400", "413", "413 of another", "429", "500", "503", "null"],
)
def test_one_answer_that_is_not_taken_holds_up_no_other_and_is_kept_and_shown(tablet, reply):
    stand_between(tablet, {"Words 1": reply})
    answer_offline(tablet, 1, 2, 3)
    tablet.context.set_offline(False)
    is_refused = "refused" in str(reply.get("json"))
    expect(said(tablet, "refused" if is_refused else "waiting")).to_contain_text("1 answer")
    for _ in range(50):
        if len(kept()) == 2:
            break
        tablet.wait_for_timeout(100)
    assert [each["comment"] for each in kept()] == ["Words 2", "Words 3"]
    tablet.unroute_all()
    tablet.reload()
    if is_refused:
        expect(said(tablet, "refused")).to_contain_text(REFUSED)
    else:
        assert [comment for _score, comment in arrived(tablet, 3)] == ["Words 2", "Words 3", "Words 1"]


@in_a_browser
@on_one_file
def test_staff_who_log_in_on_the_tablet_find_what_it_keeps_and_nobody_else_does(app, tablet, kiosk, served, browser):
    stand_between(tablet, {"Words 1": {"status": 400, "json": {"refused": True}}})
    answer_offline(tablet, 1)
    tablet.context.set_offline(False)
    expect(said(tablet, "refused")).to_contain_text("1 answer")
    assert "Words 1" not in tablet.content()
    user = factories.make_user(role="lead", locale="en")
    client = app.test_client()
    factories.log_in(client, user)
    cookie = {"name": "koe", "value": client.get_cookie("koe").value, "url": served}
    elsewhere = browser.new_context()
    number = kiosk.id
    db.session.rollback()
    for context in (elsewhere, tablet.context):
        context.add_cookies([cookie])
    page = elsewhere.new_page()
    page.goto(f"{served}/open-links/{number}")
    expect(page.locator("[data-tablet]")).to_be_hidden()
    assert page.evaluate("async () => (await indexedDB.databases()).length") == 0
    elsewhere.close()
    page = tablet.context.new_page()
    page.goto(f"{served}/open-links/{number}")
    expect(page.get_by_text("1 answer of this kiosk is still on this device")).to_be_visible()
    assert "Score 1\nWords 1" in page.get_by_label("Answers", exact=True).input_value()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Remove what could not be taken").click()
    expect(page.locator("[data-tablet]")).to_be_hidden()
    tablet.reload()
    expect(said(tablet, "refused")).to_be_empty()
