"""Which answers open a case, which a light item, and what becomes of further answers of the same contact."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from surveys.customers.models import ContactRole, Tier
from surveys.followups import actions, queries, triage
from surveys.followups.models import Case, CaseState, Lane, Outcome
from surveys.followups.triage import Answer, Reason
from surveys.lib import clock
from surveys.lib.db import db
from surveys.questionnaires import kinds
from surveys.responses.models import Change, Evidence, Response, ResponseChange, Segment
from surveys.scales import gravity
from surveys.settings.queries import organisation
from tests import factories

BAD, MIDDLE, GOOD = Segment.BAD, Segment.MIDDLE, Segment.GOOD
NOON = datetime.fromisoformat("2026-11-20T12:00:00+09:00")


def facts(**values: Any) -> Answer:
    defaults = {
        "response_id": 1,
        "contact_id": 1,
        "account_id": 1,
        "kind_key": "nps",
        "score": 5,
        "segment": BAD,
        "answered_at": NOON,
    }
    facts = {**defaults, **values}
    ranges = next(row["segments"] for row in kinds.rows() if row["key"] == facts["kind_key"])
    return Answer(**{"gravity": gravity(ranges, facts["score"]), **facts})


def of(response: Response, **values: Any) -> Answer:
    """The facts of an answer that is on disk."""
    names = ("contact_id", "account_id", "kind_key", "score", "segment", "said", "tier", "role", "mrr", "currency")
    known = {name: getattr(response, name) for name in (*names, "gravity")}
    return Answer(**{"response_id": response.id, "answered_at": response.answered_at, **known, **values})


def triaged(answer: Answer) -> Case | None:
    """The item that the answer opened or joined."""
    return _case(actions.triage(answer))


def revised(answer: Answer) -> Case | None:
    return _case(actions.revise(answer))


def _case(number: int | None) -> Case | None:
    return None if number is None else db.session.get_one(Case, number)


@pytest.mark.parametrize(
    ("kind", "score", "segment", "expected"),
    [
        ("nps", 0, BAD, Lane.CASE),
        ("nps", 4, BAD, Lane.CASE),
        ("nps", 5, BAD, Lane.LIGHT),
        ("nps", 6, BAD, Lane.LIGHT),
        ("nps", 7, MIDDLE, None),
        ("nps", 9, GOOD, None),
        ("ces", 5, BAD, Lane.CASE),
        ("ces", 4, BAD, Lane.LIGHT),
        ("ces", 1, GOOD, None),
        ("ces2", 1, BAD, Lane.CASE),
        ("ces2", 2, BAD, Lane.CASE),
        ("ces2", 3, BAD, Lane.LIGHT),
        ("csat", 1, BAD, Lane.CASE),
        ("csat", 2, BAD, Lane.LIGHT),
        ("ease5", 1, BAD, Lane.CASE),
        ("ease5", 2, BAD, Lane.LIGHT),
        ("goal", 1, BAD, Lane.CASE),
        ("form", None, None, None),
    ],
)
def test_the_score_decides_first(kind: str, score: int | None, segment: Segment | None, expected: Lane | None):
    verdict = triage.judge(facts(kind_key=kind, score=score, segment=segment))
    assert (verdict.lane if verdict else None) == expected


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"score": 2, "said": "解約します"}, Reason.VERY_LOW),
        ({"said": "社内では見直しの話も出ています。"}, Reason.RISK_WORD),
        ({"said": "We may switch to another vendor"}, Reason.RISK_WORD),
        ({"said": "解約は考えていません"}, Reason.LOW),
        ({"said": "ご連絡ください"}, Reason.WANTS_CONTACT),
        ({"wants_contact": True}, Reason.WANTS_CONTACT),
        ({"role": ContactRole.DECISION_MAKER}, Reason.DECISION_MAKER),
        ({"role": "champion"}, Reason.CHAMPION),
        ({"role": ContactRole.USER}, Reason.LOW),
        ({"tier": Tier.HIGH_TOUCH}, Reason.HIGH_TOUCH),
        ({"tier": "low_touch"}, Reason.LOW),
        ({"score": 10, "segment": GOOD, "said": "please call me"}, Reason.WANTS_CONTACT),
        ({"score": 10, "segment": GOOD, "wants_contact": True}, Reason.WANTS_CONTACT),
    ],
)
def test_what_weighs_makes_a_case_of_a_bad_answer(values: dict[str, Any], reason: Reason):
    verdict = triage.judge(facts(**values))
    assert verdict is not None
    assert verdict.reason == reason
    assert (verdict.lane is Lane.LIGHT) == (reason is Reason.LOW)


def test_a_good_answer_with_a_risk_word_is_left_alone():
    assert triage.judge(facts(score=9, segment=GOOD, said="他社から乗り換えて正解でした")) is None


def test_nobody_pays_for_an_answer_that_needs_nothing(app, count_queries):
    with count_queries() as seen:
        assert triaged(facts(score=9, segment=GOOD)) is None
    assert seen == []


def test_a_very_low_answer_opens_a_case_with_a_due_date_in_working_hours(app):
    account = factories.make_account(tier=Tier.HIGH_TOUCH)
    response = factories.make_response(2, contact=factories.make_contact(account=account), answered_at=NOON)
    case = triaged(of(response))
    assert case is not None
    assert (case.lane, case.state, case.reason) == (Lane.CASE, CaseState.NEW, "very_low")
    assert case.due_at == NOON + timedelta(hours=4)
    assert [each.id for each in case.responses] == [response.id]


@pytest.mark.parametrize(
    ("tier", "answered", "due"),
    [
        ("high_touch", "2026-11-20T16:00:00+09:00", "2026-11-24T11:00:00+09:00"),  # over a weekend and 勤労感謝の日
        ("low_touch", "2026-11-20T12:00:00+09:00", "2026-11-24T12:00:00+09:00"),
        ("tech_touch", "2026-11-16T09:00:00+09:00", "2026-11-18T18:00:00+09:00"),
        (None, "2026-11-19T20:00:00+09:00", "2026-11-20T18:00:00+09:00"),
        ("high_touch", "2026-12-28T17:00:00+09:00", "2027-01-04T12:00:00+09:00"),  # over the New Year closure
    ],
)
def test_due_dates_follow_the_tier_and_the_calendar(app, tier: str | None, answered: str, due: str):
    contact = factories.make_contact(account=factories.make_account(tier=tier))
    response = factories.make_response(1, contact=contact, answered_at=datetime.fromisoformat(answered))
    case = triaged(of(response))
    assert case is not None
    assert case.due_at == datetime.fromisoformat(due)


def test_a_light_item_has_no_due_date(app):
    case = triaged(of(factories.make_response(5)))
    assert case is not None
    assert (case.lane, case.due_at, case.reason) == (Lane.LIGHT, None, "low")


def test_the_owner_of_the_account_gets_the_case(app):
    owner = factories.make_user()
    case = triaged(of(factories.make_response(0), owner_id=owner.id))
    assert case is not None
    assert (case.assignee_id, case.state) == (owner.id, CaseState.NEW)


def test_a_second_bad_answer_joins_and_raises_the_priority(app):
    contact = factories.make_contact()
    first = triaged(of(factories.make_response(3, contact=contact)))
    assert first is not None
    before = first.weight
    second = triaged(of(factories.make_response(6, contact=contact)))
    db.session.commit()
    assert second is first
    assert len(first.responses) == 2
    assert first.weight == before + 15
    assert first.terms["repeat"] == 15


def test_a_joining_answer_wakes_a_sleeping_case_and_ends_its_waiting(app):
    contact, agent = factories.make_contact(), factories.make_user()
    asleep = {"state": CaseState.WAITING, "snoozed_until": clock.now() + timedelta(days=3)}
    case = factories.make_case(contact=contact, assignee_id=agent.id, **asleep)
    actions.triage(of(factories.make_response(1, contact=contact)))
    assert (case.state, case.snoozed_until) == (CaseState.IN_PROGRESS, None)


def test_a_worse_answer_raises_a_light_item_to_a_case(app):
    contact = factories.make_contact()
    item = triaged(of(factories.make_response(6, contact=contact)))
    again = triaged(of(factories.make_response(1, contact=contact)))
    assert item is not None
    assert again is item
    assert (item.lane, item.reason, item.due_at is not None) == (Lane.CASE, "very_low", True)


def test_a_new_case_opens_when_the_old_one_is_done(app):
    contact = factories.make_contact()
    old = factories.make_case(contact=contact, state=CaseState.RESOLVED, resolved_at=clock.now())
    new = triaged(of(factories.make_response(1, contact=contact)))
    assert new is not None
    assert new.id != old.id


def test_a_bad_answer_that_turns_good_keeps_its_case_and_weighs_less(app):
    response = factories.make_response(1, comment="解約します")
    case = triaged(of(response))
    assert case is not None
    heavy = case.weight
    response.score, response.segment, response.comment = 9, GOOD, ""
    assert revised(of(response)) is case
    assert case.is_open
    assert case.weight < heavy
    assert [entry.name for entry in case.entries] == ["opened", "answer_changed"]


def test_a_good_answer_that_turns_bad_is_treated_as_new(app):
    response = factories.make_response(9)
    assert triaged(of(response)) is None
    response.score, response.segment = 2, BAD
    case = revised(of(response))
    assert case is not None
    assert (case.lane, case.reason) == (Lane.CASE, "very_low")


def test_a_light_item_whose_answer_gets_worse_becomes_a_case(app):
    response = factories.make_response(6)
    item = triaged(of(response))
    response.score = 0
    assert revised(of(response)) is item
    assert item is not None
    assert (item.lane, item.terms["severity"]) == (Lane.CASE, 40)


def test_a_change_after_the_case_was_done_opens_a_new_one_only_when_still_bad(app):
    response = factories.make_response(1)
    old = triaged(of(response))
    assert old is not None
    agent = factories.make_user()
    actions.resolve(
        old.id, by=agent, cause="other", outcome=Outcome.SATISFIED, what_was_done="Called.", customer_told=True
    )
    response.score, response.segment = 9, GOOD
    assert revised(of(response)) is None
    response.score, response.segment = 0, BAD
    new = revised(of(response))
    assert new is not None
    assert new.id != old.id


@pytest.mark.parametrize(
    ("scores", "is_roused"), [((6, 5), True), ((6, 3), True), ((3, 3), False), ((3, 6), False), ((3, 9), False)]
)
def test_a_changed_answer_wakes_its_sleeping_case_only_when_it_got_worse(app, scores, is_roused):
    contact = factories.make_contact(role=ContactRole.CHAMPION)
    response = factories.make_response(scores[0], contact=contact)
    case = triaged(of(response))
    assert case is not None
    case.state, case.snoozed_until = CaseState.WAITING, clock.now() + timedelta(days=3)
    response.score = scores[1]
    response.segment = BAD if response.score < 7 else GOOD
    for kind, score in zip((Change.ANSWERED, Change.CHANGED), scores, strict=True):
        factories.save(
            ResponseChange(response_id=response.id, at=clock.now(), score=score, kind=kind, evidence=Evidence.SENT)
        )
    assert revised(of(response)) is case
    assert (case.state is CaseState.NEW, case.snoozed_until is None) == (is_roused, is_roused)


def test_an_answer_taken_back_makes_its_case_invalid(app):
    response = factories.make_response(1)
    case = triaged(of(response))
    actions.withdraw(response.id)
    assert case is not None
    assert case.state is CaseState.INVALID


def test_a_case_with_another_answer_outlives_one_taken_back(app):
    contact = factories.make_contact()
    first, second = factories.make_response(1, contact=contact), factories.make_response(2, contact=contact)
    case = triaged(of(first))
    actions.triage(of(second))
    actions.withdraw(first.id)
    assert case is not None
    assert case.is_open
    assert "repeat" not in case.terms


def test_a_case_opened_by_hand_outlives_an_answer_taken_back(app):
    contact, agent = factories.make_contact(), factories.make_user()
    case = actions.open_by_hand(contact, by=agent, why="He sounded unhappy at the fair.")
    response = factories.make_response(1, contact=contact)
    assert triaged(of(response)) is case
    actions.withdraw(response.id)
    assert case.is_open


def test_taking_back_what_opened_nothing_changes_nothing(app):
    actions.withdraw(factories.make_response(9).id)
    assert db.session.query(Case).count() == 0


def test_a_case_opened_by_hand_belongs_to_who_opened_it(app):
    account = factories.make_account(tier=Tier.HIGH_TOUCH)
    contact, agent = factories.make_contact(account=account), factories.make_user()
    with clock.at(NOON):
        case = actions.open_by_hand(contact, by=agent, why="")
    assert (case.reason, case.assignee_id, case.responses) == ("by_hand", agent.id, [])
    assert case.due_at == NOON + timedelta(hours=4)
    assert actions.open_by_hand(contact, by=agent, why="again") is case


def test_the_queue_keeps_surveys_away_from_who_has_a_case(app):
    with clock.at(NOON):
        open_, ended, old, light = (factories.make_contact() for _ in range(4))
        factories.make_case(contact=open_)
        factories.make_case(contact=ended, state=CaseState.CLOSED, closed_at=NOON - timedelta(days=3))
        factories.make_case(contact=old, state=CaseState.RESOLVED, resolved_at=NOON - timedelta(days=15))
        factories.make_case(contact=light, lane=Lane.LIGHT)
        held = queries.contacts_with_open_case([open_.id, ended.id, old.id, light.id])
    assert held == {open_.id: None, ended.id: (NOON + timedelta(days=11)).date()}


def test_the_day_from_which_a_customer_may_be_asked_again_is_that_of_the_organisation(app):
    morning = datetime.fromisoformat("2026-11-20T08:00:00+09:00")
    with clock.at(morning):
        case = factories.make_case(state=CaseState.CLOSED, closed_at=morning - timedelta(days=3))
        assert queries.contacts_with_open_case([case.contact_id]) == {case.contact_id: date(2026, 12, 1)}


def test_weights_of_the_organisation_replace_the_defaults(app):
    response = factories.make_response(2)
    case = triaged(of(response))
    assert case is not None
    organisation().weights = {"worst": 99}
    assert actions.reweigh() == 1
    assert case.terms["severity"] == 99
