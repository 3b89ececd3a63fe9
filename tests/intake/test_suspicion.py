"""What machines do to a survey, and what becomes of it (domain 3.3)."""

from __future__ import annotations

import random
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from surveys.delivery.models import Suppression
from surveys.followups.models import Case, CaseState
from surveys.intake import actions
from surveys.lib import clock
from surveys.lib.db import db
from surveys.measures.queries import Scope, counts, drift
from surveys.responses.models import Change, Evidence, Response, ResponseChange
from tests import factories
from tests.intake.customers import answer, link, nonce_on, opt_out_link

AT_ONCE = timedelta(milliseconds=300)
A_MOMENT = timedelta(seconds=3)


@pytest.fixture
def invitation(app):
    return factories.make_invitation()


def stored() -> Response:
    return db.session.scalars(select(Response)).one()


def counted() -> int:
    return sum(each.n for each in counts(Scope()).values())


def cases() -> int:
    return db.session.scalar(select(func.count()).select_from(Case)) or 0


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"reading": AT_ONCE}, "fast"),
        ({"website": "https://spam.example"}, "honeypot"),
        ({"agreed": "on"}, "honeypot"),
        ({"headers": {"Sec-Purpose": "prefetch;prerender"}}, "prefetch"),
        ({"headers": {"Purpose": "prefetch"}}, "prefetch"),
        ({"headers": {"User-Agent": "LinkBot/2.1 (+https://scanner.example)"}}, "prefetch"),
    ],
)
def test_a_suspect_answer_looks_the_same_and_counts_nowhere(client, invitation, fields, reason):
    """E-23, M-01."""
    shown = answer(client, invitation, 1, **fields)
    assert (shown.status_code, "/thanks?visit=" in shown.headers["Location"]) == (303, True)
    assert (stored().quarantine, stored().counts) == ([reason], False)
    assert (counted(), cases(), drift()) == (0, 0, [])


def test_a_hidden_link_that_was_opened_gives_a_machine_away(client, invitation):
    """E-23."""
    browser = {"User-Agent": "Scanner 1"}
    assert client.get(f"{link(invitation)}/more", headers=browser).status_code == 404
    answer(client, invitation, 9, headers=browser)
    other = factories.make_invitation()
    answer(client, other, 9, headers={"User-Agent": "Firefox"})
    later = factories.make_invitation()
    with clock.at(clock.now() + timedelta(minutes=3)):
        answer(client, later, 9, headers=browser)
    quarantines = db.session.scalars(select(Response.quarantine).order_by(Response.id)).all()
    assert quarantines == [["trap"], [], []]


def test_two_scores_within_ten_seconds_put_both_in_doubt(client, invitation):
    """E-23."""
    answer(client, invitation, 1, reading=timedelta(seconds=1))
    assert (counted(), cases()) == (1, 1)
    answer(client, invitation, 9, reading=timedelta(seconds=4))
    assert (stored().quarantine, counted(), drift()) == (["two_scores"], 0, [])
    assert db.session.scalars(select(Case.state)).all() == [CaseState.INVALID]


def test_typed_words_vouch_for_an_answer(client, invitation):
    """E-24."""
    answer(client, invitation, 9, "It just works.", reading=AT_ONCE)
    assert (stored().evidence, counted()) == (Evidence.VOUCHED, 1)


def test_words_in_a_hidden_field_do_not(client, invitation):
    answer(client, invitation, 9, "Buy cheap watches", website="x")
    assert (stored().quarantine, counted()) == (["honeypot"], 0)


def test_words_that_come_later_vouch_for_it(client, invitation):
    answer(client, invitation, 2, reading=AT_ONCE)
    answer(client, invitation, 2, "The export breaks.")
    assert (stored().evidence, stored().quarantine, counted(), cases()) == (Evidence.VOUCHED, [], 1, 1)


def test_another_visit_a_minute_later_vouches_for_it(client, invitation):
    """E-24."""
    answer(client, invitation, 9, reading=AT_ONCE)
    with clock.at(clock.now() + timedelta(seconds=30)):
        answer(client, invitation, 9)
    assert counted() == 0
    with clock.at(clock.now() + timedelta(seconds=100)):
        answer(client, invitation, 9)
    assert (stored().evidence, counted(), drift()) == (Evidence.VOUCHED, 1, [])


def test_staff_may_vouch_for_it_or_throw_it_out(app, client):
    """E-24."""
    lead = factories.make_user()
    for score in (1, 2):
        answer(client, factories.make_invitation(), score, reading=AT_ONCE)
    first, second = db.session.scalars(select(Response).order_by(Response.id)).all()
    actions.accept(first, by=lead)
    actions.reject(second, by=lead)
    db.session.commit()
    assert (first.evidence, first.counts, second.counts) == (Evidence.VOUCHED, True, False)
    assert (counted(), cases(), drift()) == (1, 1, [])


def test_a_machine_cannot_change_what_a_person_said(client, invitation):
    answer(client, invitation, 8)
    with clock.at(clock.now() + timedelta(seconds=35)):
        answer(client, invitation, 0, reading=AT_ONCE)
    kinds = db.session.scalars(select(ResponseChange.kind).order_by(ResponseChange.id)).all()
    assert (stored().score, kinds) == (8, [Change.ANSWERED, Change.SET_ASIDE])
    assert counts(Scope())["nps"].scores[8] == 1


def test_a_person_may_think_again_at_once_through_the_receipt(client, invitation):
    shown = answer(client, invitation, 8)
    receipt = client.get(shown.headers["Location"])
    change = re.search(r'href="([^"]+)">Change my answer', receipt.text)[1].replace("&amp;", "&")
    with clock.at(clock.now() + timedelta(seconds=6)):
        page = client.get(change)
        sent = {"nonce": nonce_on(page), "shown_in": "en", "score": "9", "comment": ""}
        with clock.at(clock.now() + A_MOMENT):
            client.post(link(invitation), data=sent)
    assert (stored().score, stored().quarantine, counted()) == (9, [], 1)


def test_a_scanner_changes_nothing_and_then_a_person_answers(client, invitation):
    """HEAD of everything, then GET of everything in any order, then every control of the page."""
    links = [f"{link(invitation)}?score={score}" for score in range(11)]
    links += [link(invitation), f"{link(invitation)}/more", opt_out_link(invitation), f"{link(invitation)}/not-me"]
    links.append(f"{link(invitation)}/withdrawal")
    for each in links:
        client.head(each)
    for each in random.Random(3).sample(links, len(links)):
        client.get(each)
    assert db.session.scalar(select(func.count()).select_from(Response)) == 0
    assert db.session.scalar(select(func.count()).select_from(Suppression)) == 0
    for score in range(11):
        answer(client, invitation, score, query=f"?score={score}", reading=AT_ONCE * (score + 1))
    answer(client, invitation, 5, agreed="on", website="x")
    assert (counted(), stored().counts, cases(), drift()) == (0, False, cases(), [])
    assert CaseState.NEW not in db.session.scalars(select(Case.state)).all()
    with clock.at(clock.now() + timedelta(hours=2)):
        answer(client, invitation, 8)
    assert (stored().score, counts(Scope())["nps"].scores[8], counted()) == (8, 1, 1)
    assert drift() == []
