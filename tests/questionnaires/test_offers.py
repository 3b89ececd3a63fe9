"""The list of offers as staff keep it: in their order, each under a name of its own, whoever else is at it."""

from __future__ import annotations

import pytest

from surveys.auth.models import StaffUser
from surveys.lib.db import db
from surveys.lib.errors import Invalid, Refused
from surveys.questionnaires import offers
from surveys.questionnaires.models import Questionnaire
from surveys.questionnaires.queries import by_key
from surveys.settings.queries import organisation
from tests import factories
from tests.followups.test_races import at_once
from tests.intake.customers import answer
from tests.intake.test_offers import HOST, links, put, version_of


@pytest.fixture
def asked(app):
    organisation().offer_hosts = [HOST]
    return factories.make_invitation()


def keys(asked) -> list[str]:
    db.session.rollback()
    return [each.key for each in offers.of(asked.campaign.questionnaire)]


def texts(asked) -> list[str]:
    db.session.rollback()
    return [each.texts["en"] for each in offers.of(asked.campaign.questionnaire)]


@pytest.fixture
def three(asked):
    for text in "ABC":
        put(asked, texts=dict.fromkeys(("en", "ja"), text))
    return f"/questionnaires/{asked.campaign.questionnaire.id}/offers"


def test_offers_are_moved_by_button_and_by_dragging_and_shown_in_that_order(client, asked, lead, three):
    a, b, c = keys(asked)
    lead.post(f"{three}/order", data={"down": a})
    assert texts(asked) == ["B", "A", "C"]
    lead.post(f"{three}/order", data={"up": b})
    assert texts(asked) == ["B", "A", "C"]
    assert lead.post(f"{three}/order", data={"order": f"{c} {b} {a}"}).status_code == 303
    thanks = client.get(answer(client, asked, 9).headers["Location"]).text
    assert [text for _url, text in links(thanks)] == ["C", "B", "A"]
    page = lead.get(three).text
    assert page.index(f'data-line="{c}"') < page.index(f'data-line="{b}"') < page.index(f'data-line="{a}"')


@pytest.mark.parametrize("order", ["", "{a}", "{a} {b} zzz", "{a} {a} {b}"])
def test_an_order_of_other_offers_than_there_are_is_refused_and_changes_nothing(asked, lead, three, order):
    a, b, _c = keys(asked)
    page = lead.post(f"{three}/order", data={"order": order.format(a=a, b=b)})
    assert (page.status_code, "changed meanwhile" in page.text, texts(asked)) == (409, True, ["A", "B", "C"])
    assert f'action="{three}"' in page.text, "the other form of the page still asks about getting in touch"


def test_whoever_edits_or_removes_an_offer_means_that_one_wherever_it_stands_by_now(asked, lead, three):
    a, b, _c = keys(asked)
    seen = version_of(lead, f"{three}/{a}")
    lead.post(f"{three}/order", data={"down": a})
    sent = {"text_en": "A new", "text_ja": "あ", "url": f"https://{HOST}/month", "use": "help"}
    assert lead.post(f"{three}/{a}", data=sent | seen).status_code == 303
    lead.post(f"{three}/{b}/removal")
    assert texts(asked) == ["A new", "C"]


def test_an_offer_that_somebody_took_away_meanwhile_is_not_saved_over_another(asked, lead, three):
    a, _b, _c = keys(asked)
    gone = offers.one(asked.campaign.questionnaire, a)
    assert lead.post(f"{three}/{a}/removal").status_code == 303
    with pytest.raises(Refused, match="changed meanwhile"):
        offers.put(asked.campaign.questionnaire, gone, by=lead.user)
    for rest in ("", "/removal"):
        assert lead.post(f"{three}/{a}{rest}").status_code == 404
    assert texts(asked) == ["B", "C"]


def test_nine_are_kept_at_the_most(asked, lead, three):
    for number in range(6):
        put(asked, texts=dict.fromkeys(("en", "ja"), str(number)))
    with pytest.raises(Invalid, match="9 offers are enough"):
        put(asked)
    assert f"{three}/new" not in lead.get(three).text


def test_offers_are_moved_by_those_who_have_just_opened_them(asked, lead, three):
    """With nothing at hand but what the page itself looked up."""
    number, (a, b, c) = asked.campaign.questionnaire.id, keys(asked)
    db.session.remove()
    assert lead.post(f"{three}/order", data={"up": c}).status_code == 303
    db.session.remove()
    assert [each.key for each in offers.of(db.session.get_one(Questionnaire, number))] == [a, c, b]


def test_those_who_change_the_list_at_once_all_keep_what_they_did(app, asked, lead, three):
    number, user = asked.campaign.questionnaire.id, lead.user.id
    _a, b, c = keys(asked)

    def add():
        put_new(number, user)

    def move():
        offers.order(db.session.get_one(Questionnaire, number), {"moved": c, "by": -1}, by=_user(user))

    def take_away():
        offers.remove(db.session.get_one(Questionnaire, number), b, by=_user(user))

    at_once(app, add, move, take_away, add)
    assert sorted(texts(asked)) == ["A", "C", "New", "New"]


def put_new(number, user):
    offer = offers.Offer(dict.fromkeys(("en", "ja"), "New"), f"https://{HOST}/new")
    offers.put(db.session.get_one(Questionnaire, number), offer, by=_user(user))


def _user(number):
    return db.session.get_one(StaffUser, number)


def test_an_offer_names_the_scores_as_a_further_question_does(lead):
    number = by_key("nps-default").id
    lead.post("/language", data={"language": "ja"})
    pages = [lead.get(f"/questionnaires/{number}/{path}").text for path in ("offers/new", "questions/new?kind=text")]
    assert all(words in page for page in pages for words in ("良い（9〜10）", "中間（7〜8）", "悪い（0〜6）"))
