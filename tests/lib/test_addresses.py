"""E-04 to E-06: which addresses can be written to, and when two are the same person."""

from __future__ import annotations

import pytest

from surveys.lib import addresses


@pytest.mark.parametrize("text", ["taro@example.com", "  taro@example.com ", "a+b@example.co.jp", "o'neil@example.com"])
def test_an_ordinary_address_is_taken_as_it_is(text):
    assert str(addresses.parse(text)) == text.strip()


def test_an_international_domain_is_written_in_ascii():
    assert str(addresses.parse("info@例え.jp")) == "info@xn--r8jz45g.jp"


def test_full_width_letters_are_the_same_letters():
    assert str(addresses.parse("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏｍ")) == "taro@example.com"


@pytest.mark.parametrize(
    "text", ["abc..def@docomo.ne.jp", "abc.@docomo.ne.jp", ".abc@ezweb.ne.jp", "a..b@t.vodafone.ne.jp"]
)
def test_an_old_carrier_address_is_taken_and_marked(text):
    address = addresses.parse(text)
    assert (str(address), address.is_nonstandard) == (text, True)


def test_a_carrier_address_can_be_quoted_for_the_second_try():
    assert addresses.parse("abc.@docomo.ne.jp").quoted == '"abc."@docomo.ne.jp'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "taro",
        "taro@",
        "@example.com",
        "a@x.jp, b@y.jp",
        "a@x.jp;b@y.jp",
        "a@x@y.jp",
        "a..b@example.com",
        "a@[192.0.2.1]",
        "a@localhost",
        "<a@example.com>",
        "Taro <a@example.com>",
        "a@example.com\r\nBcc: b@example.com",
        "a\x00b@example.com",
        "a\u2028b@example.com",
        "太郎@example.com",
        "a..\r\nb@docomo.ne.jp",
        "a.. b@docomo.ne.jp",
        "x" * 65 + "@example.com",
        "x" * 64 + "@" + "y" * 63 + "." + "z" * 63 + "." + "w" * 63 + ".com",
        "a.@evildocomo.ne.jp",
        "a.@docomo.ne.jp.example.com",
    ],
)
def test_what_is_not_exactly_one_address_is_refused(text):
    assert not addresses.is_usable(text)


def test_case_width_and_international_domains_do_not_make_another_person():
    same = {addresses.normal(text) for text in ("Taro@例え.JP", " ｔａｒｏ@xn--r8jz45g.jp ", "TARO@例え.jp")}
    assert same == {"taro@xn--r8jz45g.jp"}


def test_dots_and_tags_do_make_another_person():
    assert (
        len({addresses.normal(text) for text in ("ta.ro@example.com", "taro@example.com", "taro+x@example.com")}) == 3
    )


def test_normal_takes_anything_without_failing():
    assert addresses.normal("not an address") == "not an address"
    assert addresses.normal("a@" + "x" * 70 + ".com").startswith("a@x")


@pytest.mark.parametrize("mark", ["\r\n", "\n", "\r", "\x00", "\u2028", "\u202e", "\u200f", "\x85", "\t"])
def test_a_header_text_is_one_visible_line(mark):
    assert addresses.header_text(f"Taro{mark}Bcc: x@example.com") == "Taro Bcc: x@example.com"


def test_a_header_text_has_an_end():
    assert len(addresses.header_text("長" * 10_000)) == 200
