"""Several visits to one link: what stays of the answer before, who sees it, and what a form of yesterday may do (X-04, E-24)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from surveys.intake import actions
from surveys.lib import clock
from surveys.lib.db import db
from tests import factories
from tests.intake.customers import READING, answer, link, nonce_on
from tests.intake.test_further import QUESTIONS, stored

AT_ONCE = timedelta(milliseconds=300)
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def invitation(app):
    campaign = factories.make_campaign()
    campaign.version.questions = QUESTIONS
    db.session.commit()
    return factories.make_invitation(campaign=campaign)


def seen_after(client, invitation, posted):
    """The page of thanks and the form behind it, as this visit sees them."""
    thanks = posted.headers["Location"]
    return client.get(thanks).text + client.get(f"{link(invitation)}?visit={thanks.partition('visit=')[2]}").text


def test_whoever_changes_the_score_is_not_shown_what_was_written_before(client, invitation):
    """X-04: the mail may have been forwarded."""
    answer(client, invitation, 2, "Our secret words", q1="1", q5="Our secret wish")
    with clock.at(clock.now() + AN_HOUR):
        assert "secret" not in seen_after(client, invitation, answer(client, invitation, 2))


def test_a_posting_that_was_set_aside_opens_nothing(client, invitation):
    """X-04: what a machine sent changes nothing, and is no visit that wrote the answer."""
    answer(client, invitation, 2, "Our secret words", q1="1", q5="Our secret wish")
    with clock.at(clock.now() + AN_HOUR):
        assert "secret" not in seen_after(client, invitation, answer(client, invitation, 2, reading=AT_ONCE))


def test_what_a_machine_ticked_is_not_in_the_answer_of_the_person_who_comes_later(client, invitation):
    answer(client, invitation, 0, reading=AT_ONCE, q1="2", q3="1", **{"q2.1": "1", "q2.2": "1"})
    with clock.at(clock.now() + AN_HOUR):
        answer(client, invitation, 8)
    assert (stored().score, stored().counts, stored().answers) == (8, True, {})


def test_what_staff_rejected_is_not_in_the_next_answer(client, invitation):
    answer(client, invitation, 0, "Buy watches", website="x", q1="2", q3="1")
    actions.reject(stored(), by=factories.make_user())
    db.session.commit()
    with clock.at(clock.now() + AN_HOUR):
        answer(client, invitation, 8)
    assert (stored().score, stored().counts, stored().answers, stored().comment) == (8, True, {}, "")


def test_what_was_withdrawn_does_not_come_back_with_a_new_answer(client, invitation):
    answer(client, invitation, 2, "Take it away", contact="yes", q1="2")
    client.post(f"{link(invitation)}/withdrawal", data={"withdraw": "1"})
    with clock.at(clock.now() + AN_HOUR):
        answer(client, invitation, 8)
    assert (stored().score, stored().answers, stored().comment, stored().wants_contact) == (8, {}, "", None)


def test_an_answer_to_a_question_that_the_new_score_does_not_ask_goes(client, invitation):
    answer(client, invitation, 2, q1="1", q4="no")
    with clock.at(clock.now() + AN_HOUR):
        answer(client, invitation, 10)
    assert stored().answers == {"q1": "1"}


def test_adding_words_in_one_tab_leaves_the_score_that_was_changed_in_another(client, invitation):
    first = answer(client, invitation, 8, q1="1")
    thanks = client.get(first.headers["Location"])
    with clock.at(clock.now() + timedelta(minutes=2)):
        answer(client, invitation, 3)
        client.post(link(invitation), data={"nonce": nonce_on(thanks), "shown_in": "en", "score": "8", "q3": "2"})
    assert (stored().score, stored().answers) == (3, {"q1": "1", "q3": 2})


def test_a_machine_that_presses_on_on_the_page_of_thanks_is_not_vouched_for(client, invitation):
    """E-24: it is no other visit, however long it waits."""
    first = answer(client, invitation, 8, reading=AT_ONCE)
    thanks = client.get(first.headers["Location"])
    with clock.at(clock.now() + timedelta(minutes=2)):
        client.post(link(invitation), data={"nonce": nonce_on(thanks), "shown_in": "en", "score": "8", "q3": "2"})
    assert stored().counts is False


@pytest.mark.parametrize("words", [{"comment": "first, and more"}, {"comment": "first", "q5": "in another field"}])
def test_whoever_stops_a_sending_writes_on_and_sends_again_loses_no_word(client, invitation, words):
    """E-24: that form changes nothing any more, and says so; the next one does."""
    sent = {"nonce": nonce_on(client.get(link(invitation))), "shown_in": "en", "score": "9", "comment": "first"}
    with clock.at(clock.now() + timedelta(seconds=5)):
        client.post(link(invitation), data=sent)
    with clock.at(clock.now() + timedelta(seconds=30)):
        page = client.post(link(invitation), data=sent | {"score": "3"} | words)
        assert (page.status_code, "please send this once more" in page.text) == (409, True)
        assert all(each in page.text for each in words.values())
        assert stored().comment == "first"
    with clock.at(clock.now() + timedelta(seconds=60)):
        again = client.post(link(invitation), data=sent | {"nonce": nonce_on(page), "score": "3"} | words)
    assert (again.status_code, stored().score, stored().comment) == (303, 3, words["comment"])
    assert stored().answers.get("q5") == words.get("q5")


def test_the_same_form_with_the_same_words_or_none_is_thanked_twice(client, invitation):
    sent = {"nonce": nonce_on(client.get(link(invitation))), "shown_in": "en", "score": "9", "comment": "first"}
    with clock.at(clock.now() + timedelta(seconds=5)):
        for again in ({}, {}, {"comment": ""}, {"score": "2", "comment": ""}):
            assert client.post(link(invitation), data=sent | again).status_code == 303
    assert (stored().score, stored().comment) == (9, "first")


def test_adding_words_to_a_withdrawn_answer_asks_first(client, invitation):
    first = answer(client, invitation, 8)
    thanks = client.get(first.headers["Location"])
    client.post(f"{link(invitation)}/withdrawal", data={"withdraw": "1"})
    sent = {"nonce": nonce_on(thanks), "shown_in": "en", "score": "8", "comment": "One thing more"}
    with clock.at(clock.now() + READING):
        page = client.post(link(invitation), data=sent)
    assert (page.status_code, stored().withdrawn_at is None) == (409, False)
    assert "You withdrew your answer." in page.text and "One thing more</textarea>" in page.text
    with clock.at(clock.now() + 2 * READING):
        client.post(link(invitation), data=sent | {"nonce": nonce_on(page)})
    assert (stored().counts, stored().comment) == (True, "One thing more")


def test_the_page_of_thanks_takes_the_answer_to_a_question_that_follows_an_earlier_one(client, invitation):
    first = answer(client, invitation, 3, "Words", q1="2")
    thanks = client.get(first.headers["Location"])
    assert "What is missing?" in thanks.text
    with clock.at(clock.now() + READING):
        client.post(link(invitation), data={"nonce": nonce_on(thanks), "shown_in": "en", "score": "3", "q2.1": "1"})
    assert stored().answers == {"q1": "2", "q2": ["1"]}


def test_a_mistake_on_the_page_of_thanks_comes_back_with_what_was_chosen_before(client, invitation):
    first = answer(client, invitation, 3, "Words", q1="2")
    thanks = client.get(first.headers["Location"])
    sent = {"nonce": nonce_on(thanks), "shown_in": "en", "score": "3", "q2.1": "1", "q5": "x" * 2001}
    page = client.post(link(invitation), data=sent)
    assert page.status_code == 400
    assert 'id="q1-2" value="2" checked' in page.text and 'id="q2-1" value="1" checked' in page.text
