"""The list before the first mail: what stops it, what is worth a look, and where each is mended."""

from __future__ import annotations

import pytest

from surveys.invitations import actions, checks, reading
from surveys.lib.db import db
from surveys.lib.errors import Refused
from surveys.lib.i18n import speaking
from surveys.lib.process import config
from surveys.questionnaires import actions as questionnaires
from surveys.questionnaires.queries import by_key
from surveys.settings.models import Brand
from surveys.settings.queries import default_brand
from tests.factories import make_contact
from tests.invitations.lines import draft
from tests.invitations.test_approval import YES_NO

OURS = "https://feedback.minato.example.com"
BRAND = Brand(sender_address="voice@minato.example.com", reply_address="", contact_url="", privacy_url="")


@pytest.fixture
def campaign(app, standing):
    make_contact()
    return draft()


def listed(campaign, people=1):
    return list(checks.before_sending(campaign, people))


def found(campaign, title):
    return next(check for check in listed(campaign) if check.title.startswith(title))


def reword(language="en", **texts):
    questionnaires.reword(by_key("nps-default"), language, texts)
    db.session.commit()


def test_a_usual_campaign_has_nothing_against_it(campaign):
    assert [check for check in listed(campaign) if check.problem or check.doubt] == []
    assert {"Way to unsubscribe", "Links of the mail", "Links in the wording", "No advertising"} <= {
        check.title for check in listed(campaign)
    }


@pytest.mark.parametrize(("letter", "is_doubted"), [(None, True), ("{greeting} Four questions: {scale}", False)])
def test_a_letter_that_speaks_of_two_questions_is_doubted_when_more_are_asked(campaign, letter, is_doubted):
    questionnaires.ask_further(by_key("nps-default"), [YES_NO])
    if letter:
        reword(letter=letter)
    doubt = found(campaign, "Number of questions").doubt
    assert ("up to 3 are asked" in doubt, bool(doubt)) == (is_doubted, is_doubted)


def test_without_anybody_to_ask_nothing_is_said_about_mails_that_nobody_wrote(app, lead, standing):
    titles = [check.title for check in listed(draft(), people=0)]
    assert titles == [
        "Somebody is asked",
        "Sender and answer address",
        "Legal name and postal address",
        "Time to answer",
    ]


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [("sender_name", "", "sender's name"), ("sender_address", "nobody", "sender's name"), ("reply_address", "x", "answer address"),
     ("legal_name", "", "legal name"), ("postal_address", "", "legal name"), ("contact_url", "/contact", "cannot be opened")],
)  # fmt: skip
def test_what_a_brand_lacks_stops_it(campaign, field, value, says):
    setattr(default_brand(), field, value)
    db.session.commit()
    with pytest.raises(Refused, match=says):
        actions.launch(campaign)


def test_a_brand_that_was_archived_stops_it(campaign, standing):
    default_brand().archived_at = standing
    with pytest.raises(Refused, match="archived"):
        actions.launch(campaign)


def test_links_have_to_be_as_safe_as_ours(app, campaign):
    default_brand().privacy_url = "http://minato.example.com/privacy"
    assert found(campaign, "Links of the mail").problem == ""
    app.extensions["koe.config"] = config().model_copy(update={"base_url": OURS})
    assert "http://minato.example.com/privacy" in found(campaign, "Links of the mail").problem


@pytest.mark.parametrize(
    "link",
    ["/x", "x.html", "javascript:alert(1)", "//evil", "ftp://x.example.com/", "mailto:", "#", "http://x.example.com"],
)
def test_a_link_that_no_mail_can_follow_is_found(link):
    assert reading.broken_links(f'<a class="x" href="{link}">x</a>', OURS) == [link]


def test_whole_links_are_in_order():
    html = f'<a href="{OURS}/s/x?score=1">1</a><a href="mailto:help@minato.example.com">Contact</a>'
    assert reading.broken_links(html, OURS) == []


