"""A customer in a hurry on a phone without script: presses twice, goes back, changes the language, comes too late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from surveys.customers.models import Contact, Successor
from surveys.invitations.models import Invitation
from surveys.lib import clock
from surveys.lib.db import db
from surveys.questionnaires.questions.base import When, Words
from surveys.questionnaires.questions.kinds import Choice, Text, YesNo
from surveys.responses.models import Response, ResponseChange
from tests import factories
from tests.intake.customers import link, opt_out_link
from tests.journeys.conftest import say

pytestmark = [pytest.mark.browser, pytest.mark.only("sqlite")]

NAMES = {"en": "English", "ja": "日本語"}
OPTIONS = {"en": {"a": "Price", "b": "Speed"}, "ja": {"a": "価格", "b": "速さ"}}
QUESTIONS = (
    Choice(
        "q1",
        {"en": Words("What matters?", OPTIONS["en"]), "ja": Words("重要な点は？", OPTIONS["ja"])},
        options=("a", "b"),
    ),
    Text(
        "q2", {"en": Words("What is missing?"), "ja": Words("足りないものは？")}, when=When(after="q1", answers=("b",))
    ),
    YesNo("q3", {"en": Words("Shall we call?"), "ja": Words("お電話しますか？")}, is_required=True),
)


@dataclass
class Asked:
    """Somebody who was asked, with the two links of the mail and a phone in the hand."""

    house: Any
    page: Any
    number: int
    path: str
    opt_out: str
    language: str

    def open(self, path: str = "") -> None:
        self.page.goto(path or self.path)
        self.page.wait_for_timeout(1000)  # nobody reads it faster

    def press(self, words: str, role: str = "button", times: int = 1) -> None:
        self.page.get_by_role(role, name=say(words, self.language), exact=True).click(click_count=times)

    def sees(self, words: str) -> None:
        expect(self.page.get_by_role("heading", name=say(words, self.language))).to_be_visible()

    def send(self, score: int, comment: str = "") -> None:
        self.page.locator(f"label[for=s{score}]").click()
        self.page.locator("#comment").fill(comment)
        self.page.locator("form#answer button.send").click(click_count=2)

    def stored(self) -> list[tuple[Any, ...]]:
        """The answers to this invitation, each with its score, words, choices, and how often it was posted."""
        with self.house.app.app_context():
            rows = db.session.scalars(select(Response).where(Response.invitation_id == self.number)).all()
            posted = select(ResponseChange.id).where(ResponseChange.nonce.is_not(None))
            return [
                (
                    each.score,
                    each.comment,
                    each.answers,
                    each.counts,
                    len(db.session.scalars(posted.filter_by(response_id=each.id)).all()),
                )
                for each in rows
            ]


@pytest.fixture(params=["en", "ja"])
def asked(house, request):
    with house.app.app_context():
        contact = factories.make_contact(language=request.param)
        invitation = factories.make_invitation(contact=contact)
        invitation.version.questions = [each.as_data() for each in QUESTIONS]
        db.session.commit()
        found = (invitation.id, link(invitation), opt_out_link(invitation))
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = house.visitor(java_script_enabled=False, locale=request.param, **phone)
    return Asked(house, page, *found, request.param)


def test_a_change_of_language_in_the_middle_keeps_every_word_and_all_goes_on_in_it(asked):
    page = asked.page
    asked.open()
    page.locator("label[for=q1-b]").click()
    page.locator("#q2").fill("More colours")
    page.locator("label[for=s4]").click()
    page.locator("#comment").fill("First words")
    asked.language = "ja" if asked.language == "en" else "en"
    page.get_by_role("button", name=NAMES[asked.language], exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", asked.language)
    assert [page.locator(each).input_value() for each in ("#comment", "#q2")] == ["First words", "More colours"]
    page.locator("form#answer button.send").click(click_count=2)
    asked.sees("Your answer is recorded")
    assert asked.stored() == [(4, "First words", {"q1": "b", "q2": "More colours"}, True, 1)]
    asked.sees("Not everything is answered yet")
    page.locator("label[for=q3-no]").click()
    asked.press("Send this as well", times=2)
    expect(page.locator("form.more")).to_have_count(0)
    ((score, words, answers, *_more),) = asked.stored()
    assert (score, words, answers) == (4, "First words", {"q1": "b", "q2": "More colours", "q3": "no"})
    for path in ("", "/withdrawal", "/not-me"):
        page.goto(asked.path + path)
        expect(page.locator("html")).to_have_attribute("lang", asked.language)


def test_the_back_button_after_an_answer_shows_what_was_answered_and_changes_it(asked):
    asked.open()
    asked.send(9, "First words")
    asked.sees("Your answer is recorded")
    asked.page.go_back()
    expect(asked.page.locator(".notice")).to_contain_text("9")
    asked.page.wait_for_timeout(1000)
    asked.send(3, "Other words")
    asked.sees("Your answer is recorded")
    assert asked.stored() == [(3, "Other words", {}, True, 2)]


def test_an_answer_that_was_taken_back_can_be_given_again_after_leaving_for_good(asked):
    asked.open()
    asked.send(2, "First words")
    asked.press("Withdraw my answer", "link")
    asked.press("Withdraw my answer", times=2)
    asked.sees("Your answer was withdrawn")
    assert [counts for *_, counts, _times in asked.stored()] == [False]
    asked.open(asked.opt_out)
    asked.page.locator("#less_often").check()
    asked.press("Save my choice", times=2)
    expect(asked.page.locator(".notice")).to_be_visible()
    expect(asked.page.locator("#less_often")).to_be_checked()
    asked.press("Unsubscribe now", times=2)
    asked.sees("You are unsubscribed")
    asked.page.go_back()
    asked.sees("You are unsubscribed")
    asked.open(f"{asked.path}/withdrawal")
    asked.press("Answer again", "link")
    asked.page.wait_for_timeout(1000)
    assert asked.page.locator("#comment").input_value() == ""
    asked.send(9, "Second words")
    asked.sees("Your answer is recorded")
    assert asked.stored() == [(9, "Second words", {}, True, 2)]


def test_who_answered_can_still_say_that_somebody_else_is_in_charge(asked):
    asked.open()
    asked.send(9)
    asked.press("No longer in charge, or wrong address?", "link")
    page = asked.page
    page.locator("label[for=left]").click()
    page.locator("#name").fill("Mori")
    page.locator("#email").fill("nobody")
    asked.press("Tell the sender", times=2)
    expect(page.get_by_role("alert")).to_be_visible()
    assert [page.locator(each).input_value() for each in ("#name", "#email")] == ["Mori", "nobody"]
    page.locator("#email").fill("mori@customer.example.com")
    asked.press("Tell the sender", times=2)
    asked.sees("Thank you for telling us")
    with asked.house.app.app_context():
        (successor,) = db.session.scalars(select(Successor)).all()
        assert (successor.name, db.session.scalars(select(Contact.unreachable)).one()) == ("Mori", "left")
    assert [score for score, *_ in asked.stored()] == [9]
    asked.open()
    expect(page.locator(".notice")).to_contain_text("9")


def test_the_end_that_comes_while_somebody_writes_takes_no_word_away(asked):
    page = asked.page
    asked.open()
    page.locator("label[for=q1-b]").click()
    page.locator("#q2").fill("Further words")
    with asked.house.app.app_context():
        db.session.get_one(Invitation, asked.number).closes_at = clock.now() - timedelta(seconds=1)
        db.session.commit()
    asked.send(2, "Line one\nline two")
    asked.sees("This survey has ended")
    written = page.get_by_label(say("What you wrote", asked.language)).input_value()
    chosen = OPTIONS[asked.language]["b"]
    assert all(words in written for words in ("Line one\nline two", "Further words", chosen))
    assert page.get_by_role("link", name=say("Write it in a mail", asked.language)).get_attribute("href")
    assert (page.get_by_role("button").count(), asked.stored()) == (0, [])
