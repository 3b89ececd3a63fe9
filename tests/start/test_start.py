"""Start here: from an empty installation to the first question sent."""

import re

import pytest

from surveys.customers.models import Contact
from surveys.delivery.models import Message
from surveys.invitations.models import Campaign
from surveys.lib.access import Role
from surveys.lib.db import db
from surveys.settings.queries import default_brand, default_product, organisation
from tests.factories import make_campaign, make_contact

pytestmark = pytest.mark.only("sqlite")  # pages and words: they ask nothing of one database alone

SENDER = {
    "name": "Minato", "product": "Minato Time", "sender_name": "Yui Sato", "sender_address": "yui@minato.example.com",
    "legal_name": "Minato K.K.", "postal_address": "1-2-3 Kaigan, Tokyo",
}  # fmt: skip


@pytest.fixture
def empty(app):
    """As after the first log-in of the first administrator: nothing is known yet."""
    organisation().name = organisation().name_ja = ""
    for name in ("name", "name_ja", "legal_name", "postal_address", "sender_name", "sender_address", "reply_address"):
        setattr(default_brand(), name, "")
    db.session.commit()


def contacts():
    return db.session.scalars(db.select(Contact).order_by(Contact.id)).all()


def shown(page):
    """What the buttons of the third step send along: the draft that is on the page."""
    return {"campaign": re.search(r'name="campaign" value="(\d+)"', page.text)[1]}


def test_from_nothing_to_a_question_on_its_way(empty, admin):
    assert admin.post("/start/sender", data=SENDER).location == "/start/people"
    assert (
        admin.post("/start/people", data={"pasted": "taro@aoba.example.com\nhana@hoshi.example.com"}).location
        == "/start/mail"
    )
    page = admin.get("/start/mail")
    assert ("Send to 2 people" in page.text, "disabled" in page.text) == (True, False)
    campaign = db.session.scalars(db.select(Campaign)).one()
    assert "Minato Time" in admin.get(f"/campaigns/{campaign.id}/mail/en").text
    assert admin.post("/start/test-mail", data=shown(page) | {"language": "en"}).location == "/start/mail?language=en"
    assert db.session.scalars(db.select(Message)).one().to_address == admin.user.email
    assert admin.post("/start/sending", data=shown(page)).location == f"/campaigns/{campaign.id}"
    assert not db.session.get(Campaign, campaign.id).is_draft


def test_names_entered_in_japanese_are_the_japanese_names_too(empty, log_in):
    admin = log_in(Role.ADMIN, locale="ja")
    admin.post("/start/sender", data=SENDER | {"name": "ミナト", "product": "ミナト勤怠"})
    assert (organisation().name_ja, default_product().name_in("ja"), default_product().name_in("en")) == (
        "ミナト", "ミナト勤怠", "ミナト勤怠",
    )  # fmt: skip


def test_names_entered_in_japanese_leave_the_english_ones_as_they_are(empty, admin, log_in):
    admin.post("/start/sender", data=SENDER)
    japanese = log_in(Role.ADMIN, locale="ja")
    japanese.post("/start/sender", data=SENDER | {"name": "ミナト", "product": "ミナト勤怠"})
    for named, name, name_ja in (
        (organisation(), "Minato", "ミナト"),
        (default_brand(), "Minato", "ミナト"),
        (default_product(), "Minato Time", "ミナト勤怠"),
    ):
        assert (named.name, named.name_ja) == (name, name_ja)
    admin.post("/start/sender", data=SENDER | {"name": "Minato Inc.", "product": "Minato Hours"})
    assert (organisation().name, organisation().name_ja) == ("Minato Inc.", "ミナト")
    assert (default_product().name, default_product().name_ja) == ("Minato Hours", "ミナト勤怠")


def test_a_name_that_was_only_ever_japanese_is_put_right_in_both_languages(empty, log_in):
    admin = log_in(Role.ADMIN, locale="ja")
    admin.post("/start/sender", data=SENDER | {"name": "ミナット", "product": "ミナト勤怠"})
    admin.post("/start/sender", data=SENDER | {"name": "ミナト", "product": "ミナト勤怠"})
    assert (organisation().name, organisation().name_ja) == ("ミナト", "ミナト")


def test_the_first_step_fills_in_who_is_there_and_leaves_the_product_to_be_named(empty, admin):
    page = admin.get("/start/sender").text
    assert (admin.user.email in page, admin.user.name in page, "Our product" in page) == (True, True, False)


def test_replies_go_to_the_sender_until_said_otherwise(empty, admin):
    admin.post("/start/sender", data=SENDER)
    assert default_brand().reply_address == "yui@minato.example.com"


@pytest.mark.parametrize(("field", "value"), [("legal_name", ""), ("sender_address", "nobody"), ("product", "")])
def test_without_what_every_mail_needs_one_does_not_go_on(empty, admin, field, value):
    page = admin.post("/start/sender", data=SENDER | {field: value})
    assert (page.status_code, f'id="{field}-error"' in page.text, default_brand().legal_name) == (400, True, "")


