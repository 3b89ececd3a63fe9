"""What a page and an answer ask of the database, heard on the connection itself: one query, one commit."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text

from surveys.intake import nonces
from surveys.lib import clock, prepared
from surveys.lib.db import db
from tests import factories
from tests.intake.customers import answer, link


@pytest.fixture
def invitation(client):
    """One whose page was opened before and whose questionnaire was answered by somebody else."""
    campaign = factories.make_campaign()
    answer(client, factories.make_invitation(campaign=campaign), 10)
    other, found = factories.make_invitation(campaign=campaign), factories.make_invitation(campaign=campaign)
    client.get(f"{link(other)}?score=8")
    answer(client, other, 10)
    return found


@pytest.fixture
def heard(engine, tmp_path, count_queries):
    """Statements that reach SQLite; trips to PostgreSQL, as its library notes them. None goes through SQLAlchemy."""

    @contextmanager
    def listening():
        said: list[str] = []
        driver = prepared._kept.driver
        with count_queries() as others, (tmp_path / "trace").open("w") as file:
            if engine == "sqlite":
                driver.set_trace_callback(said.append)
            else:
                driver.pgconn.trace(file.fileno())
            yield said
            if engine == "sqlite":
                driver.set_trace_callback(None)
            else:
                driver.pgconn.untrace()
                lines = (tmp_path / "trace").read_text().splitlines()
                said += [line for line in lines if re.search(r"\bF\b.*\bSync\b", line)]
        assert others == []

    return listening


def posted(client, invitation, score=10, comment=""):
    with clock.at(clock.now() - timedelta(seconds=5)):
        nonce = nonces.issue(invitation.id, invitation.version_id)
    sent = {"nonce": nonce, "shown_in": "en", "score": score, "comment": comment}
    path = link(invitation)
    db.session.commit()
    return lambda: client.post(path, data=sent)


def test_a_page_is_one_query(client, invitation, heard):
    path = link(invitation)
    for query in ("", "?score=8"):
        client.get(path + query)
        with heard() as said:
            page = client.get(path + query)
        assert (page.status_code, len(said)) == (200, 1)


@pytest.mark.only("sqlite")
def test_an_answer_is_a_look_four_statements_and_one_commit(client, invitation, heard):
    send = posted(client, invitation)
    with heard() as said:
        assert send().status_code == 303
    words = [each.split()[0] for each in said if not each.startswith("--")]
    assert [word for word in words if word != "PRAGMA"] == [
        "SELECT",
        "BEGIN",
        "INSERT",
        "INSERT",
        "UPDATE",
        "INSERT",
        "COMMIT",
    ]


@pytest.mark.only("postgresql")
def test_an_answer_is_three_trips_and_one_commit(client, invitation, heard):
    for comment in ("", "It just works."):  # the index of words travels with the counts
        other = factories.make_invitation(campaign=invitation.campaign)
        posted(client, other, comment=comment)()
        mine = factories.make_invitation(campaign=invitation.campaign)
        send = posted(client, mine, comment=comment)
        with heard() as said:
            assert send().status_code == 303
        assert (len(said), len(transactions_of(mine))) == (3, 1)


def transactions_of(invitation) -> set[int]:
    """Which transactions wrote the answer, its record and the counts that moved last."""
    rows = db.session.execute(
        text(
            "SELECT xmin::text::bigint FROM response WHERE invitation_id = :id"
            " UNION ALL SELECT c.xmin::text::bigint FROM response_change c"
            " JOIN response r ON r.id = c.response_id WHERE r.invitation_id = :id"
            " UNION ALL SELECT max(xmin::text::bigint) FROM measure"
        ),
        {"id": invitation.id},
    ).all()
    assert len(rows) == 3
    return {number for (number,) in rows}


def test_an_unhappy_answer_opens_its_case_in_the_same_commit(client, invitation, heard, engine):
    unhappy = [factories.make_invitation(campaign=invitation.campaign) for _ in range(3)]
    for each in unhappy[:2]:
        posted(client, each, 2)()
    send = posted(client, unhappy[2], 2)
    with heard() as said:
        assert send().status_code == 303
    commits = [each for each in said if each.startswith("COMMIT")] if engine == "sqlite" else said
    assert len(commits) == (1 if engine == "sqlite" else 4)
