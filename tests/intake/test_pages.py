"""The customer's pages in a real browser: by everybody, without script, by keyboard, and by a scanner's clicks."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from surveys.lib.db import db
from surveys.measures.queries import Scope, counts
from surveys.responses.models import Response
from tests import factories
from tests.intake.customers import link

pytestmark = [pytest.mark.browser, pytest.mark.only("sqlite")]

AT_ITS_HEADING = "document.activeElement.tagName === 'H1'"
READING = 1000  # milliseconds, as a person takes at least


@pytest.fixture
def invitations(app):
    """One invitation in each language to the numbered and to a worded scale."""
    return {
        (key, language): factories.make_invitation(
            campaign=factories.make_campaign(key=key), contact=factories.make_contact(language=language)
        )
        for key in ("nps-default", "ces2-default")
        for language in ("en", "ja")
    }


def test_without_script_it_takes_a_press_a_press_and_no_cookie(served, invitations, browser):
    path = link(invitations["nps-default", "en"])
    db.session.commit()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append((request.method, request.url.split("?")[0].removeprefix(served))))
    page.goto(f"{served}{path}?score=8")
    assert page.get_by_role("button", name="Send 8").is_visible()
    page.wait_for_timeout(READING)
    page.get_by_role("button", name="Send 8").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Your answer is recorded"
    assert asked == [("GET", path), ("POST", path), ("GET", f"{path}/thanks")]
    assert context.cookies() == []
    context.close()
    assert db.session.scalars(select(Response.score)).all() == [8]
    assert counts(Scope())["nps"].scores[8] == 1


def test_what_came_of_it_is_a_page_of_its_own_read_from_its_heading(served, invitations, page):
    """A-07; and nothing is asked that the mail knew already (A-08)."""
    for language in ("en", "ja"):
        path = link(invitations["nps-default", language])
        db.session.commit()
        page.goto(f"{served}{path}?score=8")
        names = page.locator("form [name]").evaluate_all("all => all.map(each => each.name + each.autocomplete)")
        assert not [name for name in names if re.search(r"mail|phone|company|first|last", name)]
        page.wait_for_timeout(READING)
        page.locator("button.send").click()
        page.wait_for_url(re.compile("thanks"))
        page.wait_for_function(AT_ITS_HEADING)
        page.wait_for_timeout(READING)
        page.locator("[name=comment]").fill("It saves an hour.")
        with page.expect_navigation():
            page.locator("button.send").click()
        page.wait_for_function(AT_ITS_HEADING)


def test_the_second_question_and_the_button_follow_the_score(served, invitations, page):
    path = link(invitations["nps-default", "en"])
    db.session.commit()
    page.goto(served + path)
    assert page.get_by_role("button", name="Send my answer").is_visible()
    for score, question, consent in (
        ("2", "tell us the reason", True),
        ("7", "improve", False),
        ("10", "value most", False),
    ):
        page.get_by_text(score, exact=True).first.click()
        assert question in page.locator("label.words").inner_text()
        assert page.get_by_role("button", name=f"Send {score}", exact=True).is_visible()
        assert page.get_by_text("May we contact you").is_visible() is consent


def test_the_keyboard_is_enough(served, invitations, page):
    path = link(invitations["nps-default", "en"])
    db.session.commit()
    page.goto(served + path)
    for key in ("Tab", "ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    assert page.locator(":checked").get_attribute("value") == "3"
    page.keyboard.press("Tab")
    page.keyboard.type("By keyboard.")
    page.wait_for_timeout(READING)
    for _ in range(2):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "send"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("thanks"))
    db.session.commit()
    assert db.session.execute(select(Response.score, Response.comment)).all() == [(3, "By keyboard.")]


def test_each_number_says_its_name_and_its_ends(served, invitations, page):
    path = link(invitations["nps-default", "en"])
    db.session.commit()
    page.goto(served + path)
    group = page.get_by_role("group").first
    assert "0 = Not at all likely, 10 = Extremely likely" in group.locator("legend").inner_text()
    assert [page.get_by_role("radio", name=str(score), exact=True).count() for score in range(11)] == [1] * 11


def test_a_page_left_open_by_a_machine_answers_nothing(served, invitations, page):
    path = link(invitations["nps-default", "en"])
    db.session.commit()
    for score in (0, 9):
        page.goto(f"{served}{path}?score={score}")
        page.wait_for_timeout(1500)
    assert db.session.scalar(select(func.count()).select_from(Response)) == 0


def test_a_machine_that_presses_every_control_is_not_counted(served, invitations, browser):
    path = link(invitations["nps-default", "en"])
    db.session.commit()
    context = browser.new_context()
    page = context.new_page()
    page.goto(served + path)
    page.wait_for_timeout(READING)
    page.evaluate("document.querySelectorAll('input,textarea,a,button').forEach(each => each.click())")
    page.wait_for_timeout(500)
    context.close()
    db.session.commit()
    counted = [each for each in db.session.scalars(select(Response)) if each.counts]
    assert (counted, counts(Scope())) == ([], {})
