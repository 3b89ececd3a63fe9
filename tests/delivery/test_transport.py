"""How one mail is handed over, and that every way it can end has its own name (E-42, E-44, E-45, R-02 to R-08)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from pydantic import SecretStr

from surveys.config import MailServer
from surveys.delivery.replies import (
    Accepted,
    Bounce,
    Deferred,
    OperatorError,
    Rejected,
    Unknown,
    Unreachable,
    Withheld,
    bounce,
)
from surveys.delivery.transport import Envelope, SmtpTransport, Timeouts
from tests.smtp import SmtpServer, closes, says, sends, waits

QUICK = Timeouts(connect=2, command=2, dot=2, goodbye=0.5)
CERTIFICATE = Path(__file__).with_name("server.pem")
LETTER = Envelope("survey@example.com", "taro@example.com", b"Subject: hello\r\n\r\n.dots\r\n..more\r\nend\r\n")


@pytest.fixture
def server():
    with SmtpServer() as running:
        yield running


@pytest.fixture
def transport(server):
    out = SmtpTransport(server.mail_server, timeouts=QUICK)
    yield out
    out.close()


def send(transport, envelope=LETTER, before_dot=lambda: True):
    return transport.send(envelope, before_dot)


def test_a_mail_arrives_as_it_was_given(server, transport):
    outcome = send(transport)
    assert outcome == Accepted("2.0.0 Ok: queued as Q00001")
    assert outcome.queue_id == "Q00001"
    assert [(mail.sender, mail.recipient, mail.data) for mail in server.mails] == [
        ("survey@example.com", "taro@example.com", LETTER.data)
    ]


def test_the_connection_is_kept_and_renewed(server):
    transport = SmtpTransport(server.mail_server, timeouts=QUICK, renew_after=3)
    assert all(isinstance(send(transport), Accepted) for _ in range(7))
    assert (len(server.mails), server.connections) == (7, 3)
    transport.close()


def test_before_the_dot_the_server_has_nothing(server, transport):
    seen = []
    assert isinstance(send(transport, before_dot=lambda: not seen.append(len(server.mails))), Accepted)
    assert (seen, len(server.mails)) == ([0], 1)


def test_a_mail_called_back_before_the_dot_never_arrives(server, transport):
    assert send(transport, before_dot=lambda: False) == Withheld()
    assert isinstance(send(transport), Accepted)
    assert len(server.mails) == 1


def test_a_failure_of_the_caller_before_the_dot_ends_it_there(server, transport):
    def fails():
        raise OSError("database down")

    with pytest.raises(OSError, match="database down"):
        send(transport, before_dot=fails)
    time.sleep(0.1)
    assert server.mails == []
    assert isinstance(send(transport), Accepted)


@pytest.mark.parametrize(
    "act",
    [
        closes(),
        sends(b"garbage\r\n"),
        sends(b"250"),
        sends(b"250 half a li"),
        sends(b"25\r\n"),
        sends(b"\x00\xff\xfe\r\n"),
        sends(b"250-first\r\n250-seco"),
        sends(b"250-" + b"x" * 20_000),
        sends(b"250-again\r\n" * 200),
        says("354 what"),
        says("150 what"),
        waits(3),
    ],
)
def test_without_a_clear_answer_to_the_dot_the_outcome_is_unknown(server, transport, act):
    server.at("dot", act)
    assert isinstance(send(transport), Unknown)
    assert len(server.mails) == 1
    assert isinstance(send(transport), Accepted)


def test_a_late_answer_to_the_dot_is_waited_for(server):
    transport = SmtpTransport(server.mail_server, timeouts=Timeouts(connect=1, command=0.5, dot=5))
    server.at("dot", waits(1.5, b"250 2.0.0 late but taken\r\n"))
    assert isinstance(send(transport), Accepted)
    transport.close()


def test_a_reply_of_many_lines_is_one_reply(server, transport):
    server.at("dot", says("250-2.0.0 Ok", "250-thank you", "250 2.0.0 queued as ABC123", stores=True))
    outcome = send(transport)
    assert (type(outcome), outcome.queue_id) == (Accepted, "ABC123")


@pytest.mark.parametrize("phase", ["rcpt", "data", "dot"])
def test_a_4xx_is_a_deferral(server, transport, phase):
    server.at(phase, says("451 4.7.1 greylisted"))
    assert send(transport) == Deferred(451, "4.7.1 greylisted")
    assert server.mails == []
    assert isinstance(send(transport), Accepted)
    assert server.connections == 1


@pytest.mark.parametrize("phase", ["rcpt", "data", "dot"])
def test_a_5xx_is_a_rejection(server, transport, phase):
    server.at(phase, says("550-5.1.1 no such", "550 5.1.1 mailbox"))
    outcome = send(transport)
    assert (type(outcome), outcome.code, outcome.status) == (Rejected, 550, "5.1.1")
    assert server.mails == []
    assert isinstance(send(transport), Accepted)


@pytest.mark.parametrize(
    ("phase", "line"),
    [("connect", "554 5.7.1 go away"), ("ehlo", "550 no"), ("mail", "553 5.7.1 sender not allowed")],
)
def test_a_5xx_before_a_recipient_was_named_is_for_the_operator(server, transport, phase, line):
    server.always(phase, says(line))
    outcome = send(transport)
    assert type(outcome) is OperatorError
    assert line.split(" ", 1)[1] in outcome.reason


def test_a_refused_log_in_is_for_the_operator(server):
    server.always("auth", says("535 5.7.8 wrong password"))
    account = MailServer(host="127.0.0.1", port=server.port, tls="none", user="koe", password=SecretStr("secret"))
    outcome = send(SmtpTransport(account, timeouts=QUICK))
    assert type(outcome) is OperatorError
    assert "535" in outcome.reason
    assert "secret" not in outcome.reason


@pytest.mark.parametrize("tls", ["starttls", "ssl"])
def test_a_server_without_the_encryption_asked_for_gets_nothing(server, tls):
    wanted = MailServer(host="127.0.0.1", port=server.port, tls=tls)
    outcome = send(SmtpTransport(wanted, timeouts=QUICK))
    assert type(outcome) in (OperatorError, Unreachable)
    assert server.mails == []


@pytest.mark.parametrize("phase", ["connect", "ehlo", "mail"])
@pytest.mark.parametrize("act", [closes(), sends(b"garbage\r\n"), says("421 4.3.2 shutting down"), waits(3)])
def test_a_server_that_cannot_be_spoken_to_is_no_fault_of_the_mail(server, transport, phase, act):
    server.at(phase, act, act)
    assert isinstance(send(transport), Unreachable)
    assert server.mails == []


def test_no_server_at_all_is_unreachable():
    with SmtpServer() as gone:
        place = gone.mail_server
    outcome = send(SmtpTransport(place, timeouts=QUICK))
    assert type(outcome) is Unreachable
    assert str(place.port) in outcome.reason


@pytest.mark.parametrize("phase", ["rcpt", "data", "body"])
@pytest.mark.parametrize("act", [closes(), sends(b"garbage\r\n")])
def test_a_connection_that_breaks_before_the_dot_is_a_deferral_or_unknown_but_never_two_mails(
    server, transport, phase, act
):
    server.at(phase, act)
    outcome = send(transport)
    assert isinstance(outcome, Deferred | Unknown)
    assert server.mails == []
    assert isinstance(send(transport), Accepted)
    assert len(server.mails) == 1


def test_a_kept_connection_that_went_stale_is_replaced_without_a_word(server, transport):
    send(transport)
    server.at("mail", closes())
    assert isinstance(send(transport), Accepted)
    server.at("mail", says("421 4.4.2 idle too long"))
    assert isinstance(send(transport), Accepted)
    assert (len(server.mails), server.connections) == (3, 3)


def test_an_old_carrier_address_is_tried_as_it_is_and_then_quoted(server, transport):
    server.at("rcpt", says("553 5.1.3 cannot read that"))
    odd = Envelope("survey@example.com", "abc..d@docomo.ne.jp", b"x\r\n", second_try='"abc..d"@docomo.ne.jp')
    assert isinstance(send(transport, odd), Accepted)
    assert server.mails[0].recipient == '"abc..d"@docomo.ne.jp'


def test_when_both_forms_of_a_carrier_address_fail_both_reasons_are_kept(server, transport):
    server.at("rcpt", says("553 5.1.3 first"), says("550 5.1.1 second"))
    odd = Envelope("survey@example.com", "abc..d@docomo.ne.jp", b"x\r\n", second_try='"abc..d"@docomo.ne.jp')
    outcome = send(transport, odd)
    assert type(outcome) is Rejected
    assert "first" in outcome.reply
    assert "second" in outcome.reply


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        ("5.1.1", Bounce.HARD),
        ("5.2.2", Bounce.FULL),
        ("5.7.26", Bounce.POLICY),
        ("5.3.4", Bounce.CONTENT),
        ("5.0.0", Bounce.OTHER),
        ("", Bounce.OTHER),
    ],
)
def test_a_refusal_about_us_is_never_held_against_the_person(status, meaning):
    assert bounce(status) is meaning


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        ("5.1.1 no such mailbox", "5.1.1"),
        ("5.1.10 RESOLVER.ADR.RecipientNotFound", "5.1.10"),
        ("#5.1.0 Address rejected.", "5.1.0"),
        ("5.7.1 blocked\n5.1.1 is not meant", "5.7.1"),
        ("Your IP 5.1.1.10 is listed", ""),
        ("5.1.1.10 is listed", ""),
        ("Blocked, see 5.1.1 of our rules", ""),
        ("", ""),
    ],
)
def test_a_status_counts_only_at_the_start_of_the_reply(reply, status):
    assert Rejected(550, reply).status == status


def test_sending_is_not_slowed_down_by_waiting_for_receipts(server, transport):
    took = []
    for _ in range(20):
        started = time.monotonic()
        send(transport)
        took.append(time.monotonic() - started)
    assert min(took) < 0.04  # else each of them waits that long


@pytest.mark.parametrize("tls", ["starttls", "ssl"])
def test_a_mail_goes_out_encrypted_to_a_server_that_can_be_trusted(tls):
    with SmtpServer(CERTIFICATE, tls=tls) as server:
        transport = SmtpTransport(server.mail_server, timeouts=QUICK)
        transport.tls.load_verify_locations(CERTIFICATE)
        assert [type(send(transport)) for _ in range(2)] == [Accepted, Accepted]
        transport.close()
        assert (len(server.mails), server.connections) == (2, 1)


@pytest.mark.parametrize("tls", ["starttls", "ssl"])
def test_a_server_with_a_certificate_nobody_vouches_for_gets_neither_mail_nor_password(tls):
    with SmtpServer(CERTIFICATE, tls=tls) as server:
        account = server.mail_server.model_copy(update={"user": "koe", "password": SecretStr("secret")})
        outcome = send(SmtpTransport(account, timeouts=QUICK))
        assert type(outcome) is OperatorError
        assert "certificate" in outcome.reason
        assert server.mails == []
