"""The counts: exact after everything that can happen to an answer, and what every score is made of."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from surveys.intake import actions as intake
from surveys.lib import clock
from surveys.lib.db import db
from surveys.measures import actions
from surveys.measures.actions import Move, group
from surveys.measures.models import Measure
from surveys.measures.queries import Counts, Scope, Step, counts, counts_by, drift, recount, series
from surveys.responses.models import Response
from tests import factories
from tests.intake.customers import answer

MONDAY = date(2026, 11, 16)


def of(day: date = MONDAY, **values):
    return group(day, values.get("kind", "nps"), 1, tier=values.get("tier"), language=values.get("language", "en"))


@pytest.fixture
def spread(app):
    """Answers over two weeks, two tiers and two languages."""
    actions.count(
        [
            Move(of(), "c9"),
            Move(of(), "c9"),
            Move(of(tier="high_touch"), "c3"),
            Move(of(language="ja"), "c7"),
            Move(of(MONDAY + timedelta(days=1)), "c10"),
            Move(of(MONDAY + timedelta(days=7)), "c0"),
            Move(of(MONDAY + timedelta(days=20)), "c8"),
            Move(of(kind="csat"), "c5"),
            Move(of(), "delivered", 4),
            Move(of(), "answered", 2),
        ]
    )
    db.session.commit()


def test_counts_are_sums_over_a_period_and_a_group(spread):
    week = Scope(first=MONDAY, last=MONDAY + timedelta(days=6))
    assert counts(week)["nps"].scores == (0, 0, 0, 1, 0, 0, 0, 1, 0, 2, 1)
    assert counts(week)["csat"].between(1, 5) == (0, 0, 0, 0, 1)
    assert (counts(week)["nps"].delivered, counts(week)["nps"].answered) == (4, 2)
    assert counts(Scope(tiers=("high_touch",)))["nps"].n == 1
    assert counts(Scope(languages=("ja",)))["nps"].n == 1
    assert counts(Scope(products=(99,))) == {}


def test_counts_take_one_query_however_much_there_is(spread, count_queries):
    with count_queries() as seen:
        counts(Scope())
    assert len(seen) == 1


def test_a_trend_has_a_point_for_each_step_with_answers(spread):
    everything = Scope()
    assert {day: each.n for day, each in series(everything, "nps", Step.WEEK).items()} == {
        MONDAY: 5,
        MONDAY + timedelta(days=7): 1,
        MONDAY + timedelta(days=14): 1,
    }
    assert {day: each.n for day, each in series(everything, "nps", Step.MONTH).items()} == {
        date(2026, 11, 1): 6,
        date(2026, 12, 1): 1,
    }
    assert len(series(everything, "nps", Step.DAY)) == 4


def test_counts_can_be_split(spread):
    assert {tier: each.n for tier, each in counts_by(Scope(), "nps", Measure.tier).items()} == {"": 6, "high_touch": 1}


def test_counts_add_up():
    both = Counts((1,) * 11, 4, 2) + Counts((2,) * 11, 6, 3)
    assert (both.n, both.delivered, both.answered) == (33, 10, 5)


def test_a_delivery_is_counted_once_and_with_the_answer_that_came_first(app, client):
    early = factories.make_invitation()
    answer(client, early, 9)
    later = factories.make_invitation()
    for invitation in (early, early, later, later):
        actions.count_delivered(invitation.id)
    db.session.commit()
    assert (counts(Scope())["nps"].delivered, counts(Scope())["nps"].answered) == (2, 1)
    answer(client, later, 3)
    assert (counts(Scope())["nps"].delivered, counts(Scope())["nps"].answered) == (2, 2)
    assert drift() == []


def test_an_answer_is_counted_on_its_local_day_and_its_sending_on_another(app, client, standing):
    sent = standing - timedelta(days=3)
    invitation = factories.make_invitation(sent_at=sent)
    actions.count_delivered(invitation.id)
    db.session.commit()
    with clock.at(standing.replace(hour=15, minute=30)):  # half past midnight of the next day in Tokyo
        answer(client, invitation, 9)
    rows = {(row.day, row.c9, row.delivered, row.answered) for row in db.session.scalars(select(Measure))}
    assert rows == {(date(2026, 11, 17), 0, 1, 1), (date(2026, 11, 21), 1, 0, 0)}


def test_leaving_out_and_putting_back_move_the_counts_and_nothing_else(app, client):
    lead = factories.make_user()
    invitation = factories.make_invitation()
    actions.count_delivered(invitation.id)
    db.session.commit()
    answer(client, invitation, 2)
    response = db.session.scalars(select(Response)).one()
    intake.exclude(response, "A test", by=lead)
    db.session.commit()
    assert (counts(Scope())["nps"].n, counts(Scope())["nps"].answered, drift()) == (0, 0, [])
    intake.restore(response, by=lead)
    db.session.commit()
    assert (counts(Scope())["nps"].scores[2], counts(Scope())["nps"].answered, drift()) == (1, 1, [])


def test_drift_is_found_named_and_mended(app, client):
    answer(client, factories.make_invitation(), 9)
    db.session.execute(update(Measure).values(c9=7, c2=1))
    db.session.commit()
    day = clock.today("Asia/Tokyo")
    assert [line.split(" ", 1) for line in drift()] == [
        [f"{day}/nps/1//en", "c2: 1 kept, 0 counted"],
        [f"{day}/nps/1//en", "c9: 7 kept, 1 counted"],
    ]
    assert actions.rebuild() == 1
    db.session.commit()
    assert drift() == []


def test_a_recount_leaves_out_what_does_not_count(app):
    now = clock.now()
    factories.make_response(9)
    factories.make_response(8, quarantined_at=now)
    factories.make_response(7, withdrawn_at=now)
    factories.make_response(6, excluded_at=now, excluded_reason="test")
    assert [sum(row[f"c{score}"] for score in range(11)) for row in recount().values()] == [1]
