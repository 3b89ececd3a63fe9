"""A case through everything that may happen to it, in any order: only the states of product.md, by their own ways."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from surveys.auth.models import StaffUser
from surveys.delivery.models import Message, MessageState
from surveys.followups import actions
from surveys.followups.models import OPEN_STATES, Case, CaseState, Lane, Outcome
from surveys.followups.triage import Reason
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.errors import Refused
from surveys.responses.models import Segment
from tests import factories
from tests.followups.test_triage import of, revised, triaged

START = datetime.fromisoformat("2026-11-20T10:00:00+09:00")
NEW, WORK, WAIT, DONE, CLOSED, VOID = (CaseState(word) for word in CaseState)
# From each state, the states one step may lead to (product.md); staying is always allowed.
WAYS: dict[CaseState, set[CaseState]] = {
    NEW: {WORK, WAIT, DONE, CLOSED, VOID},
    WORK: {NEW, WAIT, DONE, CLOSED, VOID},
    WAIT: {NEW, WORK, DONE, CLOSED, VOID},
    DONE: {CLOSED, NEW, WORK},
    CLOSED: {NEW, WORK},
    VOID: {NEW, WORK},
}
people = st.integers(0, 2)


class Life(RuleBasedStateMachine):
    """One case and three colleagues; every step is tried at any time, and refused where it makes no sense."""

    staff: ClassVar[list[int]] = []

    @initialize(score=st.sampled_from([0, 3, 5, 6]))
    def an_answer_comes_in(self, score: int) -> None:
        self.moment = START
        with clock.at(self.moment):
            self.response = factories.make_response(score)
            case = triaged(of(self.response))
            assert case is not None
            self.case: Case = case
            db.session.flush()
        self.before = self.case.state

    def step(self, work: Callable[[], Any]) -> None:
        """Do it an hour later; a refusal leaves everything as it was."""
        self.moment += timedelta(hours=1)
        with clock.at(self.moment):
            before = self.picture()
            try:
                work()
                db.session.flush()
            except Refused as refusal:
                assert refusal.message
                assert self.picture() == before, "a refusal that changed something"
        assert self.case.state is self.before or self.case.state in WAYS[self.before]
        self.before = self.case.state

    def picture(self) -> tuple[Any, ...]:
        case = self.case
        return (case.state, case.lane, case.assignee_id, case.due_at, case.resolved_at, case.snoozed_until)

    def person(self, place: int) -> StaffUser:
        return db.session.get_one(StaffUser, self.staff[place])

    @rule(who=people)
    def take(self, who: int) -> None:
        self.step(lambda: actions.take(self.case.id, by=self.person(who)))

    @rule(who=people, to=st.none() | people, seen=st.booleans())
    def hand_over(self, who: int, to: int | None, seen: bool) -> None:
        user = None if to is None else self.person(to)
        known = self.case.assignee_id if seen else None
        self.step(lambda: actions.hand_to(self.case.id, user, by=self.person(who), seen_assignee_id=known))

    @rule(who=people, hours=st.integers(-5, 100))
    def snooze(self, who: int, hours: int) -> None:
        until = self.moment + timedelta(hours=hours)
        self.step(lambda: actions.snooze(self.case.id, until, by=self.person(who)))

    @rule(who=people)
    def wake(self, who: int) -> None:
        self.step(lambda: actions.wake(self.case.id, by=self.person(who)))

    @rule(who=people, waits=st.booleans())
    def wait(self, who: int, waits: bool) -> None:
        self.step(lambda: actions.wait(self.case.id, waits, by=self.person(who)))

    @rule(who=people, result=st.sampled_from(["talked", "not_reached"]), waits=st.booleans())
    def call(self, who: int, result: str, waits: bool) -> None:
        def work() -> None:
            actions.log_call(
                self.case.id,
                "",
                by=self.person(who),
                channel="phone",
                result=result,
                at=self.moment - timedelta(minutes=5),
                waits=waits,
            )

        self.step(work)

    @rule(who=people, state=st.sampled_from([MessageState.ACCEPTED, MessageState.REJECTED, MessageState.UNKNOWN]))
    def reply(self, who: int, state: MessageState) -> None:
        def work() -> None:
            entry = actions.reply(self.case.id, "…", by=self.person(who), subject="Re", seen_entry_id=10**9)
            message = db.session.query(Message).filter_by(kind="reply", subject_id=entry.id).one()
            message.state, message.settled_at = state, clock.now()
            actions.REPLY.settled(message)

        self.step(work)

    @rule(who=people, told=st.booleans())
    def resolve(self, who: int, told: bool) -> None:
        def work() -> None:
            actions.resolve(
                self.case.id,
                by=self.person(who),
                cause="product.defect",
                outcome=Outcome.SATISFIED,
                what_was_done="Mended.",
                customer_told=told,
            )

        self.step(work)

    @rule(who=people)
    def close(self, who: int) -> None:
        self.step(lambda: actions.close(self.case.id, by=self.person(who)))

    @rule(who=people)
    def reopen(self, who: int) -> None:
        self.step(lambda: actions.reopen(self.case.id, by=self.person(who)))

    @rule(who=people)
    def invalidate(self, who: int) -> None:
        self.step(lambda: actions.invalidate(self.case.id, by=self.person(who), why="a test"))

    @rule(who=people)
    def raise_to_a_case(self, who: int) -> None:
        self.step(lambda: actions.lift(self.case.id, by=self.person(who)))

    @rule(who=people)
    def tick_off(self, who: int) -> None:
        self.step(lambda: actions.tick_off([self.case.id], by=self.person(who)))

    @rule(score=st.integers(0, 10))
    def the_customer_changes_the_answer(self, score: int) -> None:
        """Good or bad: an open case stays open, a done one stays done."""
        was_open = self.case.is_open

        def work() -> None:
            self.response.score = score
            self.response.segment = Segment.BAD if score < 7 else Segment.MIDDLE if score < 9 else Segment.GOOD
            case = revised(of(self.response))
            assert self.case.is_open == was_open
            if case is not None and case is not self.case:
                assert not was_open
                case.invalidate()

        self.step(work)

    @invariant()
    def what_is_written_agrees_with_the_state(self) -> None:
        case = self.case
        assert (case.resolved_at is not None) == (case.state in (DONE, CLOSED))
        assert (case.closed_at is not None) == (case.state in (CLOSED, VOID))
        assert case.is_open == (case.state in OPEN_STATES)
        assert (case.due_at is not None) or case.is_light
        assert case.snoozed_until is None or case.is_open
        assert case.weight == sum(case.terms.values())
        assert not (case.is_light and case.state in (WORK, WAIT, CLOSED))
        assert case.reason in set(Reason)
        assert case.lane in set(Lane)

    @invariant()
    def only_a_case_in_work_has_begun(self) -> None:
        assert self.case.state is not WORK or self.case.assignee_id is not None

    def teardown(self) -> None:
        db.session.rollback()


def test_handing_a_light_item_to_oneself_makes_it_ones_own_without_beginning_it(app):
    me = factories.make_user()
    item = triaged(of(factories.make_response(6)))
    assert item is not None
    assert item.is_light

    actions.hand_to(item.id, me, by=me, seen_assignee_id=None)
    db.session.flush()

    assert item.assignee_id == me.id
    assert item.state is NEW


def test_a_case_lives_by_the_states_of_the_product(app):
    Life.staff = [factories.make_user().id for _n in range(3)]
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    chosen = settings(
        max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=checks, phases=(Phase.generate,)
    )
    run_state_machine_as_test(Life, settings=chosen)
