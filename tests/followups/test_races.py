"""Two at once, with real threads and a real database: one wins, the other is told, nothing is lost (R-52)."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

from flask import Flask

from surveys.auth.models import StaffUser
from surveys.followups import actions
from surveys.followups.models import Case, CaseState, Entry, EntryKind, Outcome
from surveys.lib.access import Role
from surveys.lib.db import db
from surveys.lib.errors import Refused
from surveys.responses.models import Response
from tests import factories
from tests.followups.test_triage import of


def at_once(app: Flask, *works: Callable[[], Any]) -> list[Any]:
    """Run these side by side, each in its own thread and session; what they returned, or the refusal."""
    barrier, results = Barrier(len(works)), [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                results[place] = work()
                db.session.commit()
            except Refused as refusal:
                results[place] = refusal
                db.session.rollback()

    threads = [Thread(target=run, args=each) for each in enumerate(works)]
    db.session.commit()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    db.session.expire_all()
    return results


def test_two_take_the_same_case_one_wins_and_no_note_is_lost(app, log_in):
    case = factories.make_case()
    people = [log_in(Role.AGENT, name=name) for name in ("Aya Mori", "Ben Ito", "Chie Kato")]

    def work(client: Any) -> Callable[[], Any]:
        user_id, name = client.user.id, client.user.name

        def note_and_take() -> tuple[int, int, str]:
            client.post(f"/cases/{case_id}/notes", data={"note": f"Note of {name}"})
            taken = client.post(f"/cases/{case_id}/assignment")
            return user_id, taken.status_code, taken.text

        return note_and_take

    case_id = case.id
    results = at_once(app, *(work(client) for client in people))
    winners = [user_id for user_id, status, _text in results if status == 303]
    told = [text for _user, status, text in results if status == 409]
    assert len(winners) == 1
    assert case.assignee_id == winners[0]
    assert case.state is CaseState.IN_PROGRESS
    assert len(told) == 2
    assert all(f"Taken by {case.assignee.name}." in text for text in told)
    notes = {entry.body for entry in db.session.query(Entry).filter_by(kind=EntryKind.NOTE)}
    assert notes == {"Note of Aya Mori", "Note of Ben Ito", "Note of Chie Kato"}
    assert db.session.query(Entry).filter_by(name="taken").count() == 1


def test_two_bad_answers_of_one_contact_at_once_make_one_case(app):
    contact = factories.make_contact()
    numbers = [factories.make_response(score, contact=contact).id for score in (1, 3)]

    def work(number: int) -> Callable[[], Any]:
        return lambda: actions.triage(of(db.session.get_one(Response, number))) and None

    at_once(app, *(work(number) for number in numbers))
    (case,) = db.session.query(Case).all()
    assert sorted(answer.id for answer in case.responses) == sorted(numbers)
    assert case.terms["repeat"] == 15


def test_an_answer_that_joins_while_somebody_resolves_is_never_lost(app):
    case, agent = factories.make_case(), factories.make_user()
    number = factories.make_response(0, contact=case.contact).id
    case_id, agent_id = case.id, agent.id

    def join() -> None:
        actions.triage(of(db.session.get_one(Response, number)))

    def resolve() -> None:
        by = db.session.get_one(StaffUser, agent_id)
        actions.resolve(case_id, by=by, cause="other", outcome=Outcome.SATISFIED, what_was_done="x", customer_told=True)

    at_once(app, join, resolve)
    linked = [each for each in db.session.query(Case).all() if number in [answer.id for answer in each.responses]]
    assert len(linked) == 1
    assert linked[0].id == case_id or linked[0].is_open


def test_two_take_the_next_case_and_get_two_different_ones(app):
    for _n in range(2):
        factories.make_case()
    ids = [factories.make_user().id for _n in range(2)]

    def work(user_id: int) -> Callable[[], Any]:
        def take() -> int | None:
            case = actions.take_next(by=db.session.get_one(StaffUser, user_id))
            return case.id if case else None

        return take

    first, second = at_once(app, *(work(user_id) for user_id in ids))
    assert first != second
    assert None not in (first, second)
