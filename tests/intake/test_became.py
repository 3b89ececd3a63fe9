"""The receipt: what was answered, until when it can be changed, and what became of it when staff shared that."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from surveys.events.models import Event
from surveys.followups.models import Case
from surveys.invitations import news
from surveys.invitations.models import ContactNews
from surveys.lib import clock
from surveys.lib.db import db
from surveys.responses.models import Response
from tests import factories
from tests.intake.customers import answer, link

TEXT = "The export is sorted by date now."


@pytest.fixture
def invitation(app):
    return factories.make_invitation()


def told(client, invitation, text=TEXT):
    number = db.session.scalars(select(Response.id)).one()
    return client.post(f"/responses/{number}/news", data={"text": text})


def test_the_same_link_afterwards_says_what_was_answered_and_what_can_be_done(client, invitation, standing):
    answer(client, invitation, 3, "My own words")
    page = client.get(link(invitation)).text
    assert "You answered 3 on Friday, 20 November. You can change it until Friday, 27 November." in page
    assert f'href="{link(invitation)}/withdrawal"' in page
    with clock.at(standing + timedelta(days=8)):
        late = client.get(link(invitation)).text
    assert "It can no longer be changed." in late
    assert f'href="{link(invitation)}/withdrawal"' in late
    assert "What we did with it" not in page + late


def test_what_staff_share_stands_on_the_receipt_of_that_link_and_nowhere_else(client, invitation, agent, standing):
    """X-04, X-22: with the link only, never with the words, and nothing of anybody else."""
    other = factories.make_invitation(campaign=invitation.campaign)
    shown = answer(client, invitation, 3, "My own words").headers["Location"]
    assert told(agent, invitation).status_code == 303
    answer(client, other, 4)
    for path in (link(invitation), shown):
        page = client.get(path).text
        assert TEXT in page
        assert "Friday, 20 November" in page
    assert "My own words" not in client.get(link(invitation)).text
    assert TEXT not in client.get(link(other)).text
    with clock.at(standing + timedelta(days=30)):
        assert TEXT in client.get(link(invitation)).text


def test_the_next_mail_says_the_same(client, invitation, agent):
    answer(client, invitation, 3)
    with clock.at(clock.now() + timedelta(minutes=5)):
        told(agent, invitation)
    assert [line.text for line in news.since_last_answer(invitation.contact, "en")] == [TEXT]


def test_it_is_written_in_the_customers_language_and_marked_so(client, agent):
    japanese = factories.make_invitation(contact=factories.make_contact(language="ja"))
    answer(client, japanese, 3)
    number = db.session.scalars(select(Response.id)).one()
    assert 'lang="ja"' in agent.get(f"/responses/{number}").text
    told(agent, japanese, "並べ替えに対応しました。")
    page = client.get(link(japanese)).text
    assert "その後の対応" in page
    assert '<span lang="ja">並べ替えに対応しました。</span>' in page


def test_it_is_shared_beside_the_queue_and_whoever_does_so_stays_there(client, invitation, agent):
    """Folded until it is wanted, and back at the same place, also after a mistake."""
    answer(client, invitation, 3)
    number = db.session.scalars(select(Response.id)).one()
    (case,) = db.session.scalars(select(Case.id))
    panel = f"/queue?case={case}"
    page = agent.get(panel).text
    assert f'action="/responses/{number}/news"' in page and '<details class="case__told"><summary>' in page
    back = html.unescape(re.search(rf'action="/responses/{number}/news">.*?name="next" value="([^"]+)"', page, re.S)[1])
    refused = agent.post(f"/responses/{number}/news", data={"text": "", "next": back})
    assert refused.status_code == 400 and f'name="next" value="{html.escape(back)}"' in refused.text
    shared = agent.post(f"/responses/{number}/news", data={"text": TEXT, "next": back}, follow_redirects=True)
    assert shared.request.path == "/queue" and TEXT in shared.text
    assert '<details class="case__told"><summary>' in shared.text
    for elsewhere in ("https://evil.example.com/", "//evil.example.com"):
        away = agent.post(f"/responses/{number}/news", data={"text": TEXT, "next": elsewhere})
        assert away.headers["Location"] == f"/responses/{number}"


def test_it_can_be_taken_back_and_both_are_written_down(client, invitation, agent):
    answer(client, invitation, 3)
    told(agent, invitation)
    (row,) = db.session.scalars(select(ContactNews))
    number = db.session.scalars(select(Response.id)).one()
    assert TEXT in agent.get(f"/responses/{number}").text
    path = f"/responses/{number}/news/{row.id}/removal"
    assert agent.post(path).status_code == 303
    assert TEXT not in client.get(link(invitation)).text
    assert agent.post(path).status_code == 404
    kinds = db.session.scalars(select(Event.kind).where(Event.actor_id == agent.user.id).order_by(Event.id)).all()
    assert kinds == ["contact_told", "contact_news_taken_back"]


@pytest.mark.parametrize(("text", "said"), [("", "What became of it"), ("x" * 301, "300")])
def test_nothing_or_too_much_is_refused_and_kept(client, invitation, agent, text, said):
    answer(client, invitation, 3)
    page = told(agent, invitation, text)
    assert (page.status_code, said in page.text, text in page.text) == (400, True, True)
    assert db.session.scalars(select(ContactNews)).all() == []


def test_who_may_not_work_on_cases_shares_nothing(client, invitation, viewer, product_manager):
    answer(client, invitation, 3)
    for who in (viewer, product_manager):
        assert told(who, invitation).status_code == 403


def test_what_is_shared_stays_text(client, invitation, agent):
    answer(client, invitation, 3)
    told(agent, invitation, "<x-probe onload=1>")
    page = client.get(link(invitation)).text
    assert ("<x-probe" in page, "&lt;x-probe" in page) == (False, True)


def test_it_is_shared_from_the_case_as_well_and_one_comes_back_there(client, invitation, agent):
    answer(client, invitation, 3)
    page = agent.get("/cases/1").text
    assert "Share what became of it" in page
    number = db.session.scalars(select(Response.id)).one()
    done = agent.post(f"/responses/{number}/news", data={"text": TEXT, "next": "/cases/1"})
    assert done.headers["Location"] == "/cases/1"
    assert TEXT in agent.get("/cases/1").text


def test_a_withdrawn_answer_shows_nothing_of_it(client, invitation, agent):
    answer(client, invitation, 3)
    told(agent, invitation)
    client.post(f"{link(invitation)}/withdrawal", data={"withdraw": "1"})
    assert TEXT not in client.get(link(invitation)).text
