"""From planned to settled: what happens to a message, whatever the server does (E-40 to E-47, R-01 to R-19)."""

from __future__ import annotations

import email
from contextlib import contextmanager
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from surveys.delivery import actions, queries
from surveys.delivery.actions.line import LEASE
from surveys.delivery.actions.send import BACKOFF, LEASE_AT_DOT, Sending
from surveys.delivery.journal import Journal
from surveys.delivery.kinds import Hold, Wait
from surveys.delivery.mail import Unbuildable
from surveys.delivery.models import Message, MessageState, Rank, Suppression, SuppressionReason
from surveys.delivery.replies import Accepted
from surveys.events.models import Event
from surveys.lib import clock
from surveys.lib.access import Role
from surveys.lib.claim import claim
from surveys.lib.db import GatedConnection, db
from surveys.lib.errors import Refused
from tests.smtp import closes, says, sends


def read(message):
    return db.session.get(Message, message.id, populate_existing=True)


def test_a_planned_mail_is_sent_and_its_room_hears_of_it(plan, send, server, room):
    message = plan()
    assert send() == 1
    row = read(message)
    assert (row.state, row.raw, row.answer) == (MessageState.ACCEPTED, None, "2.0.0 Ok: queued as Q00001")
    assert room.heard == [(1, "accepted", "2.0.0 Ok: queued as Q00001")]
    assert [(mail.sender, mail.recipient) for mail in server.mails] == [
        ("voice@minato.example.com", "person1@customer.example.com")
    ]


def test_sending_leaves_rows_that_others_hold_in_the_session(plan, kinds, transport):
    message = plan()
    actions.send_due(kinds, transport)
    assert message in db.session
    message.answer = "seen"
    db.session.commit()
    assert read(message).answer == "seen"


def test_there_is_nothing_to_send_twice(plan, send, server):
    plan()
    assert (send(), send(), len(server.mails)) == (1, 0, 1)


def test_the_message_id_and_date_are_those_of_the_row(plan, send, server):
    message = plan()
    send()
    mail = email.message_from_bytes(server.mails[0].data)
    assert mail["Message-ID"] == read(message).message_id
    assert mail["Message-ID"].endswith("@minato.example.com>")
    assert email.utils.parsedate_to_datetime(mail["Date"]) == read(message).dated_at.replace(microsecond=0)


def test_a_mail_is_not_sent_before_its_time(plan, send, server):
    plan(not_before=clock.now() + timedelta(minutes=5))
    assert send() == 0
    with clock.at(clock.now() + timedelta(minutes=6)):
        assert send() == 1


def test_what_somebody_waits_for_goes_first(plan, send, server):
    plan()
    plan("reply", rank=Rank.AWAITED, to="waiting@example.com")
    send()
    assert [mail.recipient for mail in server.mails] == ["waiting@example.com", "person1@customer.example.com"]


def test_a_kind_nobody_handed_over_stays_planned(plan, send):
    message = plan("strange")
    assert (send(), read(message).state) == (0, MessageState.PLANNED)


def test_planning_the_same_mail_again_is_planning_it_once(plan, app):
    first = actions.queue("survey", 7, to="a@example.com")
    assert actions.queue("survey", 7, to="a@example.com") is first
    assert actions.queue("survey", 7, to="a@example.com", sequence=1) is not first


def test_many_are_planned_at_once_and_again_without_harm(app):
    people = [(number, f"p{number}@example.com") for number in range(1_234)]
    actions.queue_all("survey", people)
    actions.queue_all("survey", people)
    db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(Message)) == 1_234


@pytest.mark.only("sqlite")  # counted where every commit passes, the session's and those past it
def test_many_mails_in_a_row_cost_two_commits_each(plan, kinds, transport, monkeypatch):
    """Answers wait for commits: the word that the dot is coming, and the outcome with the claim of the next one."""
    for _ in range(5):
        plan()
    commits, really = count(), GatedConnection.commit
    monkeypatch.setattr(GatedConnection, "commit", lambda connection: (next(commits), really(connection)))
    assert actions.send_due(kinds, transport) == 5
    assert next(commits) == 1 + 2 * 5


