"""The report of the further questions: counts, shares with their interval, newest words, and nothing that does not count."""

from __future__ import annotations

import pytest

from surveys.lib import clock
from surveys.lib.db import db
from surveys.questionnaires import actions
from surveys.reports.forms import period_from
from surveys.reports.further import readings
from surveys.settings.models import Product
from tests import factories
from tests.intake.test_further import QUESTIONS


@pytest.fixture
def campaign(app):
    made = factories.make_campaign()
    made.version.questions = QUESTIONS
    made.version.freeze()
    db.session.commit()
    return made


def read(campaign, language: str = "en"):
    return readings(campaign.questionnaire, period_from({}, clock.today("Asia/Tokyo")), language)


def test_every_choice_is_counted_once_for_each_who_took_it(campaign):
    for answers in ({"q1": "1"}, {"q1": "2", "q2": ["1", "3"]}, {"q1": "2", "q2": ["3"], "q3": 4, "q4": "no"}):
        factories.make_response(campaign=campaign, answers=answers)
    factories.make_response(campaign=campaign)
    found = {each.question.key: each for each in read(campaign)}
    assert [(share.label, share.count) for share in found["q1"].shares] == [("Shifts", 1), ("Leave", 2)]
    assert [share.count for share in found["q2"].shares] == [1, 0, 2]
    assert (found["q1"].n, found["q2"].n, found["q3"].n) == (3, 2, 1)
    assert [share.count for share in found["q3"].shares] == [0, 0, 0, 1, 0]
    assert all(share.interval is None for share in found["q1"].shares), "fewer than five answers have no shares"


def test_shares_have_their_interval_from_five_answers_on(campaign, lead):
    for choice in "11112":
        factories.make_response(campaign=campaign, answers={"q1": choice})
    first = read(campaign)[0].shares[0]
    assert (first.count, first.of, round(first.interval.low), round(first.interval.high)) == (4, 5, 38, 96)
    page = lead.get(f"/questionnaires/{campaign.questionnaire_id}/answers").text
    assert "80%" in page and "38% to 96%" in page


def test_answers_that_do_not_count_are_not_in_it(campaign):
    now = clock.now()
    factories.make_response(
        campaign=campaign, answers={"q1": "1", "q5": "left out"}, excluded_at=now, excluded_reason="x"
    )
    factories.make_response(campaign=campaign, answers={"q1": "1"}, quarantined_at=now)
    factories.make_response(campaign=campaign, answers={"q1": "1"}, withdrawn_at=now)
    assert [each.n for each in read(campaign)] == [0, 0, 0, 0, 0]


def test_the_newest_words_stand_there_with_who_wrote_them(campaign, lead):
    for number in range(7):
        factories.make_response(campaign=campaign, answers={"q5": f"Wish {number}"})
    found = read(campaign)[4]
    assert (found.n, [each.answers["q5"] for each in found.words]) == (7, [f"Wish {n}" for n in (6, 5, 4, 3, 2)])
    assert "Wish 6" in lead.get(f"/questionnaires/{campaign.questionnaire_id}/answers").text


def test_words_in_braces_say_what_was_asked_about(campaign, lead):
    """Every product and brand with answers; what is usual before there are any."""
    assert read(campaign)[2].text == "How fast is Our product?"
    pay = factories.save(Product(key="pay", name="Minato Pay", name_ja="ミナトペイ"))
    other = factories.make_campaign(product=pay, brand=factories.make_brand(name="Second"))
    campaign.version.questions = [each for each in QUESTIONS if each["key"] != "q5"] + [
        {"key": "q6", "kind": "text", "words": {"en": {"text": "What else from {company}?"}}}
    ]
    factories.make_response(campaign=other, answers={"q3": 4})
    assert [each.text for each in read(campaign)[2::2]] == ["How fast is Minato Pay?", "What else from Second?"]
    factories.make_response(campaign=campaign, answers={"q3": 5})
    assert read(campaign, "ja")[2].text == "ミナトペイ, 弊社サービスの速さは？"
    assert read(campaign)[4].text == "What else from Minato Time, Second?"
    page = lead.get(f"/questionnaires/{campaign.questionnaire_id}/answers").text
    assert "How fast is Minato Pay, Our product?" in page and "{" not in page.partition("<main")[2]


