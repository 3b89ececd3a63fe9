"""Mail scanners as plain clients (E-20 to E-25): whatever they do before and after, a person's 8 is one counted 8."""

from __future__ import annotations

import random
import re
import threading
from datetime import timedelta
from http.client import HTTPConnection

import pytest
from sqlalchemy import func, select

from surveys.delivery.models import Suppression
from surveys.followups.models import Case, CaseState
from surveys.intake import actions
from surveys.lib import clock
from surveys.lib.db import db
from surveys.measures.queries import Scope, counts, drift
from surveys.responses.models import Change, Response, ResponseChange
from tests import factories
from tests.intake.customers import answer, link, nonce_on, opt_out_link

SCANNER = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Edge/18"}
QUICK = timedelta(milliseconds=200)
LATER = timedelta(seconds=35)


@pytest.fixture
def invitation(app):
    return factories.make_invitation()


def links_of(invitation) -> list[str]:
    """Every link of the mail, and those of the pages they lead to."""
    scores = [f"{link(invitation)}?score={score}" for score in range(11)]
    ways = [f"{link(invitation)}{way}" for way in ("", "/more", "/not-me", "/withdrawal", "/thanks")]
    return [*scores, *ways, opt_out_link(invitation)]


def counted() -> int:
    return sum(each.n for each in counts(Scope()).values())


def nothing_happened() -> None:
    """No answer, no opt-out, no case."""
    db.session.rollback()
    assert [db.session.scalar(select(func.count()).select_from(table)) for table in (Response, Suppression, Case)] == [
        0,
        0,
        0,
    ]
    assert (counted(), drift()) == (0, [])


def a_person_says_eight(client, invitation, *, after=timedelta(minutes=5)) -> None:
    """The link is not lost, and the answer is one, counted, with its score."""
    with clock.at(clock.now() + after):
        page = client.get(f"{link(invitation)}?score=8")
        assert re.findall(r'value="(\d+)"[^>]* checked', page.text) == ["8"]
        assert answer(client, invitation, 8, query="?score=8").status_code == 303
    stands_at_eight()


def stands_at_eight() -> None:
    db.session.expire_all()
    response = db.session.scalars(select(Response)).one()
    assert (response.score, response.counts) == (8, True)
    assert (counts(Scope())["nps"].scores[8], counted(), drift()) == (1, 1, [])
    assert db.session.scalar(select(func.count()).select_from(Suppression)) == 0
    assert db.session.scalar(select(func.count()).select_from(Case).where(Case.state != CaseState.INVALID)) == 0


def press_every_control(client, invitation, *, reading=QUICK) -> None:
    """Each score, each choice, each hidden field and each button, in turn, from a page of its own."""
    for score in range(11):
        answer(client, invitation, score, reading=reading, headers=SCANNER, contact="yes", website="http://x.example")
        answer(client, invitation, score, reading=reading * (score + 1), headers=SCANNER, agreed="on")
    page = client.get(link(invitation), headers=SCANNER)
    client.post(link(invitation), data={"nonce": nonce_on(page), "language": "ja"}, headers=SCANNER)


