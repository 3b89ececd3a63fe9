"""What the page of thanks offers, to whom, and where it may lead (X-08); and the wish to be contacted."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from surveys.followups.models import Case, Lane
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.errors import Invalid
from surveys.questionnaires import offers
from surveys.questionnaires.offers import Offer
from surveys.settings.queries import organisation
from tests import factories
from tests.intake.customers import answer, link, nonce_on

pytestmark = pytest.mark.only("sqlite")  # pages and words: they ask nothing of one database alone

HOST = "help.minato.example.com"
HELP = {"en": "How to close the month", "ja": "月締めの手順"}
EVIL = [
    "//evil.example.com", "https:evil.example.com", "\\\\evil.example.com", "/%5cevil.example.com",
    "https:/\\evil.example.com", "http://help.minato.example.com/", "javascript:alert(1)", "data:text/html,x",
    "https://help.minato.example.com@evil.example.com/", "https://evil.example.com/help.minato.example.com",
    "https://help.minato.example.com.evil.example.com/", "https://evil.help.minato.example.com/",
    "https://help.minato.example.com:8443/", "https://help.minato.example.com\\@evil.example.com",
    "https://help.minato.example.com/\r\nSet-Cookie: a=b", "https://help.minato.example.com/a b", " https://evil.jp",
    "HTTPS://help.minato.example.com/", "https://help.minato.example.com\u3002evil.jp/", "https://", "",
]  # fmt: skip


@pytest.fixture
def asked(app):
    """An invitation to a questionnaire whose installation allows one host."""
    organisation().offer_hosts = [HOST]
    return factories.make_invitation()


def put(asked, **values) -> Offer:
    offer = Offer(**{"texts": HELP, "url": f"https://{HOST}/month", **values})
    questionnaire = asked.campaign.questionnaire
    offers.put(questionnaire, offer, by=factories.make_user())
    db.session.commit()
    return offer


def thanks(client, asked, score) -> str:
    return client.get(answer(client, asked, score).headers["Location"]).text


def links(page: str) -> list[tuple[str, str]]:
    return re.findall(r'<li><a href="([^"]+)" rel="noopener noreferrer">([^<]+)</a>', page)


def test_an_offer_stands_on_the_page_of_thanks_in_the_readers_language(client, asked):
    put(asked)
    assert links(thanks(client, asked, 9)) == [(f"https://{HOST}/month", "How to close the month")]
    asked = factories.make_invitation(campaign=asked.campaign, language="ja")
    assert links(thanks(client, asked, 9)) == [(f"https://{HOST}/month", "月締めの手順")]


@pytest.mark.parametrize(("score", "shown"), [(3, "bad"), (7, "middle"), (10, "good")])
def test_each_offer_goes_to_its_segments(client, asked, score, shown):
    for segment in ("bad", "middle", "good"):
        put(asked, texts=dict.fromkeys(("en", "ja"), segment), segments=[segment])
    assert [text for _url, text in links(thanks(client, asked, score))] == [shown]


def test_each_offer_goes_to_its_tiers_as_they_were_when_it_was_answered(client, asked):
    asked.contact.account.tier = "high_touch"
    put(asked, texts=dict.fromkeys(("en", "ja"), "Talk to us"), tiers=["high_touch"])
    put(asked, texts=dict.fromkeys(("en", "ja"), "Read"), tiers=["tech_touch", "low_touch"])
    assert [text for _url, text in links(thanks(client, asked, 9))] == ["Talk to us"]


def test_three_at_the_most(client, asked):
    for number in range(5):
        put(asked, texts=dict.fromkeys(("en", "ja"), f"Offer {number}"))
    assert [text for _url, text in links(thanks(client, asked, 9))] == ["Offer 0", "Offer 1", "Offer 2"]


@pytest.mark.parametrize("segments", [[], ["bad"], ["bad", "good"]])
def test_no_promotion_can_be_given_to_who_is_unhappy(asked, segments):
    with pytest.raises(Invalid, match="A promotion is for middle or good answers only"):
        put(asked, is_promotion=True, segments=segments)


@pytest.mark.parametrize("segments", [[], ["bad"], ["bad", "middle", "good"]])
@pytest.mark.parametrize("score", [0, 4, 6])
def test_no_promotion_is_shown_to_who_is_unhappy_whatever_was_stored(client, asked, score, segments):
    put(asked)
    kept = asked.campaign.questionnaire
    kept.offers = [each | {"is_promotion": True, "segments": segments} for each in kept.offers]
    db.session.commit()
    assert links(thanks(client, asked, score)) == []


def test_who_is_happy_may_see_a_promotion_and_who_gave_no_score_does_not(client, asked):
    put(asked, is_promotion=True, segments=["good"])
    assert len(links(thanks(client, asked, 9))) == 1
    assert not Offer(HELP, "", is_promotion=True).fits(None, None)


@pytest.mark.parametrize("url", EVIL)
def test_an_address_elsewhere_is_refused_when_saving_and_not_shown_when_stored(asked, url):
    """X-08, from the hand of staff: https and an allowed host, to the letter."""
    with pytest.raises(Invalid):
        put(asked, url=url)
    kept = asked.campaign.questionnaire
    kept.offers = [{"texts": HELP, "url": url, "tiers": [], "segments": [], "is_promotion": False}]
    assert offers.fitting(kept, "en", tier=None, segment="good") == []


def test_staff_are_told_why_an_address_is_refused_and_lose_nothing(asked, lead):
    kept = asked.campaign.questionnaire
    sent = {"text_en": "Read", "text_ja": "読む", "url": "https://evil.example.com/", "use": "help"}
    page = lead.post(f"/questionnaires/{kept.id}/offers/new", data=sent)
    assert (page.status_code, kept.offers) == (400, [])
    for words in (f"one of the allowed hosts ({HOST})", 'value="Read"', 'value="https://evil.example.com/"'):
        assert words in page.text


def test_no_address_is_ever_taken_from_the_query(client, asked):
    """X-08, from the hand of a stranger."""
    put(asked)
    where = answer(client, asked, 9).headers["Location"]
    payloads = ("//evil.jp", "https:evil.jp", "\\\\evil.jp", "/%5cevil.jp", "https://evil.jp/%0d%0aLocation: x")
    for payload in payloads:
        query = "&".join(f"{name}={payload}" for name in ("next", "url", "offer", "to", "return"))
        for path in (f"{where}&{query}", f"{link(asked)}?{query}", f"{link(asked)}/not-me?{query}"):
            page = client.get(path)
            assert "evil" not in page.text
            assert "evil" not in str(page.headers)


def test_a_host_that_is_allowed_no_longer_shows_nothing(client, asked):
    put(asked)
    organisation().offer_hosts = []
    assert links(thanks(client, asked, 9)) == []


def test_what_staff_write_stays_text(client, asked):
    put(asked, texts=dict.fromkeys(("en", "ja"), "<x-probe>"), url=f'https://{HOST}/?a="><x-probe>')
    page = thanks(client, asked, 9)
    assert "<x-probe" not in page
    assert "&lt;x-probe&gt;" in page


def test_a_lead_edits_offers_on_the_questionnaires_page(asked, lead):
    path = f"/questionnaires/{asked.campaign.questionnaire.id}/offers"
    assert "Nothing is offered yet" in lead.get(path).text
    sent = {"text_en": "Read", "text_ja": "読む", "url": f"https://{HOST}/a", "use": "promotion", "segments": ["good"]}
    assert lead.post(f"{path}/new", data=sent).status_code == 303
    assert "Promotion" in lead.get(path).text
    refused = lead.post(f"{path}/new", data=sent | {"segments": ["bad"]})
    assert (refused.status_code, "middle or good answers only" in refused.text, "Read" in refused.text) == (
        400,
        True,
        True,
    )
    (key,) = [each.key for each in offers.of(asked.campaign.questionnaire)]
    assert (
        lead.post(f"{path}/{key}", data=sent | {"text_en": "Learn"} | version_of(lead, f"{path}/{key}")).status_code
        == 303
    )
    assert "Learn" in lead.get(path).text
    assert lead.post(f"{path}/o9", data=sent).status_code == 404
    lead.post(f"{path}/{key}/removal")
    assert "Nothing is offered yet" in lead.get(path).text


def version_of(lead, path: str) -> dict[str, str]:
    return {"version": re.search(r'name="version"[^>]* value="([^"]+)"', lead.get(path).text)[1]}


def test_only_an_administrator_allows_hosts(admin, lead, app):
    assert lead.post("/settings/hosts", data={"hosts": HOST}).status_code == 403
    assert admin.post("/settings/hosts", data={"hosts": "https://x.jp"}).status_code == 400
    for wrong in ("localhost", "x.jp/a", "a b.jp", "*.x.jp", "x..jp", "例え.jp"):
        assert admin.post("/settings/hosts", data={"hosts": wrong}).status_code == 400
    assert admin.post("/settings/hosts", data={"hosts": f" {HOST.upper()} \n\n{HOST}\n"}).status_code == 303
    assert organisation().offer_hosts == [HOST]


# ── May we contact you? ─────────────────────────────────────────────────────────────────────────────────────────────


def asks(asked, when: str) -> None:
    offers.ask_contact(asked.campaign.questionnaire, when, by=factories.make_user())
    db.session.commit()


@pytest.mark.parametrize(("when", "classes"), [("never", []), ("bad", ["consent after-bad"]), ("always", ["consent"])])
def test_the_page_asks_for_contact_as_the_questionnaire_says_and_at_once(client, asked, when, classes):
    client.get(link(asked))  # a page that is kept composed must not outlive the change
    asks(asked, when)
    assert re.findall(r'<fieldset class="(consent[^"]*)"', client.get(link(asked)).text) == classes


def test_a_form_without_a_score_asks_everybody_unless_it_asks_nobody(client, app):
    form = factories.make_invitation(campaign=factories.make_campaign(key="form-default"))
    assert '<fieldset class="consent">' in client.get(link(form)).text
    asks(form, "never")
    assert 'name="contact"' not in client.get(link(form)).text


@pytest.mark.parametrize("score", range(11))
def test_please_contact_me_opens_a_case_at_every_score(client, asked, score):
    """8.1: at any score, happy or not."""
    asks(asked, "always")
    answer(client, asked, score, contact="yes")
    case = db.session.scalars(select(Case)).one()
    assert (case.lane, case.reason) == (Lane.CASE, "very_low" if score < 5 else "wants_contact")


def test_a_wish_said_later_on_the_same_page_opens_the_case_then(client, asked):
    asks(asked, "always")
    where = answer(client, asked, 9).headers["Location"]
    assert db.session.scalars(select(Case)).all() == []
    visit = where.split("visit=")[1]
    nonce = nonce_on(client.get(f"{link(asked)}?visit={visit}"))
    with clock.at(clock.now() + timedelta(seconds=9)):
        client.post(link(asked), data={"nonce": nonce, "visit": visit, "score": "9", "comment": "", "contact": "yes"})
    assert [case.reason for case in db.session.scalars(select(Case))] == ["wants_contact"]


def test_who_does_not_want_to_be_contacted_opens_none(client, asked):
    asks(asked, "always")
    answer(client, asked, 9, contact="no")
    assert db.session.scalars(select(Case)).all() == []