def test_one_mail_is_sent_when_there_is_no_time_for_more(plan, kinds, transport, server):
    messages = [plan(), plan()]
    assert actions.send_due(kinds, transport, span=timedelta(0)) == 1
    assert [read(each).state for each in messages] == [MessageState.ACCEPTED, MessageState.PLANNED]


def test_the_next_mail_is_free_when_the_room_of_the_first_fails(plan, send, kinds, transport, room):
    messages = [plan(), plan()]
    room.is_deaf = RuntimeError("deaf on purpose")
    with pytest.raises(RuntimeError):
        actions.send_due(kinds, transport)
    db.session.rollback()
    assert [read(each).state for each in messages] == [MessageState.ACCEPTED, MessageState.PLANNED]
    room.is_deaf = None
    assert (send(), read(messages[1]).state) == (1, MessageState.ACCEPTED)


# ── what the server answers ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("act", [closes(), sends(b"garbage\r\n"), sends(b"250 ha"), says("350 what")])
def test_without_an_answer_to_the_dot_a_survey_is_unknown_and_stays_so(plan, send, server, room, act):
    server.at("dot", act)
    message = plan()
    send()
    assert (read(message).state, room.heard[0][:2]) == (MessageState.UNKNOWN, (1, "unknown"))
    with clock.at(clock.now() + timedelta(days=3)):
        assert send() == 0
    assert len(server.mails) == 1


def test_sent_again_by_a_person_an_unknown_mail_is_the_same_to_the_byte(plan, send, server, room):
    server.at("dot", closes())
    message = plan()
    send()
    read(message).send_again()
    db.session.commit()
    with clock.at(clock.now() + timedelta(hours=3)):
        send()
    assert server.mails[0].data == server.mails[1].data
    assert (room.written, read(message).state, read(message).raw) == (1, MessageState.ACCEPTED, None)


def test_an_unknown_mail_counted_as_sent_is_told_to_its_room(plan, send, server, room, kinds):
    server.at("dot", closes())
    message = plan()
    send()
    read(message).count_as_sent()
    db.session.commit()
    assert actions.tell_next(kinds)
    assert not actions.tell_next(kinds)
    assert [state for _, state, _ in room.heard] == ["unknown", "accepted"]


def test_a_mail_whose_outcome_is_known_is_not_sent_again(plan, send):
    message = plan()
    send()
    with pytest.raises(Refused):
        read(message).send_again()
    with pytest.raises(Refused):
        read(message).count_as_sent()


def test_an_unknown_mail_turns_to_accepted_when_an_answer_comes(plan, send, server, room, kinds):
    server.at("dot", closes())
    message = plan()
    send()
    actions.arrived(["survey"], message.subject_id)
    db.session.commit()
    actions.tell_next(kinds)
    assert (read(message).state, room.heard[-1][1]) == (MessageState.ACCEPTED, "accepted")


def test_a_reply_with_unknown_outcome_goes_out_again_twice_and_the_same(plan, send, server, replies):
    server.always("dot", closes())
    message = plan("reply")
    start = clock.now()
    for minutes in (0, 1, 3, 6, 9, 60):
        with clock.at(start + timedelta(minutes=minutes)):
            send()
    assert len(server.mails) == 3
    assert len({mail.data for mail in server.mails}) == 1
    assert (read(message).state, replies.written) == (MessageState.UNKNOWN, 1)


def test_a_4xx_waits_longer_each_time_and_the_bytes_stay(plan, send, server, room):
    server.always("rcpt", says("450 4.2.0 greylisted"))
    message, moment = plan(), clock.now()
    waits = []
    for _ in range(6):
        with clock.at(moment):
            assert send() == 1
            waits.append(read(message).not_before - moment)
            moment = read(message).not_before
    assert waits == [*BACKOFF, BACKOFF[-1], BACKOFF[-1]]
    assert (read(message).state, room.heard, room.written) == (MessageState.PLANNED, [], 1)
    server.always("rcpt", None)
    with clock.at(moment):
        send()
    assert (len(server.mails), room.written, read(message).state) == (1, 1, MessageState.ACCEPTED)


