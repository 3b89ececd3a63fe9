"""Words of further answers in the index: found while they stand, by what they say now, and by nothing else."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from surveys.followups.models import Case, Lane
from surveys.followups.triage import Reason
from surveys.intake.actions import receive
from surveys.lib import clock
from surveys.lib.db import db
from surveys.reports.proof import faults
from surveys.responses.evidence import Posting
from surveys.responses.models import Response, Source
from surveys.responses.queries import standing
from surveys.search.queries import mentions
from tests import factories
from tests.intake.customers import READING, answer, link, nonce_on

QUESTIONS = [
    {"key": "q1", "kind": "text", "words": {"en": {"text": "One wish?"}, "ja": {"text": "ご要望は？"}}},
    {"key": "q2", "kind": "choice", "options": ["1"], "words": {"en": {"text": "Which?", "options": {"1": "Shifts"}}}},
]


@pytest.fixture
def invitation(app):
    campaign = factories.make_campaign()
    campaign.version.questions = QUESTIONS
    db.session.commit()
    return factories.make_invitation(campaign=campaign)


def finding(*searches: str) -> list[int]:
    db.session.rollback()
    assert [fault for fault in faults() if fault.name == "the text index is whole"] == []
    return [len(db.session.scalars(select(Response.id).where(mentions(words))).all()) for words in searches]


def again(client, invitation, page, **fields):
    with clock.at(clock.now() + READING):
        return client.post(link(invitation), data={"nonce": nonce_on(page), "shown_in": "en", **fields})


def form_of_visit(client, invitation, first):
    visit = first.headers["Location"].partition("visit=")[2]
    return visit, client.get(f"{link(invitation)}?visit={visit}")


def test_a_further_text_is_found_and_what_was_ticked_is_not(client, invitation):
    answer(client, invitation, 9, "All well", q1="Dark mode", q2="1")
    assert finding("dark", "well", "1", "shifts") == [1, 1, 0, 0]


def test_a_further_text_alone_is_found(client, invitation):
    answer(client, invitation, 9, q1="請求書の書式")
    assert finding("請求") == [1]


def test_another_text_takes_the_place_of_the_first(client, invitation):
    first = answer(client, invitation, 9, q1="Dark mode")
    visit, page = form_of_visit(client, invitation, first)
    again(client, invitation, page, visit=visit, score="9", q1="Light mode")
    assert finding("dark", "light") == [0, 1]


def test_a_text_that_was_taken_out_is_found_no_more(client, invitation):
    first = answer(client, invitation, 9, "Thanks", q1="Dark mode")
    visit, page = form_of_visit(client, invitation, first)
    again(client, invitation, page, visit=visit, score="9", comment="Thanks")
    assert finding("dark", "thanks") == [0, 1]


def test_a_text_that_stays_beside_a_new_comment_is_still_found(client, invitation):
    answer(client, invitation, 9, q1="Dark mode")
    again(client, invitation, client.get(link(invitation)), score="8", comment="Faster exports")
    assert finding("dark", "faster") == [1, 1]


def test_a_text_stays_findable_when_a_form_without_further_questions_changes_the_answer(client, agent, invitation):
    """As when staff enter what they were told while the customer answers."""
    answer(client, invitation, 9, q1="Dark mode")
    so_far, now = standing(invitation.id), clock.now()
    entered = Posting(
        score=8, comment="By phone", wants_contact=None, language="en", nonce="staff-1", issued_at=now, at=now
    )
    receive(Source.STAFF, so_far, entered, by=agent.user)
    db.session.commit()
    assert finding("dark", "phone") == [1, 1]


def test_whoever_took_the_answer_back_and_gives_another_is_found_by_that_alone(client, invitation):
    answer(client, invitation, 9, q1="Dark mode")
    client.post(f"{link(invitation)}/withdrawal", data={"withdraw": "1"})
    answer(client, invitation, 7, "Fine by now")
    assert finding("dark", "fine") == [0, 1]


def test_a_suspect_text_on_top_of_a_standing_one_is_not_found(client, invitation):
    answer(client, invitation, 9, q1="Dark mode")
    answer(client, invitation, 3, q1="Machine words", website="http://spam.example.com")
    assert finding("dark", "machine") == [1, 0]


def test_a_threat_in_a_further_text_is_heard_and_read_in_the_queue(client, agent, invitation):
    answer(client, invitation, 5, q1="We may switch to another vendor")
    case = db.session.scalars(select(Case)).one()
    assert (case.lane, case.reason) == (Lane.CASE, Reason.RISK_WORD)
    db.session.commit()
    page = agent.get("/queue").text
    assert "We may switch to another vendor" in page and "No comment" not in page
