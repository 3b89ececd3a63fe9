"""What a mail looks like as bytes (E-01, E-02, E-04, E-41, M1 to M4)."""

from __future__ import annotations

import email
import email.policy
import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from surveys.delivery.mail import AUTOMATIC, Letter, Unbuildable, list_id, one_click

MOMENT = datetime(2026, 11, 20, 1, 2, 3, 456789, tzinfo=UTC)
LONG = "https://feedback.example.com/u/" + "x" * 200


def letter(**changes):
    values = {
        "sender": ("ミナト勤怠", "survey@example.com"),
        "to": ("山田 太郎 様", "taro@example.com"),
        "subject": "【ミナト勤怠】1分アンケートのお願い（11/27(金)まで）",
        "text": "山田 太郎 様\n\nいつもありがとうございます。\n",
        "html": "<!doctype html><p>いつもありがとうございます。</p>",
    }
    return Letter(**{**values, **changes})


def sent(**changes):
    return letter(**changes).as_sent("<1.abc@example.com>", MOMENT)


def parsed(data):
    return email.message_from_bytes(data, policy=email.policy.default)


def content(data, kind="plain"):
    return parsed(data).get_body((kind,)).get_content().replace("\r\n", "\n")


def head(data):
    return data.split(b"\r\n\r\n", 1)[0].decode("ascii")


def test_the_same_row_gives_the_same_bytes_for_ever():
    assert sent() == sent()
    assert sent() != letter().as_sent("<2.abc@example.com>", MOMENT)
    elsewhere = MOMENT.astimezone(timezone(timedelta(0)))
    assert letter().as_sent("<1.abc@example.com>", elsewhere) == sent()


def test_a_mail_is_as_it_was_saved_to_the_byte():
    """Byte for byte, so that no upgrade changes what a retry sends; KOE_SAVE_MAILS=1 saves it anew."""
    data = sent(headers={**one_click(LONG), **list_id("秋の調査", "c12.feedback.example.com"), **AUTOMATIC})
    saved = Path(__file__).parent / "saved" / "letter.eml"
    if os.environ.get("KOE_SAVE_MAILS"):
        saved.write_bytes(data)
    assert data == saved.read_bytes()


def test_two_parts_the_text_first_both_utf8_and_quoted_printable():
    mail = parsed(sent())
    assert mail.get_content_type() == "multipart/alternative"
    kinds = [
        (part.get_content_type(), part.get_content_charset(), part["Content-Transfer-Encoding"])
        for part in mail.iter_parts()
    ]
    assert kinds == [("text/plain", "utf-8", "quoted-printable"), ("text/html", "utf-8", "quoted-printable")]


def test_a_mail_of_text_alone_is_no_multipart():
    mail = parsed(sent(html=None))
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().startswith("山田 太郎 様")


def test_names_subject_and_words_come_back_as_they_were():
    mail = parsed(sent())
    assert mail["Subject"] == "【ミナト勤怠】1分アンケートのお願い（11/27(金)まで）"
    assert (mail["From"].addresses[0].display_name, mail["From"].addresses[0].addr_spec) == (
        "ミナト勤怠",
        "survey@example.com",
    )
    assert (mail["To"].addresses[0].display_name, mail["To"].addresses[0].addr_spec) == (
        "山田 太郎 様",
        "taro@example.com",
    )
    assert content(sent()) == "山田 太郎 様\n\nいつもありがとうございます。\n"
    assert content(sent(), "html") == "<!doctype html><p>いつもありがとうございます。</p>\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..\n.\n",
        "=3D=\n",
        "trailing \t\n x",
        "From here\n",
        "長" * 2000,
        "😀👩‍👩‍👧\n" * 50,
        "a\rb\r\nc\n",
        "x" * 3000,
        "\u2028\u0085",
    ],
)
def test_every_text_survives_the_way(text):
    expected = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
    data = sent(text=text)
    assert content(data) == expected
    assert max(len(line) for line in data.split(b"\r\n")) <= 998


def test_the_bytes_are_ascii_with_crlf_and_nothing_else():
    data = sent(headers={**one_click(LONG), **AUTOMATIC})
    assert data.isascii()
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")