def test_after_two_days_of_later_it_has_failed(plan, send, server, room):
    server.always("dot", says("451 4.3.0 later"))
    message, start = plan(), clock.now()
    moment = start
    while read(message).state is MessageState.PLANNED:
        with clock.at(moment):
            assert send() == 1
            moment = read(message).not_before
    assert timedelta(hours=44) < moment - start < timedelta(hours=52)
    assert room.heard == [(1, "rejected", "451 4.3.0 later")]


def test_a_5xx_at_the_recipient_is_final_and_a_dead_mailbox_is_never_tried_again(plan, send, server, room):
    server.at("rcpt", says("550 5.1.1 no such mailbox"))
    plan(to="gone@customer.example.com")
    send()
    assert room.heard == [(1, "rejected", "550 5.1.1 no such mailbox")]
    assert queries.suppression_of("GONE@customer.example.com").reason is SuppressionReason.HARD_BOUNCE
    plan(to="Gone@customer.example.com")
    send()
    assert (room.heard[-1], server.mails) == ((2, "cancelled", "S-08"), [])


@pytest.mark.parametrize("said", ["550 5.7.1 we do not like you", "552 5.2.2 mailbox full", "554 no"])
def test_a_refusal_that_says_nothing_of_the_person_suppresses_nobody(plan, send, server, room, said):
    server.at("dot", says(said))
    plan()
    send()
    assert room.heard == [(1, "rejected", said)]
    assert db.session.scalars(select(Suppression)).all() == []


@pytest.mark.parametrize(("phase", "said"), [("mail", "530 5.7.0 log in first"), ("connect", "554 5.7.1 not you")])
def test_when_the_server_refuses_us_everything_stands_still_and_nothing_is_lost(plan, send, server, room, phase, said):
    server.always(phase, says(said))
    messages = [plan() for _ in range(5)]
    assert send() == 1
    pause = queries.pause()
    assert (pause.needs_operator, said in pause.reason) == (True, True)
    assert {read(message).state for message in messages} == {MessageState.PLANNED}
    start = clock.now()
    for minutes in range(0, 120, 10):
        with clock.at(start + timedelta(minutes=minutes)):
            send()
    alerts = db.session.scalar(select(func.count()).select_from(Event).where(Event.kind == "sender_paused"))
    assert (alerts, room.heard) == (1, [])
    server.always(phase, None)
    with clock.at(start + timedelta(hours=4)):
        send()
    assert (len(server.mails), queries.pause()) == (5, None)


def test_while_the_server_is_away_rows_stay_planned_and_go_out_once_it_is_back(plan, send, server, room, transport):
    server.always("connect", closes())
    messages = [plan() for _ in range(4)]
    start = clock.now()
    for minutes in range(0, 360, 20):
        with clock.at(start + timedelta(minutes=minutes)):
            send()
    assert {(read(message).state, read(message).attempt) for message in messages} == {(MessageState.PLANNED, 0)}
    assert not queries.pause().needs_operator
    server.always("connect", None)
    with clock.at(start + timedelta(hours=6, minutes=6)):
        send()
    assert (len({mail.recipient for mail in server.mails}), len(server.mails), queries.pause()) == (4, 4, None)


def test_a_person_can_end_a_standstill_at_once(plan, send, server):
    server.at("mail", says("530 5.7.0 log in first"))
    plan()
    send()
    assert send() == 0
    actions.carry_on()
    db.session.commit()
    assert (send(), len(server.mails)) == (1, 1)


def test_a_421_in_the_middle_gives_the_server_a_minute(plan, send, server):
    server.at("rcpt", says("421 4.7.0 slow down"))
    first, second = plan(), plan()
    assert send() == 1
    assert (read(first).attempt, read(second).attempt, read(second).state) == (1, 0, MessageState.PLANNED)
    with clock.at(clock.now() + timedelta(seconds=61)):
        assert send() == 1


