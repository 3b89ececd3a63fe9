"""The manual: every page in both languages, for everybody, also without logging in."""

from __future__ import annotations

import html
import re

import pytest

from surveys.help.glossary import WORDS
from surveys.help.views import PAGES
from surveys.lib.i18n import LANGUAGES, speaking

pytestmark = pytest.mark.only("sqlite")  # pages and words: they ask nothing of one database alone

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


@pytest.fixture(params=LANGUAGES)
def reader(request, client):
    """A stranger who chose a language."""
    client.post("/language", data={"language": request.param})
    client.reads = request.param
    return client


@pytest.mark.parametrize("name", PAGES)
def test_every_page_can_be_read_without_logging_in(reader, name):
    page = reader.get(f"/help/{name}")
    assert page.status_code == 200
    assert f'<html lang="{reader.reads}"' in page.text
    with speaking(reader.reads):
        assert f">{PAGES[name]}</h1>" in html.unescape(page.text)
    words = re.sub(r"<[^>]+>", "", page.text.partition("<main")[2])
    assert len(words) > 400
    assert (len(JAPANESE.findall(words)) > 300) == (reader.reads == "ja")


def test_the_contents_lead_to_every_page(reader):
    contents = reader.get("/help").text
    assert [name for name in PAGES if f'href="/help/{name}"' not in contents] == []


def test_links_between_pages_lead_somewhere(reader):
    for name in PAGES:
        for target in set(re.findall(r'href="(/help[^"#]*)', reader.get(f"/help/{name}").text)):
            assert reader.get(target).status_code == 200, f"{target} on {name}"


def test_the_glossary_has_every_word_in_both_languages(reader):
    page = html.unescape(reader.get("/help/glossary").text)
    for english, japanese, meaning, meaning_ja in WORDS:
        for words in (english, japanese, meaning_ja if reader.reads == "ja" else meaning):
            assert words in page


def test_colleagues_read_it_too(agent):
    assert agent.get("/help/first-steps").status_code == 200


def test_there_are_no_other_pages(client):
    assert client.get("/help/../models").status_code == 404
    assert client.get("/help/nothing").status_code == 404
