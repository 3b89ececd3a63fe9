"""Home: what a score says at which number of answers, how it moved, and what stands there before anybody answered."""

from __future__ import annotations

import pytest

from surveys.lib import clock
from surveys.lib.db import db
from surveys.settings.queries import organisation
from tests import factories


def test_before_anybody_answered_home_says_where_it_begins(lead):
    page = lead.get("/").text
    assert "No score yet" in page
    assert "Nobody is waiting for a first contact." in page
    assert "/charts/" not in page


def test_fewer_than_five_answers_show_no_score(lead, answered):
    answered([9, 9, 9, 9])
    page = lead.get("/").text
    assert "4 answers" in page
    assert "Fewer than 5 answers: no score yet." in page
    assert 'class="stat__value stat__value--none">–' in page


def test_from_five_to_twenty_nine_the_sample_is_called_small(lead, answered):
    answered([9, 9, 9, 9, 3])
    page = lead.get("/").text
    assert '<span class="stat__value">60</span>' in page
    assert "small sample" in page


def test_thirty_answers_are_a_score_with_its_interval(lead, answered):
    answered([10] * 20 + [7] * 5 + [2] * 5)
    page = lead.get("/").text
    assert '<span class="stat__value">50</span>' in page
    assert "small sample" not in page
    assert '<span class="stat__range">(' in page


def test_a_small_movement_is_called_noise(lead, answered):
    answered([10] * 20 + [2] * 20, days_ago=100)
    answered([10] * 22 + [2] * 18)
    assert "0 before: within noise" in lead.get("/").text


@pytest.mark.parametrize(
    ("before", "now", "words"), [(2, 10, "−100 before: a real rise"), (10, 2, "100 before: a real fall")]
)
def test_a_large_movement_is_called_real(lead, answered, before, now, words):
    answered([before] * 40, days_ago=100)
    answered([now] * 40)
    assert words in lead.get("/").text


def test_too_few_answers_before_are_no_comparison(lead, answered):
    answered([10] * 3, days_ago=100)
    answered([10] * 40)
    assert "no comparison: too few answers in the 90 days before" in lead.get("/").text


def test_too_few_answers_now_are_said_of_now(lead, answered):
    answered([10] * 40, days_ago=100)
    answered([10] * 3)
    page = lead.get("/").text
    assert "no comparison: too few answers in these 90 days" in page
    assert "days before" not in page


def test_a_period_counts_its_own_days_only(lead, answered):
    answered([10] * 6, days_ago=29)
    answered([2] * 7, days_ago=31)
    assert "6 answers" in lead.get("/?days=30").text
    assert "13 answers" in lead.get("/?days=90").text
    assert "13 answers" in lead.get("/?days=odd").text


def test_effort_says_which_way_is_better_when_it_moved(lead, answered):
    answered([5] * 40, days_ago=100, key="ces-default")
    answered([1] * 40, key="ces-default")
    assert "before: a real improvement" in lead.get("/").text


def test_home_shows_who_waits_and_what_was_said(lead, standing):
    account = factories.make_account(name="Harbor & Finch")
    contact = factories.make_contact(account=account, name="Hannah Whitfield")
    answer = factories.make_response(2, contact=contact, comment="Three tickets in two weeks.")
    factories.make_case(contact=contact, responses=[answer])
    page = lead.get("/").text
    assert "1 open" in page
    assert page.count("Three tickets in two weeks.") == 2
    assert "Harbor &amp; Finch" in page


def test_a_viewer_sees_no_names_of_persons(viewer, standing):
    contact = factories.make_contact(name="Hannah Whitfield")
    factories.make_case(contact=contact, responses=[factories.make_response(2, contact=contact, comment="Slow.")])
    assert "Hannah" not in viewer.get("/").text


def test_a_running_campaign_stands_there_with_its_share(lead, standing):
    campaign = factories.make_campaign(name="Autumn")
    campaign.state = "sending"
    invitations = [factories.make_invitation(campaign=campaign) for _ in range(4)]
    factories.make_response(9, invitation=invitations[0])
    factories.make_response(0, invitation=invitations[1], quarantined_at=clock.now())
    db.session.commit()
    page = lead.get("/").text
    assert "Autumn" in page
    assert "25%" in page


def test_the_tour_is_put_away_for_all_by_an_administrator_only(admin, viewer):
    organisation().is_demo = True
    pages = {who: who.get("/").text for who in (admin, viewer)}
    assert ["Six clicks" in page for page in pages.values()] == [True, True]
    assert ["/tour/dismissal" in page for page in pages.values()] == [True, False]
    assert viewer.post("/tour/dismissal").status_code == 403
    assert admin.post("/tour/dismissal").status_code == 303
    assert "Six clicks" not in viewer.get("/").text


@pytest.mark.parametrize("number", [1, 20])
def test_home_costs_the_same_queries_for_few_and_many(lead, answered, count_queries, number):
    answered([2, 9] * number, comment="words")
    lead.get("/")
    with count_queries() as seen:
        lead.get("/")
    assert len(seen) <= 22, "\n".join(seen)