# ── may it still go ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_mail_its_room_holds_is_cancelled_with_the_rule(plan, send, server, room):
    room.verdicts = [Hold("S-02", "asked 12 days ago")]
    message = plan()
    send()
    row = read(message)
    assert (row.state, row.rule, row.answer, server.mails) == (MessageState.CANCELLED, "S-02", "asked 12 days ago", [])
    assert room.heard == [(1, "cancelled", "S-02")]


def test_a_mail_its_room_lets_wait_stays_planned(plan, send, server, room):
    later = clock.now() + timedelta(hours=9)
    room.verdicts = [Wait(later)]
    message = plan()
    send()
    assert (read(message).state, read(message).not_before, room.heard) == (MessageState.PLANNED, later, [])


def test_an_opt_out_between_the_claim_and_the_dot_stops_the_mail(plan, server, room, kinds, transport):
    message = plan()
    sending = _claimed(kinds, message)
    envelope = sending._written()
    actions.suppress(message.to_address, SuppressionReason.OPT_OUT)
    db.session.commit()
    sending._take_down(transport.send(envelope, sending.may_finish))
    assert (read(message).state, read(message).rule, server.mails) == (MessageState.CANCELLED, "S-08", [])
    assert room.heard == [(1, "cancelled", "S-08")]


def test_a_hold_right_before_the_dot_stops_the_mail(plan, send, server, room):
    room.verdicts = [None, Hold("campaign_cancelled")]
    message = plan()
    send()
    assert (read(message).state, read(message).rule, server.mails) == (
        MessageState.CANCELLED,
        "campaign_cancelled",
        [],
    )


def test_a_suppressed_person_still_gets_the_answer_they_asked_for(plan, send, server):
    actions.suppress("taro@example.com", SuppressionReason.OPT_OUT)
    plan("reply", to="taro@example.com")
    send()
    assert len(server.mails) == 1


@pytest.mark.parametrize("why", [Unbuildable("no address"), Refused("the postal address is missing")])
def test_a_mail_that_cannot_be_written_is_held_and_the_others_go(plan, send, server, room, why):
    first, second = plan(), plan("reply")
    room.fails = why
    send()
    assert (read(first).state, read(first).rule, read(first).answer) == (MessageState.CANCELLED, "missing", str(why))
    assert (read(second).state, len(server.mails)) == (MessageState.ACCEPTED, 1)


@pytest.mark.parametrize("address", ["", "taro", "a@x.jp, b@y.jp", "taro@example.com\r\nBcc: b@y.jp"])
def test_a_mail_to_no_address_is_held(plan, send, server, room, address):
    message = plan()
    read(message).to_address = address
    db.session.commit()
    send()
    assert (read(message).state, read(message).rule, server.mails) == (MessageState.CANCELLED, "missing", [])


def test_cancelling_takes_back_what_was_not_taken_yet_and_leaves_what_was_sent(plan, send, server, room, kinds):
    sent, planned, other = plan(), plan(not_before=clock.now() + timedelta(hours=1)), plan("reply")
    send()
    ids = [sent.subject_id, planned.subject_id, other.subject_id]
    assert actions.cancel("survey", ids, rule="campaign_cancelled") == 1
    db.session.commit()
    actions.tell_next(kinds)
    states = [read(message).state for message in (sent, planned, other)]
    assert states == [MessageState.ACCEPTED, MessageState.CANCELLED, MessageState.ACCEPTED]
    assert room.heard[-1] == (planned.subject_id, "cancelled", "campaign_cancelled")


def test_what_has_been_due_for_two_days_waits_for_a_person_but_not_what_somebody_waits_for(plan, send, server):
    overdue, awaited = plan(), plan("reply", rank=Rank.AWAITED)
    with clock.at(clock.now() + timedelta(hours=48, minutes=1)):
        send()
        assert (read(overdue).state, read(awaited).state) == (MessageState.PLANNED, MessageState.ACCEPTED)
        assert queries.counts()["overdue"] == 1