@pytest.mark.parametrize(
    ("pasted", "names"),
    [
        (
            "Taro Yamada <taro@aoba.example.com>, hana@hoshi.example.com",
            ["taro@aoba.example.com", "hana@hoshi.example.com"],
        ),
        ("会社名\t氏名\tメールアドレス\nあおば物流\t山田 太郎\ttaro@aoba.example.com", ["taro@aoba.example.com"]),
        ("あおば物流\t山田 太郎\ttaro@aoba.example.com", ["taro@aoba.example.com"]),
    ],
)
def test_addresses_and_cells_are_taken_as_they_are_pasted(empty, admin, pasted, names):
    assert admin.post("/start/people", data={"pasted": pasted}).status_code == 303
    assert [contact.email for contact in contacts()] == names


@pytest.mark.parametrize("pasted", ["", "   ", "no address at all", "a\tb\nc\td", "x@aoba.example.com\n" * 2002])
def test_what_holds_no_addresses_is_explained_and_nothing_is_kept(empty, admin, pasted):
    page = admin.post("/start/people", data={"pasted": pasted})
    assert ('id="pasted-error"' in page.text, contacts()) == (True, [])


def test_a_bad_line_is_named_and_nothing_is_taken_over(empty, admin):
    page = admin.post("/start/people", data={"pasted": "Name\tEmail\nTaro\ttaro@aoba.example.com\nHana\thana@@nowhere"})
    assert (page.status_code, "Line 3" in page.text, contacts()) == (400, True, [])
    assert "hana@@nowhere" in page.text


def test_the_mail_asks_for_people_first(empty, admin):
    assert "Nobody to ask yet" in admin.get("/start/mail").text


def test_people_who_are_there_already_can_be_asked(empty, admin):
    make_contact()
    assert "Go on with the people who are there" in admin.get("/start/people").text
    assert "Show the mail" in admin.get("/start/mail").text
    admin.post("/start/campaign")
    admin.post("/start/campaign")
    assert len(db.session.scalars(db.select(Campaign)).all()) == 1


def test_what_is_missing_is_said_beside_a_button_that_cannot_be_pressed(empty, admin):
    make_contact()
    admin.post("/start/campaign")
    page = admin.get("/start/mail")
    assert ("legal name" in page.text, "disabled" in page.text) == (True, True)
    assert admin.post("/start/sending", data=shown(page)).status_code == 409


def test_once_something_was_sent_the_first_steps_are_over(empty, admin):
    admin.post("/start/sender", data=SENDER)
    admin.post("/start/people", data={"pasted": "taro@aoba.example.com"})
    page = admin.get("/start/mail")
    admin.post("/start/sending", data=shown(page))
    assert admin.get("/start/mail").location == "/campaigns"


def test_what_is_sent_is_the_draft_on_the_page_and_not_a_newer_one(empty, admin):
    admin.post("/start/sender", data=SENDER)
    admin.post("/start/people", data={"pasted": "taro@aoba.example.com"})
    page = admin.get("/start/mail")
    newer = make_campaign(created_by_id=admin.user.id)
    assert admin.post("/start/sending", data=shown(page)).location == f"/campaigns/{shown(page)['campaign']}"
    assert db.session.get(Campaign, newer.id).is_draft


def test_the_first_question_is_sent_once_however_many_drafts_and_windows_there_are(empty, admin):
    admin.post("/start/sender", data=SENDER)
    admin.post("/start/people", data={"pasted": "taro@aoba.example.com"})
    page = admin.get("/start/mail")
    newer = make_campaign()
    admin.post("/start/sending", data=shown(page))
    for given in (shown(page), {"campaign": newer.id}, {}):
        refused = admin.post("/start/sending", data=given)
        assert (refused.status_code, "on its way already" in refused.text) == (409, True)
    assert db.session.get(Campaign, newer.id).is_draft


@pytest.mark.parametrize("path", ["/start/sending", "/start/test-mail"])
def test_a_draft_that_is_gone_is_neither_sent_nor_tried(empty, admin, path):
    admin.post("/start/sender", data=SENDER)
    admin.post("/start/people", data={"pasted": "taro@aoba.example.com"})
    page = admin.get("/start/mail")
    make_campaign()
    admin.post(f"/campaigns/{shown(page)['campaign']}/deletion")
    assert admin.post(path, data=shown(page)).status_code == 409
    assert db.session.scalars(db.select(Message)).all() == []


def test_without_a_mail_server_the_mailbox_is_pointed_out(empty, admin):
    admin.post("/start/sender", data=SENDER)
    admin.post("/start/people", data={"pasted": "taro@aoba.example.com"})
    assert "built-in mailbox" in admin.get("/start/mail").text
