"""What staff do with a single answer."""

from __future__ import annotations

import re
import sqlite3

import pytest
from sqlalchemy import select

from surveys.events.models import Event
from surveys.followups.models import Case
from surveys.lib.access import Role
from surveys.lib.db import db
from surveys.measures.queries import Scope, counts, drift
from surveys.responses.models import Change, Evidence, Response, ResponseChange, Source
from surveys.responses.queries import history
from tests import factories
from tests.intake.customers import answer
from tests.intake.test_suspicion import AT_ONCE


@pytest.fixture
def response(app, client):
    answer(client, factories.make_invitation(), 2, "Broken")
    return db.session.scalars(select(Response)).one()


def test_an_answer_is_left_out_with_a_reason_and_put_back(lead, response):
    page = f"/responses/{response.id}/exclusion"
    assert "Leave this answer out of the score?" in lead.get(page).text
    lead.post(page, data={"reason": ""})
    assert response.counts
    lead.post(page, data={"reason": "It was a test."})
    assert (response.counts, response.excluded_reason, counts(Scope())["nps"].n) == (False, "It was a test.", 0)
    assert "It was a test." in lead.get(page).text
    lead.post(page, data={"restore": "1"})
    assert (response.counts, counts(Scope())["nps"].n, drift()) == (True, 1, [])
    kinds = [change.kind for change in db.session.scalars(history(response))]
    assert kinds == [Change.ANSWERED, Change.EXCLUDED, Change.RESTORED]
    said = db.session.scalars(select(Event.kind).where(Event.subject_kind == "response").order_by(Event.id)).all()
    assert said[-2:] == ["response_excluded", "response_restored"]


def test_agents_do_not_change_the_score(agent, response):
    assert agent.post(f"/responses/{response.id}/exclusion", data={"reason": "I did not like it."}).status_code == 403
    assert agent.post(f"/responses/{response.id}/rejection").status_code == 403
    assert response.counts


def test_viewers_see_doubtful_answers_but_no_names(client, viewer, agent):
    answer(client, factories.make_invitation(contact=factories.make_contact(name="Ann Example")), 9, reading=AT_ONCE)
    assert "Ann Example" in agent.get("/responses/quarantine").text
    page = viewer.get("/responses/quarantine").text
    assert ("Ann Example" in page, "A customer" in page) == (False, True)


def test_a_doubtful_answer_says_whose_it_is_of_which_question_and_why(client, log_in):
    """Also of somebody whose name nobody knows, and in Japanese without a blank."""
    contact = factories.make_contact(name="", email="ann@customer.example.com")
    invitation = factories.make_invitation(contact=contact, campaign=factories.make_campaign(key="csat-default"))
    answer(client, invitation, 4, reading=AT_ONCE, website="x")
    pages = {code: log_in(Role.LEAD, locale=code).get("/responses/quarantine").text for code in ("en", "ja")}
    assert "ann@customer.example.com" in pages["en"] and ">CSAT (satisfaction)<" in pages["en"]
    assert "Why it is here: sent within a second of opening, filled in what people do not see" in pages["en"]
    assert "保留の理由：開いてから1秒以内に送信、人には見えない欄に入力" in pages["ja"]


def test_suspect_answers_wait_on_a_page_for_a_decision(app, client, lead):
    assert "No answer is in doubt" in lead.get("/responses/quarantine").text
    for score in (9, 1):
        answer(client, factories.make_invitation(), score, reading=AT_ONCE)
    good, bad = db.session.scalars(select(Response).order_by(Response.id)).all()
    page = lead.get("/responses/quarantine").text
    assert page.count("sent within a second of opening") >= 2
    lead.post(f"/responses/{good.id}/acceptance")
    lead.post(f"/responses/{bad.id}/rejection")
    assert (good.counts, good.evidence, bad.counts) == (True, Evidence.VOUCHED, False)
    assert "No answer is in doubt" in lead.get("/responses/quarantine").text
    assert lead.post(f"/responses/{good.id}/rejection").status_code == 409
    assert drift() == []


def test_an_answer_told_to_staff_is_stored_as_such(agent):
    contact = factories.make_contact(account=factories.make_account(tier="high_touch"))
    page = f"/responses/new?contact={contact.id}"
    assert agent.get(page).status_code == 200
    sent = {
        "questionnaire": "nps-default",
        "score": "3",
        "comment": "On the phone",
        "language": "en",
        "contact_wanted": "yes",
    }
    assert agent.post(page, data=sent).status_code == 303
    response = db.session.scalars(select(Response)).one()
    assert (response.source, response.entered_by_id, response.evidence) == (
        Source.STAFF,
        agent.user.id,
        Evidence.VOUCHED,
    )
    assert (response.score, response.comment, response.wants_contact, response.tier) == (
        3,
        "On the phone",
        True,
        "high_touch",
    )
    assert db.session.scalars(select(Case.contact_id)).all() == [contact.id]
    assert (counts(Scope())["nps"].n, drift()) == (1, [])


def test_it_answers_the_invitation_that_is_open(agent):
    invitation = factories.make_invitation()
    sent = {"questionnaire": "nps-default", "score": "9", "comment": "", "language": "en", "contact_wanted": ""}
    agent.post(f"/responses/new?contact={invitation.contact_id}", data=sent)
    response = db.session.scalars(select(Response)).one()
    assert (response.invitation_id, invitation.answered_at) == (invitation.id, response.answered_at)


def test_a_score_outside_the_scale_is_not_stored(agent):
    contact = factories.make_contact()
    sent = {"questionnaire": "csat-default", "score": "9", "comment": "", "language": "en", "contact_wanted": ""}
    page = agent.post(f"/responses/new?contact={contact.id}", data=sent)
    assert (page.status_code, "from 1 to 5" in page.text) == (400, True)
    assert db.session.scalars(select(ResponseChange)).all() == []


def test_nobody_is_entered_without_a_person(agent):
    assert agent.get("/responses/new").status_code == 404
    assert agent.get("/responses/new?contact=999").status_code == 404


def test_a_form_sent_twice_is_one_answer(agent):
    page = f"/responses/new?contact={factories.make_contact().id}"
    nonce = re.search(r'name="nonce"[^>]* value="([^"]+)"', agent.get(page).text)
    assert nonce is not None
    sent = {"nonce": nonce[1], "questionnaire": "nps-default", "score": "9", "comment": "", "language": "en"}
    first, second = agent.post(page, data=sent), agent.post(page, data=sent)
    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert (counts(Scope())["nps"].n, drift()) == (1, [])


def test_a_question_without_a_score_needs_words(agent):
    page = f"/responses/new?contact={factories.make_contact().id}"
    sent = {"questionnaire": "form-default", "score": "", "comment": " ", "language": "en"}
    assert "Please write a few words." in agent.post(page, data=sent).text
    assert db.session.scalars(select(Response)).all() == []


@pytest.mark.only("sqlite")
def test_a_colleague_hears_that_the_database_is_busy_on_a_page_for_colleagues(agent):
    page = f"/responses/new?contact={factories.make_contact().id}"
    db.session.commit()
    stranger = sqlite3.connect(db.engine.url.database or "", isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")
    answer_ = agent.post(page, data={"questionnaire": "nps-default", "score": "9", "language": "en"})
    stranger.close()
    assert (answer_.status_code, "Send again" in answer_.text) == (503, False)