def test_overdue_mails_go_out_once_a_person_says_so(plan, send, server, log_in):
    message = plan()
    with clock.at(clock.now() + timedelta(days=3)):
        send()
        lead = log_in(Role.LEAD)
        page = lead.get("/messages?list=overdue").text
        assert "person1@customer.example.com" in page
        lead.post("/messages/overdue", data={"decision": "send"})
        send()
        assert read(message).state is MessageState.ACCEPTED
    assert db.session.scalars(select(Event).where(Event.kind == "overdue_sent")).one().actor_id == lead.user.id


def test_overdue_mails_a_person_does_not_want_are_held_and_their_room_hears_of_it(
    plan, kinds, room, server, log_in, send
):
    message = plan()
    with clock.at(clock.now() + timedelta(days=3)):
        log_in(Role.LEAD).post("/messages/overdue", data={"decision": "skip"})
        assert actions.tell_next(kinds)
        send()
    assert (read(message).state, server.mails) == (MessageState.CANCELLED, [])
    assert room.heard == [(1, "cancelled", "overdue")]


# ── late and dead workers ─────────────────────────────────────────────────────────────────────────────────────────


def test_what_a_dead_worker_had_before_the_dot_is_planned_again(plan, send, server, kinds):
    message = plan()
    _claimed(kinds, message)
    assert not actions.free_next(kinds)
    with clock.at(clock.now() + LEASE + timedelta(seconds=1)):
        assert actions.free_next(kinds)
        assert read(message).state is MessageState.PLANNED
        send()
    assert (read(message).state, len(server.mails)) == (MessageState.ACCEPTED, 1)


def test_what_a_dead_worker_had_at_the_dot_is_unknown(plan, send, server, kinds, room):
    message = plan()
    sending = _claimed(kinds, message)
    sending._written()
    assert sending.may_finish()
    with clock.at(clock.now() + LEASE_AT_DOT + timedelta(seconds=1)):
        assert actions.free_next(kinds)
        assert not actions.free_next(kinds)
        assert send() == 0
    assert (read(message).state, room.heard[0][:2]) == (MessageState.UNKNOWN, (1, "unknown"))
    assert read(message).raw


def test_a_mail_at_the_dot_ends_although_who_took_it_back_died_as_well(plan, kinds, room):
    message = plan()
    sending = _claimed(kinds, message)
    sending._written()
    assert sending.may_finish()
    start = clock.now()
    with clock.at(start + LEASE_AT_DOT + timedelta(seconds=1)), _dying_at_commit(2), pytest.raises(SystemExit):
        actions.free_next(kinds)
    db.session.rollback()
    assert read(message).state is MessageState.SENDING
    with clock.at(start + LEASE_AT_DOT + LEASE + timedelta(seconds=2)):
        assert actions.free_next(kinds)
    assert (read(message).state, room.heard[0][:2]) == (MessageState.UNKNOWN, (1, "unknown"))


def test_a_worker_that_slept_past_its_lease_notices_before_the_dot(plan, send, server, kinds, transport):
    message = plan()
    late = _claimed(kinds, message)
    envelope = late._written()
    with clock.at(clock.now() + LEASE + timedelta(seconds=1)):
        actions.free_next(kinds)
        send()
    late._take_down(transport.send(envelope, late.may_finish))
    assert (read(message).state, len(server.mails)) == (MessageState.ACCEPTED, 1)


def test_a_worker_that_slept_while_another_holds_the_mail_notices_too(plan, server, kinds, transport):
    message = plan()
    late = _claimed(kinds, message)
    envelope = late._written()
    with clock.at(clock.now() + LEASE + timedelta(seconds=1)):
        actions.free_next(kinds)
        second = _claimed(kinds, message)
        late._take_down(transport.send(envelope, late.may_finish))
        assert (server.mails, read(message).state) == ([], MessageState.CLAIMED)
        second.run(transport)
    assert (len(server.mails), read(message).state) == (1, MessageState.ACCEPTED)


def test_an_outcome_that_comes_after_the_lease_still_counts(plan, kinds, room):
    message = plan()
    late = _claimed(kinds, message)
    late._written()
    late.may_finish()
    with clock.at(clock.now() + LEASE_AT_DOT + timedelta(seconds=1)):
        actions.free_next(kinds)
    late.note_outcome(Accepted("late"))
    assert (read(message).state, [state for _, state, _ in room.heard]) == (
        MessageState.ACCEPTED,
        ["unknown", "accepted"],
    )


