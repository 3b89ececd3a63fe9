"""Every page a Japanese colleague or customer can reach says nothing in English that could be said in Japanese."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from flask import Flask

from surveys.lib.access import Role
from surveys.lib.db import db
from surveys.settings.queries import default_brand, default_product
from tests import factories
from tests.conftest import Client
from tests.design import world
from tests.design.test_pages import paths
from tests.intake.customers import link, opt_out_link

# Words that are the same in both languages: measures, formats, products, units, and the names in the world below.
WORDS = """
    nps ces csat koe mrr arr csv xlsx excel json lines crm id url ip smtp html postgresql sqlite wal e-mail english
    n s mb gb vs rr utc utf utf-8 shift_jis bom jpy usd eur gbp enter esc nps-default
    net promoter score bain company nice systems fred reichheld
    qr svg png jpeg webp gif kb a4 a6
    northlight harbor finch hannah whitfield tom becker kim reed ask channel kiosk seminar link
"""
ALLOWED = frozenset(WORDS.split())
WORD = re.compile(r"[A-Za-z][A-Za-z'’._-]*[A-Za-z]|[A-Za-z]")
# Addresses, file names, time zones, commands, rules, numbers of errors, and what stands in for a value.
PLAIN = re.compile(
    r"[\w.+-]+@[\w.-]+|https?://\S+|[\w-]+\.(?:csv|example\.com)|[A-Z]\w+(?:/[\w -]+)+"
    r"|koe (?:doctor|migrate)|S-\d\d|[0-9a-f]{8}|#[0-9a-f]{6}|\b[0-9]+[kM]B|\bA[46]\b|\{\w+\}",
    re.ASCII,
)
HIDDEN = {"script", "style", "template"}
SPOKEN = ("title", "aria-label", "placeholder", "alt", "data-ask", "data-ask-yes", "data-key-name", "data-label")
EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Reader(HTMLParser):
    """What a page says in its own language: no scripts, no parts in another language, no code and no keys."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.open: list[tuple[str, bool]] = []

    @property
    def is_quiet(self) -> bool:
        return bool(self.open) and self.open[-1][1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        language = values.get("lang")
        quiet = self.is_quiet or tag in HIDDEN | {"code", "kbd"} or language not in (None, "ja")
        if tag not in EMPTY:
            self.open.append((tag, quiet))
        if not quiet:
            self.said += [value for name in SPOKEN if (value := values.get(name))]

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self.is_quiet:
            self.said.append(data)


def english(page: str) -> list[str]:
    """The pieces of text in which an English word stands."""
    reader = Reader()
    reader.feed(page)
    return list(dict.fromkeys(piece.strip() for piece in reader.said if foreign(piece)))


def foreign(piece: str) -> list[str]:
    return [word for word in WORD.findall(PLAIN.sub(" ", piece)) if word.lower() not in ALLOWED]


@pytest.fixture
def reader(app: Flask) -> Client:
    """A Japanese administrator, with a few rows of everything."""
    speak_japanese()
    world.build()
    client = app.test_client()
    client.user = factories.make_user(role=Role.ADMIN, locale="ja", name="田中 葵")
    factories.log_in(client, client.user)
    return client  # type: ignore[return-value]


def speak_japanese() -> None:
    """What an organisation calls itself and what it sells is not ours to translate."""
    ours = default_brand()
    ours.legal_name, ours.postal_address, ours.sender_name = "ミナト勤怠株式会社", "東京都港区海岸1-2-3", "佐藤 結衣"
    default_product().name = default_product().name_ja = "ミナト勤怠"
    db.session.commit()


@pytest.mark.slow
def test_no_page_of_staff_speaks_english_to_a_japanese_colleague(app: Flask, reader: Client):
    found = {path: english(reader.get(path, follow_redirects=True).text) for path in paths(app)}
    assert {path: pieces for path, pieces in found.items() if pieces} == {}


@pytest.mark.parametrize(
    "path", ["/nothing-here", "/accounts/999", "/cases/999", "/help/nothing", "/customers?page=99999"]
)
def test_no_refusal_does_either(reader: Client, path: str):
    assert english(reader.get(path).text) == []


def test_no_page_of_a_customer_does(app: Flask):
    speak_japanese()
    contact = factories.make_contact(language="ja", name="佐藤 花子")
    invitation = factories.make_invitation(contact=contact)
    client = app.test_client()
    for path in (
        link(invitation),
        opt_out_link(invitation),
        f"{link(invitation)}/not-me",
        f"{link(invitation)}/withdrawal",
    ):
        assert english(client.get(path).text) == [], path


def test_a_page_is_read_as_people_see_it():
    page = '<p title="Hello">ことば <b lang="en">some words</b><code>koe up</code> NPS <a>more</a></p><img alt="A picture">'
    assert english(page) == ["Hello", "more", "A picture"]