def test_a_long_unsubscribe_address_stays_whole():
    data = sent(headers=one_click(LONG, mailto="u+1.abc@example.com?subject=unsubscribe"))
    assert f"List-Unsubscribe: <{LONG}>,\r\n <mailto:u+1.abc@example.com?subject=unsubscribe>\r\n" in head(data)
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in head(data)


@pytest.mark.parametrize("name", ["In-Reply-To", "References", "Feedback-ID"])
def test_no_header_for_machines_is_ever_encoded(name):
    value = " ".join(f"<{'x' * 90}{n}@example.com>" for n in range(3))
    assert parsed(sent(headers={name: value}))[name].replace("\n", "") == value
    assert "=?utf" not in head(sent(headers={name: value})).split(name)[1].split("\r\nMIME")[0]


def test_a_japanese_campaign_name_in_list_id_leaves_the_identifier_alone():
    mail = head(sent(headers=list_id("秋の調査, 2026 <x>", "c12.feedback.example.com")))
    assert mail.split("List-ID: ")[1].split("\r\n")[0].endswith("<c12.feedback.example.com>")
    assert parsed(sent(headers=list_id("Autumn", "c1.example.com")))["List-ID"] == "Autumn <c1.example.com>"


@pytest.mark.parametrize(
    "name", ["a\r\nBcc: x@y.jp", "a\nBcc: x@y.jp", "a\x00b", "a\u2028b", "a\u202eb", "n" * 10_000, "長" * 10_000]
)
@pytest.mark.parametrize("field", ["sender", "to", "reply_to"])
def test_no_name_makes_another_header_or_another_recipient(name, field):
    """X-07."""
    mail = parsed(sent(**{field: (name, "taro@example.com")}))
    assert sorted(set(mail.keys())) == sorted(mail.keys())
    assert "Bcc" not in mail
    assert len(mail["To"].addresses) == 1
    assert all(len(line) <= 998 for line in head(sent(**{field: (name, "taro@example.com")})).split("\r\n"))


@pytest.mark.parametrize(
    "subject", ["a\r\nBcc: x@y.jp", "a\x00b\u2028c", "s" * 10_000, "お" * 10_000, "=?utf-8?b?QmNj?=", ""]
)
def test_no_subject_makes_another_header(subject):
    mail = parsed(sent(subject=subject))
    assert "Bcc" not in mail
    assert len(mail["Subject"] or "") <= 200


@pytest.mark.parametrize(
    "address",
    ["", "a@x.jp, b@y.jp", "a@x.jp\r\nBcc: b@y.jp", "a@[192.0.2.1]", "taro", "a\x00@x.jp", "x" * 65 + "@x.jp"],
)
def test_what_is_not_exactly_one_address_builds_no_mail(address):
    """X-07."""
    with pytest.raises(Unbuildable):
        letter(to=("Taro", address))


def test_a_header_with_a_line_break_builds_no_mail():
    with pytest.raises(Unbuildable):
        sent(headers={"X-Thing": "a\r\nBcc: b@y.jp"})
    with pytest.raises(Unbuildable):
        sent(headers={"List-Unsubscribe": f"<{'x' * 1200}>"})


def test_names_with_commas_quotes_and_brackets_stay_one_name():
    for name in ['Smith, "Bob" <b>', "a@b.c", "x (y)", "back\\slash", "=?utf-8?b?QmNj?="]:
        address = parsed(sent(to=(name, "taro@example.com")))["To"].addresses
        assert [one.addr_spec for one in address] == ["taro@example.com"]
        assert address[0].display_name in (name, "Bcc")


def test_an_international_domain_and_an_old_carrier_address_stand_in_the_header():
    assert "<info@xn--r8jz45g.jp>" in head(sent(to=("例", "info@例え.jp")))
    assert "To: abc..d@docomo.ne.jp" in head(sent(to=("", "abc..d@docomo.ne.jp")))


def test_a_usual_mail_is_built_in_a_few_milliseconds():
    started = datetime.now(UTC)
    for number in range(50):
        letter(headers={**one_click(LONG), **AUTOMATIC}).as_sent(f"<{number}@example.com>", MOMENT)
    assert (datetime.now(UTC) - started) / 50 < timedelta(milliseconds=20)