def test_a_late_outcome_does_not_bring_back_what_was_cancelled(plan, kinds, send):
    message = plan()
    late = _claimed(kinds, message)
    with clock.at(clock.now() + LEASE + timedelta(seconds=1)):
        actions.free_next(kinds)
    actions.cancel("survey", [message.subject_id], rule="campaign_cancelled")
    db.session.commit()
    late.note_outcome(Accepted("never"))
    assert read(message).state is MessageState.CANCELLED


def test_when_the_database_is_down_before_the_dot_nothing_is_sent(plan, send, server, kinds, transport):
    message = plan()
    sending = _claimed(kinds, message)
    envelope = sending._written()

    def database_down():
        raise OperationalError("UPDATE message", {}, Exception("gone"))

    with pytest.raises(OperationalError):
        transport.send(envelope, database_down)
    with clock.at(clock.now() + LEASE + timedelta(seconds=1)):
        actions.free_next(kinds)
        send()
    assert len(server.mails) == 1


def test_an_outcome_the_database_cannot_take_waits_in_the_journal(plan, send, server, kinds, transport, tmp_path, room):
    journal = Journal(tmp_path / "journal")
    message = plan()

    def breaks_down(_settled):
        raise OperationalError("UPDATE message", {}, Exception("gone"))

    kinds["survey"] = type(room.kind)(room.kind.compose, room.kind.may_still_send, breaks_down)
    sending = _claimed(kinds, message, journal)
    envelope = sending._written()
    outcome = transport.send(envelope, sending.may_finish)
    journal.keep(sending.message.id, sending.fence, outcome)
    db.session.rollback()
    kinds["survey"] = room.kind
    with clock.at(clock.now() + LEASE_AT_DOT + timedelta(seconds=1)):
        actions.free_next(kinds)
        send(journal=journal)
    assert (read(message).state, len(server.mails), list(journal.kept())) == (MessageState.ACCEPTED, 1, [])


def test_a_room_that_fails_to_listen_is_told_again_and_the_outcome_stands(plan, send, server, kinds, room):
    message = plan()
    sending = _claimed(kinds, message)
    envelope = sending._written()
    room.is_deaf = ZeroDivisionError("a bug in that room")
    with pytest.raises(ZeroDivisionError):
        sending.note_outcome(Accepted("250"))
    db.session.rollback()
    assert (read(message).state, read(message).is_told, envelope.data != b"") == (MessageState.ACCEPTED, False, True)
    room.is_deaf = None
    assert actions.tell_next(kinds)
    assert (read(message).is_told, room.heard) == (True, [(1, "accepted", "250")])


def test_the_fate_of_every_message_adds_up(plan, send, server, room):
    server.at("rcpt", says("550 5.1.1 no"), says("450 later"))
    server.at("dot", closes())
    room.verdicts = [Hold("S-04")]
    for _ in range(9):
        plan()
    send()
    counts = dict(db.session.execute(select(Message.state, func.count()).group_by(Message.state)).all())
    assert counts == {
        MessageState.ACCEPTED: 5,
        MessageState.REJECTED: 1,
        MessageState.UNKNOWN: 1,
        MessageState.CANCELLED: 1,
        MessageState.PLANNED: 1,
    }


@contextmanager
def _dying_at_commit(number):
    """The process ends right before the commit of this number: nothing it tries after that is done."""
    commits = count(1)

    def die(_connection):
        if next(commits) >= number:
            raise SystemExit

    event.listen(db.engine, "commit", die)
    try:
        yield
    finally:
        event.remove(db.engine, "commit", die)


def _claimed(kinds, message, journal=None):
    """Claim as a worker does, and stop there."""
    taken = claim(
        Message,
        select(Message.id).where(Message.id == message.id, Message.state == MessageState.PLANNED),
        state=MessageState.CLAIMED,
        claimed_by="late",
        lease_until=clock.now() + LEASE,
        fence=Message.fence + 1,
    )
    return Sending.of(kinds, taken, journal=journal)
