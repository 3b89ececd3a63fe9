"""The queue explains itself: what is shown adds up to the order, in Python and in SQL alike."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from surveys.customers.models import Account, Contact
from surveys.followups import priority, queries
from surveys.followups.models import Case, CaseState, Lane
from surveys.followups.priority import DEFAULTS, Hour, Term
from surveys.followups.queries import Tab
from surveys.lib.db import db
from surveys.questionnaires import kinds
from surveys.questionnaires.models import Kind
from surveys.responses.models import Response, Segment
from tests import factories

NOW = datetime.fromisoformat("2026-11-20T10:00:00+09:00")
TODAY = date(2026, 11, 20)
HOUR = Hour(now=NOW, today=TODAY, points=DEFAULTS)

moments = st.integers(-3000, 3000).map(lambda minutes: NOW + timedelta(minutes=minutes))
days = st.none() | st.integers(-40, 160).map(lambda number: TODAY + timedelta(days=number))
terms = st.dictionaries(st.sampled_from(["severity", "revenue", "repeat", "risk_word"]), st.integers(1, 40))
a_case = st.fixed_dictionaries(
    {
        "terms": terms,
        "due_at": moments,
        "first_contact_at": st.none() | moments,
        "opened_at": st.integers(0, 3).map(lambda hours: NOW - timedelta(hours=hours)),
        "renewal_on": days,
    }
)


def insert(values: dict[str, Any]) -> Case:
    number = db.session.query(Account).count()
    account = Account(name=f"Account {number}", renewal_on=values["renewal_on"])
    contact = Contact(account=account, email=f"p{number}@x.example.com", email_key=f"p{number}@x.example.com")
    facts = {name: value for name, value in values.items() if name != "renewal_on"}
    case = Case(
        account=account,
        contact=contact,
        reason="very_low",
        lane=Lane.CASE,
        state=CaseState.NEW,
        weight=sum(values["terms"].values()),
        **facts,
    )
    db.session.add(case)
    db.session.flush()
    return case


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(a_case, min_size=1, max_size=12))
def test_the_terms_shown_add_up_to_the_order(app, drawn: list[dict[str, Any]]):
    cases = [insert(values) for values in drawn]
    try:
        computed = dict(
            db.session.execute(
                select(Case.id, priority.points_now(HOUR)).join(Account, Account.id == Case.account_id)
            ).all()
        )
        shown = {case.id: sum(term.points for term in priority.terms_now(case, HOUR)) for case in cases}
        listed = db.session.scalars(queries.listing(Tab.ALL, 0, HOUR)).unique().all()
        by_terms = sorted(cases, key=lambda case: (-shown[case.id], case.opened_at, case.id))
        assert computed == shown
        assert [case.id for case in listed] == [case.id for case in by_terms]
    finally:
        db.session.rollback()


def answer(score: int, **values: Any) -> Response:
    facts = {"kind_key": "nps", "score": score, "segment": Segment.BAD, "comment": "", "currency": "", **values}
    row = next(each for each in kinds.rows() if each["key"] == facts["kind_key"])
    return Response(**facts, kind=Kind(**row))


def test_severity_follows_the_scale_and_its_direction():
    def severity(kind: str, score: int) -> int:
        return priority.kept_terms([answer(score, kind_key=kind)], DEFAULTS)["severity"]

    assert [severity("nps", score) for score in (0, 2, 3, 4, 5, 6)] == [40, 40, 30, 30, 15, 15]
    assert [severity("ces", score) for score in (4, 5)] == [15, 40]
    assert [severity("ces2", score) for score in (1, 2, 3)] == [40, 30, 15]


def test_revenue_counts_in_its_own_currency_and_never_across():
    def revenue(mrr: int, currency: str) -> int:
        return priority.kept_terms([answer(0, mrr=mrr, currency=currency)], DEFAULTS).get("revenue", 0)

    assert [revenue(mrr, "JPY") for mrr in (480_000, 300_000, 299_999, 30_000, 29_999)] == [30, 30, 20, 10, 0]
    assert [revenue(mrr, "USD") for mrr in (300_000, 99_999)] == [30, 10]
    assert revenue(10_000_000, "CHF") == 0


def test_repeated_bad_answers_count_up_to_a_limit_and_good_ones_not():
    bad, good = answer(5), answer(9, segment=Segment.GOOD)
    repeat = [priority.kept_terms([bad] * n, DEFAULTS).get("repeat", 0) for n in (1, 2, 3, 4)]
    assert repeat == [0, 15, 30, 30]
    assert "repeat" not in priority.kept_terms([bad, good], DEFAULTS)


def test_risk_words_count_in_bad_answers_only():
    assert priority.kept_terms([answer(5, comment="解約します")], DEFAULTS)["risk_word"] == 20
    assert "risk_word" not in priority.kept_terms([answer(9, segment=Segment.GOOD, comment="他社より良い")], DEFAULTS)


def test_the_clock_and_the_renewal_count_in_steps():
    case = Case(terms={}, due_at=NOW, account=Account(renewal_on=TODAY + timedelta(days=38)))
    assert priority.terms_now(case, HOUR) == [Term("sla", 40), Term("renewal", 12)]
    case.due_at = NOW + timedelta(hours=2)
    assert priority.terms_now(case, HOUR)[0] == Term("sla", 20)
    case.first_contact_at = NOW
    assert priority.terms_now(case, HOUR) == [Term("renewal", 12)]
    case.account.renewal_on = TODAY - timedelta(days=1)
    assert priority.terms_now(case, HOUR) == []


def test_own_weights_replace_the_defaults_name_by_name():
    points = priority.weights({"risk_word": 50})
    assert (points["risk_word"], points["repeat"]) == (50, DEFAULTS["repeat"])


def test_who_waits_for_home_is_late_first(app):
    calm = factories.make_case(due_at=NOW + timedelta(days=3000), weight=500, terms={"severity": 500})
    late = factories.make_case(due_at=NOW - timedelta(days=3000))
    factories.make_case(first_contact_at=NOW)
    assert [case.id for case in queries.waiting_people()] == [late.id, calm.id]


def test_plain_rows_for_the_command_line(app):
    agent = factories.make_user()
    case = factories.make_case(assignee_id=agent.id)
    factories.make_case(state=CaseState.CLOSED)
    (row,) = queries.plain_rows()
    assert row["id"] == case.id
    assert (row["state"], row["reason"], row["assignee"], row["email"]) == (
        "new",
        "very_low",
        agent.email,
        case.contact.email,
    )
    assert datetime.fromisoformat(row["due_at"]) == case.due_at
