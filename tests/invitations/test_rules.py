"""The quiet rules, weighed without a database: who is held, by what, until when (S-01 to S-08)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.invitations.rules import Earlier, Person, Question, Rule, weigh, weigh_reminder

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
NPS = Question(1, "nps", True, False, 1, ("en", "ja"), "Asia/Tokyo")
CSAT = Question(2, "csat", False, True, 1, ("en", "ja"), "Asia/Tokyo")
ANN = Person(1, "ann@example.com", "ann@example.com", "en", "", None, "")


def asked(kind: str, days: float, *, product: int = 1) -> Earlier:
    return Earlier(kind, kind == "nps", product, NOW - timedelta(days=days))


def verdict(question: Question, *earlier: Earlier, **facts: object) -> tuple[str, date | None] | None:
    held = weigh(question, replace(ANN, earlier=earlier, **facts), NOW)
    return (held.rule.value, held.next_on) if held else None


def test_nothing_speaks_against_a_stranger():
    assert verdict(NPS) is None


@pytest.mark.parametrize(
    ("question", "earlier", "rule", "days"),
    [
        (NPS, "csat", "S-01", 7),
        (CSAT, "nps", "S-01", 7),
        (NPS, "nps", "S-02", 90),
        (CSAT, "csat", "S-03", 14),
        (CSAT, "ces", "S-03", 14),
    ],
)
def test_each_distance_holds_to_its_last_second_and_no_longer(question, earlier, rule, days):
    just_before = asked(earlier, days - 1 / 86400)
    assert verdict(question, just_before) == (rule, date(2026, 11, 20))
    assert verdict(question, asked(earlier, days)) is None
    assert verdict(question, asked(earlier, 1)) == (rule, date(2026, 11, 20) + timedelta(days=days - 1))


def test_the_same_question_about_another_product_waits_a_week_only():
    assert verdict(NPS, asked("nps", 3, product=2)) == ("S-01", date(2026, 11, 24))
    assert verdict(NPS, asked("nps", 8, product=2)) is None


def test_those_with_few_customers_wait_twice_as_long():
    few = replace(NPS, relationship_days=180)
    assert verdict(few, asked("nps", 100)) == ("S-02", date(2027, 2, 8))


def test_six_a_year_are_enough():
    six = [asked("csat", days) for days in (20, 60, 100, 150, 200, 360)]
    assert verdict(NPS, *six) == ("S-04", date(2026, 11, 25))
    assert verdict(NPS, *six[:5]) is None
    assert verdict(NPS, *six[:5], asked("csat", 365)) is None


def test_of_several_reasons_the_longest_is_told():
    assert verdict(NPS, asked("csat", 1), asked("nps", 10)) == ("S-02", date(2027, 2, 8))


@pytest.mark.parametrize("why", ["opt_out", "complaint", "hard_bounce", "manual", "erasure"])
def test_never_is_never_whatever_else_there_is(why):
    facts = {"suppressed": why, "hold_until": date(2026, 12, 1), "email": "broken"}
    assert verdict(NPS, asked("nps", 1), **facts) == ("S-08", None)


def test_who_left_is_not_asked():
    assert verdict(NPS, unreachable="left") == ("S-08", None)


def test_an_account_on_hold_is_left_alone_to_the_last_day_of_the_hold():
    today = date(2026, 11, 20)
    assert verdict(NPS, hold_until=today, hold_reason="Outage") == ("S-06", today + timedelta(days=1))
    assert verdict(NPS, hold_until=today - timedelta(days=1)) is None


def test_an_open_case_holds_even_when_nobody_knows_until_when():
    assert verdict(NPS, open_matter=(None,)) == ("S-06", None)
    assert verdict(NPS, open_matter=(date(2026, 12, 4),)) == ("S-06", date(2026, 12, 4))


@pytest.mark.parametrize("email", ["", "nobody", "a@x.jp, b@y.jp", "a@[127.0.0.1]", "a\r\nBcc: b@x.jp"])
def test_an_address_that_cannot_be_written_to_is_held(email):
    assert verdict(NPS, email=email) == ("missing", None)


@pytest.mark.parametrize("email", ["abc..def@docomo.ne.jp", ".abc@ezweb.ne.jp", "abc.@docomo.ne.jp"])
def test_old_carrier_addresses_are_written_to(email):
    assert verdict(NPS, email=email) is None


def test_a_language_without_wording_is_held():
    assert verdict(replace(NPS, languages=("ja",))) == ("missing", None)


@given(
    st.lists(
        st.builds(asked, st.sampled_from(["nps", "ces", "csat"]), st.floats(0, 500), product=st.sampled_from([1, 2])),
        max_size=9,
    ),
    st.sampled_from([NPS, CSAT]),
)
def test_who_is_held_by_date_may_be_asked_when_that_day_is_over(earlier, question):
    person = replace(ANN, earlier=tuple(earlier))
    held = weigh(question, person, NOW)
    if held is None:
        return
    assert held.next_on is not None
    assert held.next_on >= question.day(NOW)
    assert held.rule in (Rule.ANY_SURVEY, Rule.RELATIONSHIP, Rule.TRANSACTIONAL, Rule.YEARLY)
    assert weigh(question, person, NOW + (held.next_on - question.day(NOW) + timedelta(days=1)) * 1) is None


def test_who_wants_to_be_asked_less_waits_180_days_after_any_survey():
    assert verdict(CSAT, asked("nps", 100), less_often=True) == ("preference", date(2027, 2, 8))
    assert verdict(CSAT, asked("nps", 180), less_often=True) is None
    assert verdict(NPS, less_often=True) is None


def test_who_wants_surveys_after_support_only_gets_none_about_the_relationship():
    assert verdict(NPS, asked("nps", 1), support_only=True) == ("preference", None)
    assert verdict(CSAT, support_only=True) is None


def test_who_wants_surveys_after_support_only_gets_no_form_which_may_ask_about_anything():
    form = Question(3, "form", False, False, 1, ("en", "ja"), "Asia/Tokyo")
    assert verdict(form, support_only=True) == ("preference", None)
    assert verdict(form) is None


def test_never_weighs_more_than_less_often():
    assert verdict(NPS, suppressed="opt_out", support_only=True) == ("S-08", None)


def test_who_wants_no_reminders_is_asked_once_and_not_reminded():
    """S-09, for the reminders: asked beside the rules of every mail."""
    wants_none = replace(ANN, no_reminders=True)
    assert weigh(NPS, wants_none, NOW) is None
    held = weigh_reminder(wants_none)
    assert held is not None and held.rule is Rule.REMINDER
    assert weigh_reminder(ANN) is None
