"""How much comes through a link, how much of it is put in doubt, and that none of it moves what is personal (X-03)."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from surveys.auth.models import Attempt
from surveys.browse.exports import csv_file
from surveys.browse.queries import Selection
from surveys.browse.queries import numbers as voices
from surveys.events.models import Event
from surveys.followups.models import Case
from surveys.intake import nonces
from surveys.invitations import queries as campaigns
from surveys.jobs import timetable
from surveys.lib import clock
from surveys.lib.db import db
from surveys.measures.queries import Scope, counts, drift
from surveys.openlinks import actions, limits, pages, queries
from surveys.openlinks.actions import Posting
from surveys.openlinks.models import Mode, OpenAnswer
from surveys.reports.proof import faults
from surveys.responses.models import Response
from surveys.search.queries import mentions
from surveys.settings.queries import organisation
from tests import factories
from tests.followups.test_races import at_once
from tests.intake.customers import answer as answer_by_mail
from tests.intake.customers import nonce_on
from tests.openlinks.strangers import answer, from_device, make_kiosk, make_link, stored


def numbers(link):
    return queries.numbers(queries.link(link.id))


def give(link, *, ip="192.0.2.1", number=1, score=9, at=None, **given):
    """So many answers, past the pages."""
    for _ in range(number):
        posting = Posting(
            version=link.version,
            score=score,
            comment="",
            language="en",
            client_id=str(uuid4()),
            answered_at=at or clock.now(),
            network=limits.mark(link, ip),
            **given,
        )
        actions.receive(link, posting)
    db.session.commit()


CSRF = re.compile(r'name="csrf_token" value="[^"]*"')


def shown(browser, *paths):
    """These pages as they read; the token of a form is another one each time."""
    return {path: CSRF.sub("", browser.get(path).text) for path in paths}


def personal(campaign):
    """Everything that is said about people we asked by name."""
    zone = organisation().timezone
    scores = {key: each.scores for key, each in counts(Scope()).items()}
    return {
        "scores": scores,
        "drift": drift(),
        "voices": voices(Selection(), zone),
        "campaign": campaigns.counts(campaign),
        "export": b"".join(csv_file(Selection(), zone, bom=False)),
        "answers": db.session.scalars(select(Response.id)).all(),
        "found by words": db.session.scalars(select(Response.id).where(mentions("stuffed"))).all(),
        "cases": db.session.scalars(select(Case.id)).all(),
        "faults": faults(),
    }


@pytest.mark.slow
def test_a_thousand_answers_from_one_address_are_limited_in_doubt_and_move_nothing_personal(
    client, lead, agent, standing
):
    """X-03, and Home, Voices, counts, campaigns and exports stay what they were."""
    campaign = factories.make_campaign()
    for score in (9, 2):
        answer_by_mail(client, factories.make_invitation(campaign=campaign), score, "By name")
    before = personal(campaign)
    home_before = shown(agent, "/")  # leads are told on theirs that answers are in doubt
    pages_before = shown(lead, "/voices", "/queue", f"/campaigns/{campaign.id}")
    link = make_link()

    path, statuses = pages.path(link), []
    for _ in range(1000):
        nonce = nonces.issue(pages.subject(link), link.version_id)
        with clock.at(standing + timedelta(seconds=5)):
            sent = client.post(path, data={"nonce": nonce, "score": 0, "comment": "stuffed"})
        statuses.append(sent.status_code)
    most = limits.of_network(link).most
    assert (statuses.count(303), statuses.count(429)) == (most, 1000 - most)
    found = numbers(link)
    assert (found.n, found.waiting, found.counting, found.summary.score) == (most, most, 0, None)
    assert personal(campaign) == before
    assert (shown(lead, *pages_before), shown(agent, "/")) == (pages_before, home_before)
    assert f"{most} answers through open links wait for a look" in lead.get("/").text
    page = lead.get(f"/open-links/{link.id}").text
    assert f"{most} answers wait for your look" in page
    assert f"{most} answers from one network" in page


def test_five_a_minute_from_one_network_count_and_the_sixth_puts_all_in_doubt(client, standing):
    """X-03: more than five a minute from one /24."""
    link = make_link()
    for last in range(5):
        answer(client, link, ip=f"192.0.2.{last + 1}")
    assert numbers(link).counting == 5
    answer(client, link, ip="192.0.2.77")
    found = numbers(link)
    assert (found.counting, found.waiting) == (0, 6)
    assert {tuple(each.doubts) for each in stored()} == {("rush",)}


def test_visitors_of_different_networks_are_not_put_in_doubt(client, standing):
    link = make_link()
    for net in range(12):
        answer(client, link, ip=f"198.51.{net}.9")
    assert (numbers(link).counting, numbers(link).waiting) == (12, 0)


def test_a_slow_office_counts(app, standing):
    link = make_link()
    for minute in range(10):
        with clock.at(standing + timedelta(minutes=minute)):
            give(link, number=4)
    assert (numbers(link).counting, numbers(link).waiting) == (40, 0)


def test_a_room_of_two_hundred_behind_one_address_answers_within_five_minutes_and_counts(client, standing):
    """X-12: nobody is stopped, and at a seminar nobody is put in doubt either."""
    link = make_link("Seminar", mode=Mode.SEMINAR, expected=200)
    for person in range(200):
        with clock.at(standing + timedelta(seconds=1.4 * person)):
            give(link)
    assert (numbers(link).counting, numbers(link).waiting) == (200, 0)


def test_an_office_of_two_hundred_is_not_stopped_at_an_ordinary_link_only_looked_at(app, standing):
    """X-12."""
    link = make_link()
    for person in range(200):
        with clock.at(standing + timedelta(seconds=1.4 * person)):
            give(link)
    assert (numbers(link).n, numbers(link).waiting) == (200, 200)


def test_more_answers_than_people_in_the_room_wait_and_those_before_stay(app, standing):
    link = make_link("Seminar", mode=Mode.SEMINAR, expected=40)
    give(link, number=60)
    assert (numbers(link).counting, numbers(link).waiting) == (50, 10)


def test_a_tablet_may_hand_in_a_whole_day_at_once(client, standing):
    link = make_kiosk()
    morning = standing - timedelta(hours=8)
    with clock.at(morning):
        link.created_at = clock.now()
        db.session.commit()
    for person in range(120):
        give(link, at=morning + timedelta(minutes=3 * person))
    assert (numbers(link).counting, numbers(link).waiting) == (120, 0)


def test_somebody_who_hammers_on_the_tablet_is_put_in_doubt(app, standing):
    link = make_kiosk()
    give(link, number=30)
    assert (numbers(link).counting, numbers(link).waiting) == (0, 30)


def test_a_spoofed_sender_does_not_get_around_the_limit(client, standing):
    """X-12."""
    link = make_link()
    for last in range(6):
        answer(client, link, headers={"X-Forwarded-For": f"203.0.113.{last}"})
    assert numbers(link).waiting == 6


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.0.2.1", "192.0.2.254", True),
        ("192.0.2.1", "192.0.3.1", False),
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.9", True),
        ("", "nonsense", True),
    ],
)
def test_a_network_is_a_24_or_a_64(app, one, other, is_same):
    link = make_link()
    assert (limits.mark(link, one) == limits.mark(link, other)) is is_same


def test_no_two_links_keep_the_same_mark_of_a_network(app):
    assert limits.mark(make_link("One"), "192.0.2.1") != limits.mark(make_link("Two"), "192.0.2.1")


def test_the_mark_of_the_network_is_thrown_away_after_a_day(app, standing):
    """P-15."""
    link = make_link()
    give(link)
    with clock.at(standing + timedelta(hours=20)):
        give(link)
    with clock.at(standing + timedelta(hours=25)):
        actions.forget_networks()
        db.session.commit()
    assert [bool(each.network) for each in stored()] == [False, True]
    assert "192.0.2" not in "".join(each.network for each in stored())
    assert all("192.0.2" not in key for key in db.session.scalars(select(Attempt.key)))


def test_the_marks_go_by_themselves(app):
    assert "forget the networks of open links" in [job.name for job in timetable()]


# Machines


@pytest.mark.parametrize(
    ("given", "doubt"),
    [
        ({"reading": timedelta(milliseconds=300)}, "fast"),
        ({"website": "x"}, "honeypot"),
        ({"agreed": "on"}, "honeypot"),
        ({"headers": {"User-Agent": "somebot/1.0"}}, "prefetch"),
        ({"headers": {"Sec-Purpose": "prefetch"}}, "prefetch"),
    ],
)
def test_what_looks_like_a_machine_is_kept_in_doubt(client, given, doubt):
    """E-23: the page looks the same to whoever sent it."""
    link = make_link()
    sent = answer(client, link, 9, "Words", **given)
    assert sent.status_code == 303
    assert [(each.counts, each.doubts) for each in stored()] == [(False, [doubt])]


# What staff decide


def test_accepted_answers_count_and_no_later_rush_takes_them_back(client, lead, standing):
    link = make_link()
    give(link, number=6)
    assert lead.post(f"/open-links/{link.id}/acceptance").status_code == 303
    assert (numbers(link).counting, numbers(link).waiting) == (6, 0)
    give(link, number=3)
    assert (numbers(link).counting, numbers(link).waiting) == (6, 3)


def test_answers_in_doubt_are_left_out_with_a_reason_and_can_come_back(client, lead, standing):
    link = make_link()
    give(link, number=6)
    refused = lead.post(f"/open-links/{link.id}/exclusion", data={"reason": " "})
    assert (refused.status_code, numbers(link).waiting) == (400, 6)
    lead.post(f"/open-links/{link.id}/exclusion", data={"reason": "A joke of the class"})
    assert (numbers(link).excluded, numbers(link).waiting) == (6, 0)
    one = stored()[0]
    lead.post(f"/open-links/{link.id}/answers/{one.id}/acceptance")
    assert (numbers(link).counting, numbers(link).excluded) == (1, 5)
    kinds = [event.kind for event in db.session.scalars(select(Event).order_by(Event.id))]
    assert kinds[-2:] == ["open_answers_excluded", "open_answer_accepted"]


def test_one_answer_is_left_out_once(client, lead, standing):
    link = make_link()
    answer(client, link, 3)
    path = f"/open-links/{link.id}/answers/{stored()[0].id}"
    assert lead.post(f"{path}/exclusion", data={"reason": ""}).status_code == 400
    assert lead.post(f"{path}/exclusion", data={"reason": "A test of ours"}).status_code == 303
    assert lead.post(f"{path}/exclusion", data={"reason": "Again"}).status_code == 409
    assert (stored()[0].counts, stored()[0].excluded_reason) == (False, "A test of ours")
    assert lead.post(f"/open-links/{link.id}/acceptance").status_code == 409


def test_an_answer_of_another_link_is_not_found_here(client, lead):
    link, other = make_link("One"), make_link("Two")
    answer(client, link, 3)
    assert lead.post(f"/open-links/{other.id}/answers/{stored()[0].id}/acceptance").status_code == 404


# At once


def test_fifty_posts_of_one_form_at_once_are_one_answer(app, client):
    link = make_kiosk()

    nonce, name = nonce_on(client.get(pages.path(link))), str(uuid4())
    path = pages.path(link)
    data = {"nonce": nonce, "score": 8, "client_id": name, "made_at": clock.now().isoformat()}
    press = [lambda: app.test_client().post(path, data=data).status_code] * 50
    assert set(at_once(app, *press)) == {200}
    assert len(stored()) == 1


def test_people_who_answer_at_the_same_moment_are_seen_as_the_rush_they_are(app, client):
    """The counters are rows of the database, so several workers share them."""
    link = make_kiosk()

    path, nonce, moment = pages.path(link), nonce_on(client.get(pages.path(link))), clock.now().isoformat()
    link_id = link.id
    db.session.commit()

    def press():
        data = {"nonce": nonce, "score": 8, "client_id": str(uuid4()), "made_at": moment}
        return app.test_client().post(path, data=data).status_code

    assert set(at_once(app, *([press] * 24))) == {200}
    found = numbers(queries.link(link_id))
    assert (found.n, found.waiting) == (24, 24)


# The device's clock


def test_the_clock_of_a_device_is_believed_as_far_as_it_can_be_right(client, standing):
    link = make_kiosk()
    made = standing - timedelta(days=2)
    link.created_at = made
    db.session.commit()
    for moment in (standing + timedelta(days=3), standing - timedelta(days=400), standing - timedelta(hours=3)):
        assert from_device(client, link, made_at=moment).status_code == 200
    assert [each.answered_at for each in stored()] == [standing, made, standing - timedelta(hours=3)]
    assert {each.received_at for each in stored()} == {standing}


@pytest.mark.parametrize("made_at", ["", "yesterday", "2026-11-20T10:00:00", "0001-01-01T00:00:00+14:00", "9" * 99])
def test_a_device_that_cannot_tell_the_time_has_answered_now(client, standing, made_at):

    link = make_kiosk()
    nonce = nonce_on(client.get(pages.path(link)))
    data = {"nonce": nonce, "score": 8, "client_id": str(uuid4()), "made_at": made_at}
    assert client.post(pages.path(link), data=data).status_code == 200
    assert stored()[0].answered_at == standing


def test_a_device_hands_in_after_the_end_what_was_given_before_it(client, standing):
    link = make_kiosk(closes_on=standing.date())

    nonce = nonce_on(client.get(pages.path(link)))
    with clock.at(standing + timedelta(days=5)):
        in_time = from_device(client, link, nonce=nonce, made_at=standing)
        too_late = from_device(client, link, nonce=nonce, made_at=standing + timedelta(days=2))
    with clock.at(standing + timedelta(days=40)):
        long_after = from_device(client, link, nonce=nonce, made_at=standing)
    assert (in_time.status_code, too_late.status_code, long_after.status_code) == (200, 410, 410)
    assert len(stored()) == 1


def test_a_page_from_last_spring_still_hands_in_but_no_forged_one(client, standing):

    link = make_kiosk()
    nonce = nonce_on(client.get(pages.path(link)))
    with clock.at(standing + timedelta(days=120)):
        assert from_device(client, link, nonce=nonce).status_code == 200
        assert from_device(client, link, nonce="1-1-00000000-f.AAAA").status_code == 400
    assert [each.doubts for each in stored()] == [[]]


def test_after_a_new_address_a_device_hands_in_its_answers_there(client, lead, standing):

    link = make_kiosk()
    old, nonce = pages.path(link), nonce_on(client.get(pages.path(link)))
    lead.post(f"/open-links/{link.id}/address")
    data = {"nonce": nonce, "score": 8, "client_id": str(uuid4()), "made_at": standing.isoformat()}
    assert client.post(old, data=data).status_code == 404
    assert client.post(pages.path(queries.link(link.id)), data=data).status_code == 200


def test_what_a_tablet_still_has_is_taken_though_the_link_is_no_kiosk_any_more(client):
    link = make_kiosk()
    path, nonce = pages.path(link), nonce_on(client.get(pages.path(link)))
    actions.change(queries.link(link.id), actions.Plan(name="Reception", questionnaire="nps-default"))
    db.session.commit()
    data = {"nonce": nonce, "score": 8, "client_id": str(uuid4()), "made_at": clock.now().isoformat()}
    sent = client.post(path, data=data)
    assert (sent.status_code, sent.json, len(stored())) == (200, {"stored": True}, 1)
    assert client.get(path).location == pages.path(queries.link(link.id))


def test_a_device_without_script_answers_by_the_plain_form(client):
    kiosk = make_kiosk()
    sent = answer(client, kiosk, 7)
    thanks = client.get(sent.location)
    assert sent.status_code == 303
    assert thanks.headers["Refresh"] == f"8; url={pages.path(kiosk)}"
    assert [each.score for each in db.session.scalars(select(OpenAnswer))] == [7]
