"""A lead writes further questions with the page beside them; a customer answers them; a product manager reads them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from surveys.lib.access import Role
from surveys.lib.db import db
from surveys.questionnaires import offers, queries
from surveys.questionnaires.offers import Offer
from surveys.settings.queries import organisation
from tests import factories
from tests.design.axe import complaints
from tests.intake.customers import link
from tests.intake.test_further import QUESTIONS

pytestmark = [pytest.mark.browser, pytest.mark.only("sqlite")]


@pytest.fixture
def number(house):
    with house.app.app_context():
        found = queries.by_key("nps-default")
        found.versions[-1].questions = QUESTIONS
        number = found.id
        db.session.commit()
    return number


@pytest.mark.parametrize("language", ["en", "ja"])
def test_words_are_seen_on_the_page_and_in_the_mail_while_they_are_typed(house, number, language):
    page = house.staff(Role.LEAD, language)
    page.goto(f"/questionnaires/{number}/wording/{language}")
    assert complaints(page) == []
    assert page.locator("#written-page").is_hidden(), "with script the buttons are not needed"
    field = page.locator("#question")
    field.fill("Is ")
    field.press("End")
    page.keyboard.type("{pr")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    page.keyboard.type(" fine?")
    assert field.input_value() == "Is {product} fine?"
    name = {"en": "Is Our product fine?", "ja": "Is 弊社サービス fine?"}[language]
    for frame in ("shown-page", "shown-mail"):
        expect(page.frame_locator(f"iframe[name={frame}]").get_by_role("heading", name=name)).to_be_visible()
    page.keyboard.type(" {")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    with house.app.app_context():
        assert queries.latest(queries.by_key("nps-default")).texts(language)["question"] != "Is {product} fine?"


def drag(page, lines, start, end):
    first, last = (lines.nth(at).bounding_box() for at in (start, end))
    page.mouse.move(first["x"] + 30, first["y"] + 15)
    page.mouse.down()
    page.mouse.move(last["x"] + 30, last["y"] + 4, steps=12)
    page.mouse.up()


def test_questions_are_ordered_by_dragging_and_by_keys(house, number):
    page = house.staff(Role.LEAD)
    page.goto(f"/questionnaires/{number}/questions")
    assert complaints(page) == []
    lines = page.locator("[data-line]")
    drag(page, lines, 4, 2)
    expect(lines.nth(2)).to_contain_text("One wish?")
    page.get_by_role("button", name="Move down: One wish?").focus()
    page.keyboard.press("Enter")
    expect(lines.nth(3)).to_contain_text("One wish?")
    with house.app.app_context():
        keys = [each["key"] for each in queries.latest(queries.by_key("nps-default")).questions]
    assert keys == ["q1", "q2", "q3", "q5", "q4"]


def test_offers_are_ordered_by_dragging_by_keys_and_without_script(house, number):
    with house.app.app_context():
        organisation().offer_hosts = ["help.example.com"]
        for text in "ABC":
            offer = Offer(dict.fromkeys(("en", "ja"), f"Offer {text}"), "https://help.example.com/")
            offers.put(queries.questionnaire(number), offer, by=factories.make_user())
        db.session.commit()
    page = house.staff(Role.LEAD)
    page.goto(f"/questionnaires/{number}/offers")
    assert complaints(page) == []
    lines = page.locator("[data-line]")
    drag(page, lines, 2, 0)
    expect(lines.nth(0)).to_contain_text("Offer C")
    page.get_by_role("button", name="Move down: Offer C").focus()
    page.keyboard.press("Enter")
    expect(lines.nth(1)).to_contain_text("Offer C")
    plain = house.visitor(java_script_enabled=False, storage_state=page.context.storage_state())
    plain.goto(f"/questionnaires/{number}/offers")
    plain.get_by_role("button", name="Move up: Offer B").click()
    expect(plain.locator("[data-line]").nth(1)).to_contain_text("Offer B")
    with house.app.app_context():
        kept = offers.of(queries.questionnaire(number))
    assert [each.texts["en"] for each in kept] == ["Offer A", "Offer B", "Offer C"]


def test_without_script_a_button_shows_what_was_written(house, number):
    page = house.staff(Role.LEAD)
    state = page.context.storage_state()
    page = house.visitor(java_script_enabled=False, storage_state=state)
    page.goto(f"/questionnaires/{number}/questions/q5")
    page.fill("#text_en", "Your dearest wish?")
    page.get_by_role("button", name="Show on the page: English").click()
    expect(page.frame_locator("iframe[name=shown-en]").get_by_text("Your dearest wish?")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("script", [True, False])
def test_questions_show_when_they_fit_with_and_without_script(house, number, language, script):
    with house.app.app_context():
        asked = factories.make_invitation(contact=factories.make_contact(language=language))
        address = link(asked)
        db.session.commit()
    page = house.visitor(java_script_enabled=script, viewport={"width": 375, "height": 800})
    page.goto(address)
    expect(page.locator(".f-q1")).to_be_visible()
    for hidden in (".f-q2", ".f-q4"):
        expect(page.locator(hidden)).to_be_hidden()
    page.locator("label[for=s3]").click()
    expect(page.locator(".f-q4")).to_be_visible()
    page.locator("label[for=q1-2]").click()
    expect(page.locator(".f-q2")).to_be_visible()
    page.locator("label[for=q2-3]").click()
    if script:
        assert complaints(page) == []
    page.wait_for_timeout(900)
    page.locator("button.send").click()
    expect(page.locator("form.more")).to_be_visible()
    reader = house.staff(Role.PRODUCT, language)
    reader.goto(f"/questionnaires/{number}/answers")
    expect(reader.get_by_role("row").filter(has_text={"en": "Leave", "ja": "休暇"}[language])).to_contain_text("1")
    assert complaints(reader) == []
