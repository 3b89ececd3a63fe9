"""A mail scanner with a real browser changes nothing that counts (E-20); then a person answers, once."""

from __future__ import annotations

import html
import random
import re
import urllib.request
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.error import HTTPError

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from surveys.delivery.models import Suppression
from surveys.invitations import actions as campaigns
from surveys.lib import clock
from surveys.lib.db import db
from surveys.measures.queries import Scope, counts
from surveys.reports.proof import faults
from surveys.responses.models import Response, ResponseChange
from tests import factories
from tests.journeys.conftest import House

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ADDRESS = "hannah@harbor.example.com"
SECURE_LINK = "Mozilla/5.0 (compatible; SafeLinks scanner)"


@pytest.fixture
def links(house: House) -> list[str]:
    """Every link of a mail that was really sent."""
    with house.app.app_context():
        factories.make_contact(email=ADDRESS, name="Hannah Whitfield")
        campaign = campaigns.create("NPS 2026", "nps-default", {}, by=factories.make_user())
        campaigns.launch(campaign, by=None, at=clock.now())
        db.session.commit()
    house.work()
    letter = html.unescape(house.mails_to(ADDRESS)[0].html)
    found = [link for link in re.findall(r'href="([^"]+)"', letter) if link.startswith(house.address)]
    assert len(found) >= 12  # eleven scores, and the way out
    return found


def stored(house: House) -> tuple[int, int, int]:
    """Answers that count, answers of any sort, addresses that are not written to."""
    with house.app.app_context():
        counted = sum(each.n for each in counts(Scope()).values())
        return counted, number_of(Response), number_of(Suppression)


def number_of(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def fetch(method: str, link: str) -> int:
    asked = urllib.request.Request(link, method=method, headers={"User-Agent": SECURE_LINK})
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            answer.read()
            return int(answer.status)
    except HTTPError as refused:
        refused.close()
        return refused.code


def press_everything(page: Page, link: str) -> None:
    """What a sandbox does with a page: every choice, every link and every button that stands in it, seen or unseen."""
    page.goto(link)
    buttons = page.locator("button").count()
    for number in range(buttons):
        page.goto(link)
        for control in page.locator("input:is([type=radio], [type=checkbox])").all():
            control.dispatch_event("click")
        for found in page.locator("main a[href]").all():
            page.request.get(str(found.evaluate("link => link.href")))
        with page.expect_navigation():  # or the next page would take this one's sending back
            page.locator("button").nth(number).dispatch_event("click")


def test_a_scanner_changes_nothing_before_and_after_a_person_who_counts_once(house: House, links: list[str]):
    chance = random.Random(20)
    for method in ("HEAD", "GET"):
        answers = {fetch(method, link) for link in chance.sample(links, len(links))}
        assert answers == {200, 404}  # 404: the link that people do not see
    assert stored(house) == (0, 0, 0)

    sandbox = house.visitor(user_agent=SECURE_LINK)
    sandbox.goto(links[0])
    sandbox.wait_for_timeout(3000)
    assert stored(house) == (0, 0, 0)

    eight = next(link for link in links if link.endswith("?score=8"))
    press_everything(sandbox, eight)
    counted, kept, _left = stored(house)
    assert (counted, kept) == (0, 1)  # it is kept, and looked at by a person

    person = house.visitor(viewport={"width": 390, "height": 844})
    person.goto(eight)
    expect(person.locator("input[name=score]:checked")).to_have_value("8")
    person.wait_for_timeout(1500)
    person.fill("[name=comment]", "The shift view saves us an hour every week.")
    person.click("button.send")
    expect(person.locator("blockquote")).to_contain_text("The shift view")
    an_eight_stands(house)

    let_time_pass(house, timedelta(seconds=35))  # the sandbox comes again, to a page that shows an answer now
    press_everything(house.visitor(user_agent=SECURE_LINK), eight)
    for method in ("HEAD", "GET"):
        for link in chance.sample(links, len(links)):
            fetch(method, link)
    an_eight_stands(house)
    person.goto(eight)
    expect(person.locator("main")).to_contain_text("You answered 8")


def an_eight_stands(house: House) -> None:
    """One counted answer with its score and its words, nobody left, and the books agree."""
    counted, kept, left = stored(house)
    assert (counted, kept, left) == (1, 1, 0)
    with house.app.app_context():
        response = db.session.scalars(select(Response)).one()
        assert (response.score, response.comment[:14], response.counts) == (8, "The shift view", True)
        assert counts(Scope())["nps"].scores[8] == 1
        assert faults() == []
        db.session.rollback()


def let_time_pass(house: House, span: timedelta) -> None:
    """What was answered lies so much further back."""
    with house.app.app_context():
        for table, columns in ((Response, ("answered_at", "updated_at")), (ResponseChange, ("at",))):
            for row in db.session.scalars(select(table)):
                for name in columns:
                    setattr(row, name, getattr(row, name) - span)
        db.session.commit()
