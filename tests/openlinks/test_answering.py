"""Answering through an open link: the page for everybody, one answer a form, and nobody's name in it."""

from __future__ import annotations

import gzip
import re
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from surveys.intake.reading import LARGEST_BODY, LONGEST_COMMENT
from surveys.lib import clock, tokens
from surveys.lib.db import db
from surveys.lib.tokens import Purpose
from surveys.openlinks import pages, queries
from surveys.openlinks.models import Mode
from surveys.questionnaires import actions as questionnaires
from tests import factories
from tests.intake.customers import link as personal_link
from tests.intake.customers import nonce_on
from tests.openlinks.strangers import answer, from_device, make_kiosk, make_link, stored


def test_a_stranger_answers_and_is_thanked_with_what_was_sent_and_nothing_else(client):
    link = make_link()
    sent = answer(client, link, 8, "Good talk")
    assert sent.status_code == 303
    thanks = client.get(sent.location)
    assert all(words in thanks.text for words in ("Your answer is recorded", "Your score: 8", "Good talk"))
    (given,) = stored()
    assert (given.score, given.segment, given.comment, given.language, given.counts) == (
        8,
        "middle",
        "Good talk",
        "en",
        True,
    )
    assert given.link_id == link.id


def test_the_thanks_page_tells_nothing_to_whoever_did_not_send_the_answer(client):
    link = make_link()
    answer(client, link, 8, "Good talk")
    for visit in ("", "1-2-3", "x" * 500):
        page = client.get(f"{pages.path(link)}/thanks?visit={visit}")
        assert (page.status_code, "Good talk" in page.text, "Your score" in page.text) == (200, False, False)


def test_opening_the_page_stores_nothing(client):
    link = make_link()
    page = client.get(pages.path(link))
    client.head(pages.path(link))
    assert (page.status_code, stored(), "required checked" in page.text) == (200, [], False)


def test_nobody_is_asked_for_a_name_a_consent_or_an_address(client):
    page = client.get(pages.path(make_link())).text
    assert 'name="contact"' not in page
    assert "read without a name" in page
    assert "not-me" not in page
    assert "/u/" not in page
    assert set(re.findall(r'<(?:input|textarea)[^>]* name="(\w+)"', page)) == {
        "nonce", "shown_in", "score", "comment", "website", "agreed",
    }  # fmt: skip


@pytest.mark.parametrize("score", [0, 4, 6, 10])
def test_no_score_leads_to_a_promotion(client, score):
    """X-08: the page of thanks has no door but the organisation's own contact and privacy pages."""
    thanks = client.get(answer(client, make_link(), score).location).text
    targets = [target for target in re.findall(r'href="([^"]+)"', thanks) if not target.startswith("data:")]
    assert all(target.startswith("/o/") for target in targets)
    assert ("sorry" in thanks) is (score <= 4)


def test_the_same_form_sent_twice_is_one_answer(client):
    link = make_link()
    nonce = nonce_on(client.get(pages.path(link)))
    replies = [
        client.post(pages.path(link), data={"nonce": nonce, "shown_in": "en", "score": score}) for score in (9, 9, 2)
    ]
    assert [reply.status_code for reply in replies] == [303] * 3
    assert [each.score for each in stored()] == [9]


def test_whoever_just_sent_an_answer_can_say_it_anew(client):
    link = make_link()
    thanks = client.get(answer(client, link, 2, "No").location).text
    again = re.search(r'href="(/o/[^"]+visit=[^"]+)"', thanks)[1].replace("&amp;", "&")
    form = client.get(again)
    assert 'value="2" class="bad" required checked' in form.text
    assert "No</textarea>" in form.text
    nonce = nonce_on(form)
    client.post(pages.path(link), data={"nonce": nonce, "visit": nonce, "shown_in": "en", "score": 9, "comment": "Yes"})
    assert [(each.score, each.segment, each.comment) for each in stored()] == [(9, "good", "Yes")]