def test_a_question_that_is_no_longer_asked_keeps_its_answers(campaign):
    factories.make_response(campaign=campaign, answers={"q1": "2"})
    actions.remove_further(campaign.questionnaire, "q2")
    actions.remove_further(campaign.questionnaire, "q1")
    assert [(each.question.key, each.n) for each in read(campaign)] == [
        ("q3", 0),
        ("q4", 0),
        ("q5", 0),
        ("q1", 1),
        ("q2", 0),
    ]


def test_it_speaks_japanese_and_says_when_there_is_nothing(campaign, log_in, lead):
    reader = log_in("lead", locale="ja")
    assert "よく使う機能は？" in reader.get(f"/questionnaires/{campaign.questionnaire_id}/answers").text
    plain = factories.questionnaire("csat-default")
    assert "asks the scored question only" in lead.get(f"/questionnaires/{plain.id}/answers").text


def test_it_takes_a_fixed_number_of_queries(campaign, lead, count_queries):
    address = f"/questionnaires/{campaign.questionnaire_id}/answers"
    factories.make_response(campaign=campaign, answers={"q1": "2", "q5": "A"})
    lead.get(address)
    with count_queries() as few:
        lead.get(address)
    for number in range(8):
        factories.make_response(campaign=campaign, answers={"q1": "2", "q5": f"B{number}"})
    with count_queries() as many:
        lead.get(address)
    assert len(many) <= len(few)


def test_staff_read_the_answers_with_the_answer_in_the_export_and_on_the_case(campaign, lead):
    answer = factories.make_response(score=2, campaign=campaign, answers={"q1": "2", "q2": ["1", "3"], "q4": "yes"})
    page = lead.get(f"/responses/{answer.id}").text
    assert "What is missing?" in page and "Half days, Reports" in page and "Did you ask support?" in page
    assert "3 further answers" in lead.get("/voices").text
    assert "What do you use most? Leave\nWhat is missing? Half days, Reports" in lead.get("/voices/export.csv").text


def test_a_choice_that_is_no_longer_offered_keeps_those_who_took_it(campaign):
    """Else the shares of a question would be of people whom nobody can see."""
    for choice in "112":
        factories.make_response(campaign=campaign, answers={"q1": choice})
    changed = {
        "key": "q1",
        "kind": "choice",
        "options": ["2", "3"],
        "words": {"en": {"options": {"2": "Leave", "3": "Pay"}}},
    }
    actions.ask_further(campaign.questionnaire, [changed])
    found = {each.question.key: each for each in read(campaign)}
    assert [(share.label, share.count) for share in found["q1"].shares] == [("Leave", 1), ("Pay", 0), ("Shifts", 2)]


def test_a_scale_with_other_points_stands_beside_the_one_that_was_asked_before(campaign, lead):
    """Else a 5 of five and a 5 of ten would be one answer."""
    factories.make_response(campaign=campaign, answers={"q3": 5})
    version = actions.ask_further(campaign.questionnaire, [QUESTIONS[2] | {"high": 10}])
    factories.make_response(campaign=factories.make_campaign(version=version), answers={"q6": 5})
    now = read(campaign)[0]
    assert (now.question.key, now.question.high, now.n, now.is_asked) == ("q6", 10, 1, True)
    found = {each.question.key: each for each in read(campaign)}
    assert ([share.count for share in found["q3"].shares], found["q3"].is_asked) == ([0, 0, 0, 0, 1], False)
    page = lead.get(f"/questionnaires/{campaign.questionnaire_id}/answers").text
    assert page.count("How fast is Our product?") >= 2 and page.count("no longer asked") == 5