@pytest.mark.parametrize(
    ("text", "foreign"),
    [("see https://evil.example.net/x.", ["https://evil.example.net/x."]), ("www.shop.example.org", ["www.shop.example.org"]),
     ("https://minato.example.com.evil.net", ["https://minato.example.com.evil.net"]),
     ("https://help.minato.example.com/a", []), ("no link at all", []), (f"{OURS}/help", [])],
)  # fmt: skip
def test_links_that_staff_typed_to_other_peoples_sites_are_doubted(text, foreign):
    """X-08: never taken as ours because a name of ours stands in it."""
    assert reading.foreign_links([text], BRAND, OURS) == foreign


def test_a_site_that_an_administrator_allows_is_no_doubt():
    assert reading.foreign_links(["https://help.example.org/a"], BRAND, OURS, ["help.example.org"]) == []


def test_a_doubt_is_shown_and_can_be_passed(campaign):
    texts = by_key("nps-default").versions[-1].texts("en")
    reword(letter=texts["letter"] + "\n\nRead https://shop.example.net and get 20% off.")
    assert "https://shop.example.net" in found(campaign, "Links in the wording").doubt
    assert "20% off" in found(campaign, "No advertising").doubt
    actions.launch(campaign)
    assert not campaign.is_draft


@pytest.mark.parametrize(
    "words",
    ["Special offer", "a discount", "free trial", "Buy now", "SALE", "upgrade now", "limited time", "for $20", "今だけ", "無料", "キャンペーン",
     "割引", "限定", "プレゼント", "抽選", "500円", "￥1,000", "セール中"],
)  # fmt: skip
def test_words_of_an_advertisement_are_found_in_both_languages(words):
    assert reading.promotion_words([f"… {words} …"])


@pytest.mark.parametrize(
    "words",
    [
        "our sales team",
        "feel free to write",
        "セールス担当",
        "wholesale",
        "the offered help",
        "ご意見をお聞かせください",
    ],
)
def test_usual_words_are_no_advertisement(words):
    assert reading.promotion_words([words]) == []


def test_the_delivered_wordings_advertise_nothing(app):
    texts = [
        text
        for key in ("nps-default", "nps-classic", "ces-default", "ces2-default", "csat-default", "form-default")
        for language in ("en", "ja")
        for text in reading.texts_in(by_key(key).versions[-1].texts(language))
    ]
    assert (len(texts) > 100, reading.promotion_words(texts)) == (True, [])


@pytest.mark.parametrize(
    ("length", "stops", "doubts"), [(0, False, False), (20_000, False, True), (95_000, True, False)]
)
def test_the_weight_is_measured_as_it_leaves(campaign, length, stops, doubts):
    """25 kB are a doubt, 100 kB the end: there mail programs cut it off."""
    default_brand().legal_name = "Minato K.K. " + "x" * length
    check = found(campaign, "Weight")
    assert (bool(check.problem), bool(check.doubt)) == (stops, doubts)


def test_a_mail_that_cannot_be_built_is_said_before_anybody_gets_none(app, campaign):
    host = "h" * 1000 + ".example.com"
    app.extensions["koe.config"] = config().model_copy(update={"base_url": f"https://{host}"})
    assert "998" in found(campaign, "The mail can be written").problem


def test_the_page_tells_stops_from_doubts_in_words_and_by_shape_and_leads_to_where_they_are_mended(
    campaign, admin, lead
):
    default_brand().legal_name = ""
    reword(why_good="Win a gift card: what do you value most?")
    page = admin.get(f"/campaigns/{campaign.id}").text
    assert ("1 thing stops it." in page, "checks__item--stop" in page, "Stops:" in page) == (True, True, True)
    assert ("checks__item--doubt" in page, "Worth a look:" in page, "gift card" in page) == (True, True, True)
    assert (f'href="/settings/brands/{campaign.brand_id}"' in page, "disabled" in page) == (True, True)
    assert f'href="/settings/brands/{campaign.brand_id}"' not in lead.get(f"/campaigns/{campaign.id}").text
    default_brand().legal_name = "Minato K.K."
    db.session.commit()
    page = admin.get(f"/campaigns/{campaign.id}").text
    assert ("It may go. 1 thing is worth a look." in page, "disabled" in page) == (True, False)


def test_the_list_speaks_japanese(campaign):
    default_brand().legal_name = ""
    with speaking("ja"):
        check = next(each for each in listed(campaign) if each.problem)
    assert "法人名" in check.problem
