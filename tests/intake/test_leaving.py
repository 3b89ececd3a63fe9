"""The ways out: opt-out page and RFC 8058, the wrong person, taking an answer back; and who sees which words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from surveys.delivery.models import Suppression, SuppressionReason
from surveys.delivery.queries import suppression_of
from surveys.followups.models import Case, CaseState
from surveys.lib import clock
from surveys.lib.db import db
from surveys.measures.queries import Scope, counts, drift
from surveys.responses.models import Response
from tests import factories
from tests.intake.customers import answer, link, nonce_on, opt_out_link


@pytest.fixture
def invitation(app):
    return factories.make_invitation()


def suppressions() -> int:
    return db.session.scalar(select(func.count()).select_from(Suppression)) or 0


def test_looking_at_the_opt_out_page_changes_nothing(client, invitation):
    for method in (client.get, client.head):
        assert method(opt_out_link(invitation)).status_code == 200
    assert suppressions() == 0


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_one_click_takes_effect_without_cookie_or_redirect(client, invitation, kind):
    for _ in range(2):
        done = client.post(
            opt_out_link(invitation),
            data={"List-Unsubscribe": "One-Click"},
            content_type=kind,
            headers={"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        )
        assert (done.status_code, "Set-Cookie" in done.headers, "Location" in done.headers) == (200, False, False)
    assert suppressions() == 1
    assert suppression_of(invitation.contact.email).reason is SuppressionReason.OPT_OUT
    assert invitation.opted_out_at is not None


def test_a_posting_that_says_nothing_shows_the_page(client, invitation):
    page = client.post(opt_out_link(invitation), data={"something": "else"})
    assert (page.status_code, suppressions()) == (200, 0)


def test_the_button_of_the_page_opts_out_and_the_next_one_comes_back(client, invitation):
    nonce = nonce_on(client.get(opt_out_link(invitation)))
    with clock.at(clock.now() + timedelta(seconds=4)):
        gone = client.post(opt_out_link(invitation), data={"leave": "1", "nonce": nonce})
    assert gone.status_code == 303
    assert suppression_of(invitation.contact.email).is_suspect is False
    assert "You are unsubscribed" in client.get(opt_out_link(invitation)).text
    client.post(opt_out_link(invitation), data={"return": "1"})
    assert suppressions() == 0


def test_an_opt_out_within_a_second_takes_effect_and_is_listed(client, invitation):
    nonce = nonce_on(client.get(opt_out_link(invitation)))
    client.post(opt_out_link(invitation), data={"leave": "1", "nonce": nonce})
    assert suppression_of(invitation.contact.email).is_suspect is True


def test_nobody_comes_back_over_a_complaint(client, invitation):
    factories.save(
        Suppression(address_key=address_key(invitation), reason=SuppressionReason.COMPLAINT, created_at=clock.now())
    )
    assert "Receive surveys again" not in client.get(opt_out_link(invitation)).text
    client.post(opt_out_link(invitation), data={"return": "1"})
    assert suppressions() == 1


def address_key(invitation) -> str:
    from surveys.delivery.queries import key_of

    return key_of(invitation.contact.email)


def test_an_opt_out_link_never_ends(client):
    old = factories.make_invitation(closes_at=clock.now() - timedelta(days=400))
    assert client.get(link(old)).status_code == 404
    assert client.post(opt_out_link(old), data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert suppressions() == 1


def test_the_wrong_person_can_say_so(client, invitation):
    page = f"{link(invitation)}/not-me"
    assert client.get(page).status_code == 200
    client.post(page, data={"why": "nonsense"})
    assert invitation.contact.unreachable == ""
    assert client.post(page, data={"why": "left"}).status_code == 303
    assert invitation.contact.unreachable == "left"
    assert "Thank you for telling us" in client.get(page).text


def test_an_answer_can_be_taken_back(client, invitation):
    answer(client, invitation, 1, "angry")
    page = f"{link(invitation)}/withdrawal"
    assert "Withdraw your answer?" in client.get(page).text
    assert counts(Scope())["nps"].n == 1
    client.post(page, data={"withdraw": "1"})
    assert counts(Scope())["nps"].n == 0
    assert db.session.scalars(select(Case.state)).all() == [CaseState.INVALID]
    assert "was withdrawn" in client.get(page).text
    assert drift() == []


def test_what_was_taken_back_can_be_given_again(client, invitation):
    answer(client, invitation, 1)
    client.post(f"{link(invitation)}/withdrawal", data={"withdraw": "1"})
    with clock.at(clock.now() + timedelta(days=10)):
        answer(client, invitation, 7)
    assert db.session.scalars(select(Response.score)).all() == [7]
    assert (counts(Scope())["nps"].scores[7], drift()) == (1, [])


def test_thanks_say_until_when_it_can_be_changed_and_show_the_words_to_who_wrote_them(client, invitation, standing):
    shown = answer(client, invitation, 3, "My own words")
    mine = client.get(shown.headers["Location"])
    assert "until Friday, 27 November" in mine.text
    assert "We are sorry for the trouble." in mine.text
    assert "My own words" in mine.text
    for path in (f"{link(invitation)}/thanks", link(invitation), f"{link(invitation)}/thanks?visit=1-1-00000000-f.x"):
        others = client.get(path)
        assert "You answered 3 on Friday, 20 November." in others.text
        assert "My own words" not in others.text


def test_a_page_names_no_person(client):
    """X-04, X-22."""
    contact = factories.make_contact(name="Taro Yamada", email="taro.yamada@customer.example.com")
    invitation = factories.make_invitation(contact=contact)
    shown = answer(client, invitation, 3, "words", contact="no")
    for path in (link(invitation), shown.headers["Location"], f"{link(invitation)}/not-me", opt_out_link(invitation)):
        page = client.get(path).text
        assert "Taro" not in page
        assert "customer.example.com" not in page


def test_a_change_without_words_keeps_the_words_it_did_not_show(client, invitation):
    shown = answer(client, invitation, 3, "My own words")
    with clock.at(clock.now() + timedelta(minutes=5)):
        answer(client, invitation, 4)
    assert db.session.scalars(select(Response.comment)).all() == ["My own words"]
    visit = shown.headers["Location"].split("visit=")[1]
    assert "My own words" not in client.get(f"{link(invitation)}?visit={visit}").text


def test_who_sees_the_words_may_take_them_out(client, invitation):
    shown = answer(client, invitation, 3, "My own words")
    visit = shown.headers["Location"].split("visit=")[1]
    page = client.get(f"{link(invitation)}?visit={visit}")
    assert "My own words" in page.text
    sent = {"nonce": nonce_on(page), "visit": visit, "shown_in": "en", "score": "3", "comment": ""}
    with clock.at(clock.now() + timedelta(seconds=30)):
        client.post(link(invitation), data=sent)
    assert db.session.scalars(select(Response.comment)).all() == [""]