def test_a_form_that_is_too_old_comes_back_with_all_that_was_written(client):
    link = make_link()
    nonce = nonce_on(client.get(pages.path(link)))
    with clock.at(clock.now() + timedelta(hours=25)):
        page = client.post(pages.path(link), data={"nonce": nonce, "score": 3, "comment": "Long words"})
    assert (page.status_code, stored()) == (400, [])
    assert "Long words</textarea>" in page.text
    assert "open for a long time" in page.text
    assert nonce_on(page) != nonce


@pytest.mark.parametrize("score", ["", "11", "-1", "９", "8\n", " 8", "1_0", "+7", "x"])
def test_what_is_no_score_is_refused_with_a_word_and_nothing_is_stored(client, score):
    """M-03."""
    page = answer(client, make_link(), score, "Kept words")
    assert (page.status_code, stored()) == (400, [])
    assert "Please choose a number from 0 to 10." in page.text
    assert "Kept words</textarea>" in page.text


def test_a_form_that_says_a_thing_twice_is_refused(client):
    """X-25."""
    link = make_link()
    nonce = nonce_on(client.get(pages.path(link)))
    body = f"nonce={nonce}&score=9&score=0"
    sent = client.post(pages.path(link), data=body, content_type="application/x-www-form-urlencoded")
    assert (sent.status_code, stored()) == (400, [])


def test_long_texts_are_refused_whole_and_stay_in_the_form(client):
    """X-26."""
    link = make_link()
    page = answer(client, link, 5, "あ" * (LONGEST_COMMENT + 1))
    assert (page.status_code, stored()) == (400, [])
    assert "あ" * (LONGEST_COMMENT + 1) in page.text
    assert client.post(pages.path(link), data={"comment": "a" * LARGEST_BODY}).status_code == 413


def test_words_are_shown_as_words_wherever_they_stand(client, lead):
    """X-05."""
    link = make_link(name="<x-probe>")
    sent = answer(client, link, 5, "<x-probe onload=alert(1)>")
    for page in (client.get(sent.location), lead.get(f"/open-links/{link.id}"), lead.get("/open-links")):
        assert "<x-probe" not in page.text


def test_the_language_button_keeps_what_was_entered(client):
    link = make_link()
    nonce = nonce_on(client.get(pages.path(link)))
    page = client.post(
        pages.path(link), data={"nonce": nonce, "shown_in": "en", "language": "ja", "score": 7, "comment": "半分"}
    )
    assert (page.status_code, '<html lang="ja">' in page.text, "半分</textarea>" in page.text) == (200, True, True)
    assert stored() == []


def test_a_link_in_one_language_speaks_no_other(client):
    link = make_link(language="ja")
    page = client.get(pages.path(link), headers={"Accept-Language": "en"}).text
    assert '<html lang="ja">' in page
    assert "English" not in page
    answer(client, link, 5, shown_in="en")
    assert stored()[0].language == "ja"


def test_without_a_choice_it_speaks_the_language_of_the_browser(client):
    path = pages.path(make_link())
    assert '<html lang="ja">' in client.get(path, headers={"Accept-Language": "ja,en;q=0.5"}).text
    assert '<html lang="en">' in client.get(path, headers={"Accept-Language": "en"}).text


@pytest.mark.parametrize("key", ["csat-default", "ces2-default", "ces-default", "form-default"])
def test_every_kind_of_question_can_be_asked_openly(client, key):
    link = make_link(questionnaire=key)
    is_scored = link.questionnaire.kind.is_scored
    sent = answer(client, link, 3 if is_scored else "", "In words")
    assert sent.status_code == 303
    assert stored()[0].score == (3 if is_scored else None)


# Addresses


