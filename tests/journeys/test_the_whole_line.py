"""From a pasted list to a mailed question, an answer, a case, a tag and a score; as the people who do it."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from surveys.auth import passwords
from surveys.followups.forms import OPEN_PLACES
from surveys.lib.access import Role
from surveys.lib.db import db
from surveys.reports.proof import faults
from tests import factories
from tests.intake.customers import link
from tests.journeys.conftest import House, say

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "seven lamps under snow"
PHONE = {"width": 390, "height": 844}
READING = 1500  # milliseconds a person needs at least


@dataclass(frozen=True)
class Story:
    """What the people of one journey write."""

    language: str
    pasted: str
    name: str
    unhappy: str
    other: str
    comment: str
    searched: str
    reply: str
    noted: str


ENGLISH = Story(
    "en",
    "Company\tName\tE-mail\tTier\n"
    "Harbor & Finch\tHannah Whitfield\thannah@harbor.example.com\tHigh touch\n"
    "Northlight\tTom Becker\ttom@northlight.example.com\tTech touch",
    "Hannah Whitfield",
    "hannah@harbor.example.com",
    "tom@northlight.example.com",
    "The export is broken again. We are looking at a competitor.",
    "export",
    "we found the fault in the export and mended it.",
    "She wants to see it work until Friday.",
)
JAPANESE = Story(
    "ja",
    "会社名\t氏名\tメールアドレス\tタッチ区分\n"
    "あおば物流\t佐藤 花子\thanako@aoba.example.com\tハイタッチ\n"
    "やまびこ製作所\t鈴木 一郎\tichiro@yamabiko.example.com\tテックタッチ",
    "佐藤 花子",
    "hanako@aoba.example.com",
    "ichiro@yamabiko.example.com",
    "改修後、打刻漏れが増えました。解約も検討しています。",
    "打刻漏れ",
    "打刻漏れの原因が分かり、修正いたしました。",
    "金曜日までに動作を確認したいとのこと。",
)


@pytest.mark.parametrize("story", [ENGLISH, JAPANESE], ids=["english", "japanese"])
def test_a_pasted_list_becomes_an_answer_a_case_a_tag_and_a_score(house: House, story: Story):
    lead = log_in(house, story)
    paste_customers(house, lead, story)
    send_campaign(house, lead, story)
    answer(house, story)
    agent = house.staff(Role.AGENT, story.language)
    take_the_most_urgent(agent, story)
    reply(house, agent, story)
    log_call(agent, story)
    resolve(agent, story)
    tag_the_answer(house, story)
    read_the_score(lead, story)
    with house.app.app_context():
        assert faults() == []


# ── the lead ────────────────────────────────────────────────────────────────────────────────────────────────────────


def log_in(house: House, story: Story) -> Page:
    with house.app.app_context():
        kept = passwords.hashed(PASSWORD)
        factories.make_user(role=Role.LEAD, locale=story.language, email="lead@minato.example.com", password_hash=kept)
        db.session.remove()
    page = house.visitor()
    page.goto("/campaigns/new")
    page.fill("[name=email]", "lead@minato.example.com")
    page.fill("[name=password]", PASSWORD)
    page.click("form.form button")
    expect(page).to_have_url("/campaigns/new")
    page.goto("/")
    expect(page.get_by_role("main")).to_contain_text(say("No score yet", story.language))
    return page


def paste_customers(house: House, page: Page, story: Story) -> None:
    page.goto("/imports/new")
    page.fill("[name=pasted]", story.pasted)
    press(page, "Look at the list", story)
    press(page, "Check the list", story)
    house.work()
    page.reload()
    confirm = page.locator("form[action$='/confirmation'] button")
    expect(confirm).to_contain_text("4")  # two accounts, two contacts
    confirm.click()
    house.work()
    page.reload()
    expect(page.get_by_role("main")).to_contain_text(say("The list was taken over.", story.language))


def send_campaign(house: House, page: Page, story: Story) -> None:
    page.goto("/campaigns/new")
    page.fill("[name=name]", "NPS 2026")
    page.select_option("[name=questionnaire]", "nps-default")
    page.locator("main form.form button").last.click()
    page.goto(f"{page.url}?language={story.language}")
    letter = page.frame_locator("iframe.preview__frame").locator("body")
    expect(letter).to_contain_text(story.name)
    page.click("form[action$='/sending'] button")
    house.work()
    page.reload()
    expect(page.locator(".funnel__step").nth(1)).to_contain_text("2")
    assert len(house.mails_to(story.unhappy)) == len(house.mails_to(story.other)) == 1


def read_the_score(page: Page, story: Story) -> None:
    page.goto("/", wait_until="domcontentloaded")  # the first chart takes its time
    score = page.locator(".home__scores")
    expect(score).to_contain_text(say("Fewer than 5 answers: no score yet.", story.language))
    expect(score.locator(".stat__basis").first).to_contain_text(re.compile(r"(?<!\d)1(?!\d)"))
    row = page.get_by_role("row", name="NPS 2026")
    assert [cell.strip() for cell in row.get_by_role("cell").all_inner_texts()][:2] == ["2", "1"]
    row.get_by_role("link").click()
    assert [number_in(step) for step in page.locator(".funnel__number").all_inner_texts()] == [2, 2, 1]
    people = page.locator("table").first.locator("td.is-number").all_inner_texts()
    assert sum(map(number_in, people)) == 2


# ── the customer ────────────────────────────────────────────────────────────────────────────────────────────────────


def answer(house: House, story: Story) -> None:
    page = house.visitor(viewport=PHONE, locale=story.language, is_mobile=True, has_touch=True)
    page.goto(score_link(house, story.unhappy, 2))
    expect(page.locator("input[name=score]:checked")).to_have_value("2")
    page.fill("[name=comment]", story.comment)
    page.wait_for_timeout(READING)
    send = page.locator("button.send")
    expect(send).to_have_text(re.compile("2"), use_inner_text=True)
    send.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(say("Your answer is recorded", story.language))
    expect(page.locator("blockquote")).to_have_text(story.comment)


def score_link(house: House, address: str, score: int) -> str:
    """The link one presses in the mail."""
    letter = house.mails_to(address)[0]
    found = re.search(rf'href="([^"]+\?score={score})"', html.unescape(letter.html))
    assert found, "no link of this score in the mail"
    assert found[1].startswith(house.address)
    return found[1]


@pytest.mark.parametrize("story", [ENGLISH, JAPANESE], ids=["english", "japanese"])
def test_without_script_a_link_leads_to_thanks_in_two_requests(house: House, story: Story):
    with house.app.app_context():
        contact = factories.make_contact(language=story.language)
        path = link(factories.make_invitation(contact=contact))
    page = house.visitor(viewport=PHONE, java_script_enabled=False)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method) if not request.redirected_from else None)
    page.goto(f"{path}?score=2")
    page.wait_for_timeout(READING)
    page.click("button.send")
    expect(page.get_by_role("heading", level=1)).to_have_text(say("Your answer is recorded", story.language))
    assert asked == ["GET", "POST"]


# ── the agent ───────────────────────────────────────────────────────────────────────────────────────────────────────


def take_the_most_urgent(page: Page, story: Story) -> None:
    page.goto("/queue")
    first = page.locator(".queue__table tbody tr").first
    expect(first).to_contain_text(story.comment[:20])
    first.locator("summary").click()
    expect(first.locator("details.why")).to_contain_text(say("Words of leaving", story.language))
    first.locator("a.table__link").click()
    press(page, "Take this case", story)
    expect(page.get_by_role("main")).to_contain_text(say("This case is yours now.", story.language))


def reply(house: House, page: Page, story: Story) -> None:
    letter = page.locator("textarea[name=reply]")
    written = letter.input_value()
    assert any(place in written for place in OPEN_PLACES)
    press(page, "Send reply", story)  # nobody sends a letter with holes in it
    expect(page.locator(".error-summary")).to_be_visible()
    for place in OPEN_PLACES:
        written = written.replace(place, story.reply)
    letter.fill(written)
    press(page, "Send reply", story)
    expect(page.locator(".error-summary")).to_have_count(0)
    house.work()
    first, second = house.mails_to(story.unhappy)
    assert "?score=" in first.html
    assert story.reply in second.text
    page.reload()
    expect(page.locator(".timeline")).to_contain_text(story.reply)


def log_call(page: Page, story: Story) -> None:
    page.get_by_role("link", name=say("Log a call", story.language)).click()
    page.fill("[name=text]", story.noted)
    press(page, "Save call", story)
    expect(page.locator(".timeline")).to_contain_text(story.noted)


def resolve(page: Page, story: Story) -> None:
    page.get_by_role("link", name=say("Resolve", story.language), exact=True).click()
    page.select_option("[name=cause]", index=1)
    page.fill("[name=what_was_done]", story.reply)
    page.check("[name=outcome][value=satisfied]")
    page.check("[name=customer_told][value=yes]")
    press(page, "Resolve this case", story)
    page.goto("/queue?tab=done")
    expect(page.locator(".queue__table tbody tr")).to_have_count(1)
    page.goto("/queue?tab=all")
    expect(page.get_by_role("main")).to_contain_text(say("Nobody is waiting", story.language))


# ── the product manager ─────────────────────────────────────────────────────────────────────────────────────────────


def tag_the_answer(house: House, story: Story) -> None:
    page = house.staff(Role.PRODUCT, story.language)
    page.goto("/voices?q=unheard-of")
    expect(page.locator("article.voice")).to_have_count(0)
    page.fill("[name=q]", story.searched)
    page.press("[name=q]", "Enter")
    voice = page.locator("article.voice")
    expect(voice).to_contain_text(story.comment)
    voice.locator("summary.choose__face").click()
    voice.locator("[name=new]").fill("Export")
    press(page, "Save tags", story)
    page.goto("/voices")
    page.locator("article.voice .voice__tags a").click()
    expect(page).to_have_url(re.compile(r"/voices\?tag=\d+"))
    expect(page.locator("article.voice")).to_contain_text(story.comment)


def press(page: Page, words: str, story: Story) -> None:
    page.get_by_role("button", name=say(words, story.language)).first.click()


def number_in(text: str) -> int:
    found = re.match(r"\d+", text.strip())
    return int(found[0]) if found else 0
