"""What meets at the same moment: answers, withdrawals, the settling of a mail, a database that is held by another."""

from __future__ import annotations

import re
import sqlite3
import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from surveys.followups import actions as followups
from surveys.followups.models import Case, CaseResponse
from surveys.intake import actions
from surveys.lib import clock
from surveys.lib.db import db
from surveys.measures import actions as measures
from surveys.measures.queries import Scope, counts, drift
from surveys.responses.evidence import Posting
from surveys.responses.models import Response, Source
from surveys.responses.queries import standing_before
from tests import factories
from tests.followups.test_races import at_once
from tests.intake.customers import answer, link, nonce_on, opt_out_link


def posting(score: int, nonce: str = "n") -> Posting:
    now = clock.now()
    return Posting(
        score=score,
        comment="",
        wants_contact=None,
        language="en",
        nonce=nonce,
        issued_at=now - timedelta(seconds=9),
        at=now,
    )


def stored() -> Response:
    return db.session.scalars(select(Response)).one()


def test_an_answer_taken_back_and_given_again_joins_the_case_that_outlived_it(client):
    invitation = factories.make_invitation()
    case = followups.open_by_hand(invitation.contact, by=factories.make_user(), why="They called.")
    answer(client, invitation, 2, "Broken")
    client.post(f"{link(invitation)}/withdrawal", data={"withdraw": "1"})
    again = answer(client, invitation, 1, "Still broken", reading=timedelta(seconds=20))
    assert again.status_code == 303
    assert (stored().score, stored().counts, stored().comment) == (1, True, "Still broken")
    assert db.session.scalars(select(CaseResponse.case_id)).all() == [case.id]
    assert drift() == []


def test_several_withdrawals_at_once_take_back_one_answer(app, client):
    for _n in range(3):
        invitation = factories.make_invitation()
        answer(client, invitation, 9)
        page = f"{link(invitation)}/withdrawal"
        press = [lambda: app.test_client().post(page, data={"withdraw": "1"}).status_code] * 4  # noqa: B023 run before the next
        assert at_once(app, *press) == [303] * 4
    assert (sum(each.n for each in counts(Scope()).values()), drift()) == (0, [])


def test_two_leads_accept_the_same_answer_and_it_counts_once(app, client, log_in):
    answer(client, factories.make_invitation(), 2, reading=timedelta(milliseconds=300))
    leads = [log_in("lead"), log_in("lead")]
    page = f"/responses/{stored().id}/acceptance"
    press = [lambda lead=lead: lead.post(page).status_code for lead in leads]
    assert sorted(at_once(app, *press)) == [303, 409]
    assert (counts(Scope())["nps"].n, drift()) == (1, [])
    assert len(db.session.scalars(select(Case)).all()) == 1


def test_an_answer_read_before_its_mail_was_settled_counts_as_answered(app):
    invitation = factories.make_invitation(sent_on=None, answered_at=None)
    so_far = standing_before(invitation.id, trap="", trap_since=clock.now())
    assert so_far is not None
    assert so_far.sent_on is None
    measures.count_delivered(invitation.id)
    db.session.commit()
    actions.receive(Source.PAGE, so_far, posting(9))
    db.session.commit()
    assert (counts(Scope())["nps"].answered, drift()) == (1, [])


def test_answers_and_the_settling_of_their_mails_agree_in_any_order(app):
    for _n in range(6):
        number = factories.make_invitation(sent_on=None, answered_at=None).id

        def give(number: int = number) -> None:
            so_far = standing_before(number, trap="", trap_since=clock.now())
            assert so_far is not None
            actions.receive(Source.PAGE, so_far, posting(9))

        at_once(app, give, lambda number=number: measures.count_delivered(number))
    assert (counts(Scope())["nps"].answered, drift()) == (6, [])


@pytest.mark.only("sqlite")
def test_a_database_held_by_a_stranger_is_busy_within_five_seconds_and_nothing_is_lost(app, client):
    """R-25."""
    path = link(factories.make_invitation())
    nonce = nonce_on(client.get(path))
    stranger = sqlite3.connect(db.engine.url.database or "", isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    page = client.post(path, data={"nonce": nonce, "score": "3", "comment": "Keep these words"})
    stranger.execute("ROLLBACK")
    stranger.close()
    assert time.monotonic() - began < 5
    assert (page.status_code, "Keep these words" in page.text, page.headers["Retry-After"]) == (503, True, "5")


@pytest.mark.only("sqlite")
@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("not-me", {"why": "left", "name": "Aoi Sato", "email": "aoi@customer.example", "words": "two\nlines"}),
        ("withdrawal", {"withdraw": "1"}),
        ("leaving", {"save": "1", "less_often": "1", "language": "ja"}),
        ("leaving", {"leave": "1"}),
    ],
)
def test_a_busy_moment_loses_no_wish_and_no_note(app, client, path, sent):
    """R-25: the page carries all that was sent, the button that was pressed as well, to the next try."""
    invitation = factories.make_invitation()
    answer(client, invitation, 3)
    address = opt_out_link(invitation) if path == "leaving" else f"{link(invitation)}/{path}"
    db.session.commit()
    stranger = sqlite3.connect(db.engine.url.database or "", isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")
    page = client.post(address, data=sent)
    stranger.execute("ROLLBACK")
    stranger.close()
    assert page.status_code == 503
    again = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    assert again == sent
    assert client.post(address, data=again).status_code == 303