def test_every_bad_address_gives_the_same_page(client):
    """X-01: unknown, malformed, of another purpose, shut: one page."""
    link = make_link()
    good = pages.token(link)
    flipped = [good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1 :] for at in range(len(good))]
    survey = personal_link(factories.make_invitation()).removeprefix("/s/")
    unknown = tokens.renewable(Purpose.OPEN, 999, 1)
    shown = set()
    for number, token in enumerate([*flipped, survey, unknown, "x", "1", "1-1.", "é", "1-1.é", "a" * 300]):
        page = client.get(f"/o/{token}", environ_base={"REMOTE_ADDR": f"198.51.{number}.7"})
        shown.add((page.status_code, page.text))
    assert len(shown) == 1
    assert shown.pop()[0] == 404
    assert client.get(f"/s/{good}").status_code == 404
    assert client.get(f"/u/{good}").status_code == 404


@pytest.mark.parametrize("path", ["/o/x", "/s/x", "/u/x"])
def test_a_bad_address_is_the_same_page_to_a_colleague_who_is_logged_in(lead, path):
    """Whose own log-in is not even looked up on a customer's page."""
    assert lead.get(path).status_code == 404


def test_a_new_address_shuts_the_old_one_for_reading_and_for_sending(client, lead):
    link = make_link()
    old, nonce = pages.path(link), nonce_on(client.get(pages.path(link)))
    assert lead.post(f"/open-links/{link.id}/address").status_code == 303
    assert client.get(old).status_code == 404
    assert client.post(old, data={"nonce": nonce, "score": 9}).status_code == 404
    assert (client.get(pages.path(link)).status_code, stored()) == (200, [])


def test_guessing_addresses_is_slowed_down(client):
    """X-01: 30 bad tokens a minute from one network."""
    statuses = [client.get(f"/o/1-1.{'A' * 22}").status_code for _ in range(35)]
    assert (statuses[0], statuses[-1]) == (404, 429)


def test_before_its_first_day_and_after_its_last_a_link_says_so(client, standing):
    coming, gone = make_link("Coming", opens_on=date(2026, 11, 21)), make_link("Gone", closes_on=date(2026, 11, 19))
    today = make_link("Today", opens_on=date(2026, 11, 20), closes_on=date(2026, 11, 20))
    early, late = client.get(pages.path(coming)), client.get(pages.path(gone))
    assert (early.status_code, "21 November 2026" in early.text) == (404, True)
    assert (late.status_code, "This survey has ended" in late.text) == (410, True)
    assert client.post(pages.path(gone), data={"score": 9}).status_code == 410
    assert client.get(pages.path(today)).status_code == 200


def test_an_archived_link_takes_nothing_until_it_is_used_again(client, lead):
    link = make_link()
    lead.post(f"/open-links/{link.id}/archive")
    assert client.get(pages.path(link)).status_code == 410
    lead.post(f"/open-links/{link.id}/return")
    assert client.get(pages.path(link)).status_code == 200


def test_a_form_of_a_mailed_question_opens_nothing_here_and_none_of_ours_there(client):
    """X-11: each nonce is for one form."""
    link, invitation = make_link(), factories.make_invitation(id=1)
    ours, theirs = nonce_on(client.get(pages.path(link))), nonce_on(client.get(personal_link(invitation)))
    assert client.post(pages.path(link), data={"nonce": theirs, "score": 9}).status_code == 400
    assert client.post(personal_link(invitation), data={"nonce": ours, "score": 9}).status_code == 400


def test_the_public_pages_send_no_referrer_and_load_nothing_from_elsewhere(client):
    """X-20, X-21."""
    link, kiosk = make_link(), make_kiosk()
    for path in (pages.path(link), f"{pages.path(link)}/thanks", pages.path(kiosk), "/o/bad"):
        page = client.get(path)
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in page.headers["Cache-Control"]
        assert "noindex" in page.headers["X-Robots-Tag"]
        assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"', page.text) == []
    assert "script-src" not in client.get(pages.path(link)).headers["Content-Security-Policy"]
    assert "script-src 'self'" in client.get(pages.path(kiosk)).headers["Content-Security-Policy"]