def test_a_head_of_every_link_changes_nothing(client, invitation):
    for path in links_of(invitation):
        assert client.head(path, headers=SCANNER).status_code in (200, 303, 404)
    nothing_happened()
    a_person_says_eight(client, invitation)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_get_of_all_links_at_once_in_any_order_changes_nothing(served, client, invitation, seed):
    paths = links_of(invitation)
    db.session.commit()
    seen: list[int] = []

    def fetch(path: str) -> None:
        connection = HTTPConnection(served.removeprefix("http://"), timeout=60)
        connection.request("GET", path, headers=SCANNER)
        answer = connection.getresponse()
        answer.read()
        seen.append(answer.status)
        connection.close()

    threads = [threading.Thread(target=fetch, args=[path]) for path in random.Random(seed).sample(paths, len(paths))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(set(seen)) == [200, 303, 404]  # 404: the link that people do not see; 303: thanks for nothing
    nothing_happened()
    a_person_says_eight(client, invitation)


def test_a_scanner_that_presses_everything_before_the_person_is_not_counted(client, invitation):
    press_every_control(client, invitation)
    assert (counted(), drift()) == (0, [])
    a_person_says_eight(client, invitation)


def test_a_scanner_that_presses_everything_after_the_person_overwrites_nothing(client, invitation):
    a_person_says_eight(client, invitation, after=timedelta(0))
    for after in (LATER, timedelta(hours=3)):
        with clock.at(clock.now() + after):
            press_every_control(client, invitation)
        stands_at_eight()
    kinds = set(db.session.scalars(select(ResponseChange.kind)))
    assert kinds == {Change.ANSWERED, Change.SET_ASIDE}  # the history has all of it


def test_a_scanner_within_ten_seconds_of_the_person_puts_the_answer_in_doubt_and_replaces_nothing(client, invitation):
    """E-23: the 8 waits with its reason; it counts when the person comes back, or a colleague accepts it."""
    a_person_says_eight(client, invitation, after=timedelta(0))
    with clock.at(clock.now() + timedelta(seconds=8)):
        press_every_control(client, invitation)
    db.session.expire_all()
    held = db.session.scalars(select(Response)).one()
    assert (held.score, held.quarantine, held.counts, counted(), drift()) == (8, ["two_scores"], False, 0, [])
    assert db.session.scalar(select(func.count()).select_from(Case).where(Case.state != CaseState.INVALID)) == 0
    actions.accept(held, by=factories.make_user())
    db.session.commit()
    stands_at_eight()


def test_nothing_of_a_machine_stays_in_the_answer_of_the_person_after_it(client, invitation):
    """Its wish to be contacted and its words are in the history only."""
    answer(client, invitation, 3, "Buy watches", reading=QUICK, website="x", contact="yes")
    a_person_says_eight(client, invitation)
    kept = db.session.scalars(select(Response)).one()
    assert (kept.comment, kept.wants_contact) == ("", None)


def test_the_persons_form_sent_again_after_35_seconds_changes_nothing(client, invitation):
    """E-24: a proxy that saw the posting sends the very same bytes again, or the same form with another score."""
    page = client.get(f"{link(invitation)}?score=8")
    sent = {"nonce": nonce_on(page), "shown_in": "en", "score": 8, "comment": ""}
    with clock.at(clock.now() + timedelta(seconds=5)):
        client.post(link(invitation), data=sent)
    for score in (8, 0):
        with clock.at(clock.now() + LATER):
            assert client.post(link(invitation), data=sent | {"score": score}, headers=SCANNER).status_code == 303
        stands_at_eight()
    assert db.session.scalar(select(func.count()).select_from(ResponseChange)) == 1


def test_who_sends_the_score_and_leaves_has_answered(client, invitation):
    """The comment can follow from the page of thanks, and replaces nothing."""
    shown = answer(client, invitation, 8)
    stands_at_eight()
    page = client.get(shown.headers["Location"])
    change = re.search(r'href="([^"]+)">Change my answer', page.text)[1].replace("&amp;", "&")
    with clock.at(clock.now() + timedelta(minutes=2)):
        form = client.get(change)
        sent = {"nonce": nonce_on(form), "shown_in": "en", "score": 8, "comment": "The shift view."}
        with clock.at(clock.now() + timedelta(seconds=9)):
            client.post(link(invitation), data=sent)
    stands_at_eight()
    assert db.session.scalars(select(Response.comment)).one() == "The shift view."


def test_a_double_click_a_reload_and_a_second_tab_are_one_answer_with_its_whole_history(client, invitation):
    """R-21: the first tab's form twice, then that of a second tab that was open all the while."""
    first, second = client.get(link(invitation)), client.get(f"{link(invitation)}?score=8")
    sent = [{"nonce": nonce_on(page), "shown_in": "en", "score": 8, "comment": ""} for page in (first, second)]
    for seconds, form in ((4, sent[0]), (4, sent[0]), (9, sent[0]), (20, sent[1])):
        with clock.at(clock.now() + timedelta(seconds=seconds)):
            assert client.post(link(invitation), data=form).status_code == 303
    for _n in range(2):
        assert "You answered 8" in client.get(link(invitation)).text
    stands_at_eight()
    assert db.session.scalars(select(ResponseChange.kind)).all() == [Change.ANSWERED, Change.CHANGED]


def test_a_connection_that_was_lost_after_the_commit_shows_the_answer_on_reload(client, invitation):
    """R-22: the answer to the posting never arrived; the link says what is recorded and offers to change it."""
    answer(client, invitation, 8)
    page = client.get(f"{link(invitation)}?score=8")
    assert "You answered 8" in page.text
    assert "You can change it until" in page.text
    stands_at_eight()
