"""Breaks in trends (S-30, S-34): where the question changed, one series ends and another begins."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from surveys.lib import clock
from surveys.lib.db import db
from surveys.measures.models import Measure
from surveys.questionnaires import actions
from surveys.questionnaires.queries import latest
from surveys.reports import breaks, charts, queries, trends, words
from surveys.reports.breaks import Break, Cause, is_reworded
from surveys.reports.charts import Mark, Trend
from surveys.reports.queries import Period
from surveys.scales import SCALES
from surveys.settings.queries import default_product
from tests import factories

TODAY = date(2026, 11, 20)
YEAR = Period(365, TODAY)
CHANGED = date(2026, 9, 12)


@pytest.fixture
def asked(app, standing):
    """NPS, asked since May with the words it was delivered with."""
    questionnaire = factories.questionnaire()
    latest(questionnaire).frozen_at = standing - timedelta(days=200)
    for month in range(5, 12):
        answers(date(2026, month, 5), 10)
        answers(date(2026, month, 18), 6)
    db.session.commit()
    return questionnaire


def answers(day: date, good: int) -> None:
    """Twelve answers of one day, so many of them promoters."""
    row = {"c9": good, "c3": 12 - good}
    db.session.add(Measure(day=day, kind_key="nps", product_id=default_product().id, tier="", language="en", **row))


def reword(questionnaire, day: date, language: str = "en", **texts) -> None:
    """Other words, first used on this day."""
    actions.reword(questionnaire, language, texts)
    freeze(questionnaire, day)


def freeze(questionnaire, day: date) -> None:
    latest(questionnaire).frozen_at = clock.now() - timedelta(days=(TODAY - day).days)
    db.session.commit()


def found() -> list[Break]:
    return breaks.of_kinds().get("nps", [])


@pytest.mark.parametrize("name", ["question", "low", "high"])
def test_another_wording_of_the_scored_question_breaks_the_series(asked, name):
    reword(asked, CHANGED, **{name: "Other words"})
    assert found() == [Break(CHANGED, Cause.WORDING)]


@pytest.mark.parametrize("name", ["thanks", "why_bad", "letter", "subject", "consent"])
def test_other_words_around_it_break_nothing(asked, name):
    text = "Dear all, {scale}" if name == "letter" else "Other words"
    reword(asked, CHANGED, **{name: text})
    assert found() == []


def test_blanks_and_a_language_that_is_new_break_nothing():
    before = {"en": {"question": "How likely?", "low": "Not", "labels": ["a", "b"]}}
    assert not is_reworded(before, {"en": {**before["en"], "question": " How\nlikely? "}, "ja": {"question": "どの"}})
    assert is_reworded(before, {"en": {**before["en"], "labels": ["a", "c"]}})


def test_another_layout_breaks_the_series(asked):
    reword(asked, CHANGED, thanks="Thank you.")
    latest(asked).layout = 2
    db.session.commit()
    assert found() == [Break(CHANGED, Cause.LAYOUT)]


def test_words_that_nobody_was_asked_with_break_nothing(asked):
    actions.reword(asked, "en", {"question": "Other words"})
    db.session.commit()
    assert found() == []


def test_breaks_are_found_without_looking_at_an_answer(asked, count_queries):
    reword(asked, CHANGED, question="Other words")
    with count_queries() as seen:
        assert found()
    assert len(seen) <= 2
    assert not [statement for statement in seen if "response" in statement or "measure" in statement]


def test_a_month_in_which_the_question_changed_comes_in_two_parts_that_add_up(asked):
    whole = {point.start: point.summary for point in trends.trend("nps", YEAR)}
    reword(asked, CHANGED, question="Other words")
    points = trends.trend("nps", YEAR)
    september = [point for point in points if point.start.month == 9]
    assert [(point.start, point.last) for point in september] == [
        (date(2026, 9, 1), date(2026, 9, 11)),
        (CHANGED, date(2026, 9, 30)),
    ]
    assert [point.begins for point in september] == [None, Break(CHANGED, Cause.WORDING)]
    assert [point.summary.n for point in september] == [12, 12]
    assert (
        tuple(map(sum, zip(*(point.summary.counts for point in september), strict=True)))
        == whole[date(2026, 9, 1)].counts
    )
    assert sum(point.summary.n for point in points) == sum(each.n for each in whole.values())


def test_a_change_on_the_first_of_a_month_parts_no_month(asked):
    reword(asked, date(2026, 9, 1), question="Other words")
    points = trends.trend("nps", YEAR)
    assert [point.start for point in points if point.begins] == [date(2026, 9, 1)]
    assert not any(point.is_part for point in points)


def mark(value: float | None, word: str = "") -> Mark:
    return Mark("Nov", 40, value, None, None, "", word)


def test_no_line_leads_over_a_break():
    marks = (mark(1), mark(2), mark(3, "12 Sep new wording"), mark(None), mark(5))
    runs = [[place for place, _ in run] for run in charts._runs(marks)]
    assert runs == [[0, 1], [2], [4]]
    assert [[place for place, _ in each] for each in charts._stretches(marks)] == [[0, 1], [2, 3, 4]]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_chart_draws_a_dashed_line_with_date_and_word(theme):
    marks = tuple(mark(value) for value in (1, 2, 3))
    broken = (*marks[:2], mark(3, "9/12(土) 文言変更"))
    plain, drawn = (
        charts.trend_svg(Trend(each, (-100.0, 100.0), True, ""), theme, (1000, 300)) for each in (marks, broken)
    )
    assert drawn.count(b"stroke-dasharray") > plain.count(b"stroke-dasharray")
    assert len(drawn) > len(plain) + 1000, "the words are drawn as outlines"


def test_nothing_is_compared_across_a_break(asked):
    half = Period(90, TODAY)
    (score,) = queries.scores(half)
    assert score.change is not None
    reword(asked, CHANGED, question="Other words")
    (score,) = queries.scores(half)
    assert score.change is None
    assert words.moved(score, half) == "no comparison: the question was reworded on 12 Sep 2026"
    assert words.trend(score, trends.trend("nps", YEAR)).startswith("NPS went from 0 (September 2026)")


@pytest.mark.parametrize(("code", "row"), [("en", "12 Sep 2026: New wording of the question. A new series begins here."),
                                           ("ja", "2026年9月12日：設問の文言を変更。ここから新しい系列です。")])  # fmt: skip
def test_home_says_it_in_the_table_beneath_the_chart(asked, log_in, code, row):
    from surveys.lib.access import Role

    reword(asked, CHANGED, question="Other words")
    page = log_in(Role.LEAD, locale=code).get("/").text
    assert row in page
    assert SCALES["nps"].key in page