def test_a_page_asks_the_database_little_however_many_have_answered(client, count_queries):
    link = make_link()
    path = pages.path(link)
    client.get(path)
    with count_queries() as before:
        client.get(path)
    for net in range(5):
        answer(client, link, ip=f"198.51.{net}.1")
    with count_queries() as after:
        client.get(path)
    assert len(before) == len(after) <= 4


def test_the_page_is_small_enough_for_the_first_packets(client):
    """A-30."""
    page = client.get(pages.path(make_link()), headers={"Accept-Language": "ja"}).data
    assert (len(gzip.compress(page)) < 14_000, len(page) < 40_000) == (True, True)


# One answer, however often and in whatever order it is sent


@pytest.mark.only("sqlite")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(some.sampled_from(["a", "b", "c"]), min_size=1, max_size=12))
def test_a_device_may_hand_in_the_same_answers_as_often_as_it_likes_in_any_order(client, order):
    link = db.session.get(pages.OpenLink, 1) or make_kiosk()
    for row in stored():
        db.session.delete(row)
    db.session.commit()
    names = {name: f"00000000-0000-4000-8000-00000000000{name}" for name in "abc"}
    nonce = nonce_on(client.get(pages.path(link)))
    for at, name in enumerate(order):
        reply = from_device(
            client, link, client_id=names[name], score="abc".index(name) + 5, nonce=nonce, ip=f"203.0.{at}.1"
        )
        assert (reply.status_code, reply.json) == (200, {"stored": True})
    assert sorted((each.client_id, each.score) for each in stored()) == sorted(
        (names[name], "abc".index(name) + 5) for name in set(order)
    )


def test_two_links_may_hear_the_same_name_from_two_devices(client):
    name = "00000000-0000-4000-8000-000000000001"
    for kiosk in (make_kiosk("One"), make_kiosk("Two")):
        from_device(client, kiosk, client_id=name)
    assert len(stored()) == 2


# The words


def test_people_see_the_words_of_the_link_until_staff_take_newer_ones(client, lead):
    """S-34: what was asked keeps its words."""
    link = make_link()
    first = link.version
    assert first.is_frozen
    questionnaires.reword(link.questionnaire, "en", {"question": "Would you tell a friend?"})
    db.session.commit()
    assert "Would you tell a friend?" not in client.get(pages.path(link)).text
    answer(client, link, 9)
    assert "newer words" in lead.get(f"/open-links/{link.id}").text
    lead.post(f"/open-links/{link.id}/wording")
    assert "Would you tell a friend?" in client.get(pages.path(link)).text
    answer(client, link, 9)
    assert [each.version.number for each in stored()] == [1, 2]
    assert db.session.get(pages.OpenLink, link.id).version.is_frozen


def test_a_link_with_answers_keeps_its_question(client, lead):
    link = make_link()
    answer(client, link, 9)
    said = {"name": "Reception", "mode": "link", "product": link.product_id, "brand": link.brand_id, "language": ""}
    page = lead.post(f"/open-links/{link.id}/details", data={**said, "questionnaire": "csat-default"})
    assert (page.status_code, "make another open link" in page.text) == (400, True)
    assert queries.link(link.id).questionnaire.key == "nps-default"


def test_taking_the_newest_words_twice_is_refused(lead):
    link = make_link()
    assert lead.post(f"/open-links/{link.id}/wording").status_code == 409


def test_an_answer_in_a_mode_of_its_own_lands_at_its_own_page(client):
    kiosk, seminar = make_kiosk(), make_link("Seminar", mode=Mode.SEMINAR)
    assert client.get(f"/o/{pages.token(kiosk)}").location == pages.path(kiosk)
    assert client.get(f"/o/{pages.token(seminar)}/kiosk").location == pages.path(seminar)
