"""What every page is handed: the rail, addresses with a changed query, numbers and times in words."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from flask import Flask, render_template_string

from surveys.lib.i18n import speaking
from tests import factories


def said(app: Flask, template: str, language: str = "en", path: str = "/queue", **values: object) -> str:
    """What a piece of template says on a page at this path."""
    with app.test_request_context(path), speaking(language):
        app.preprocess_request()
        return render_template_string(template, **values).strip()


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (Fraction(125, 10), "13%"),
        (Fraction(-125, 10), "-13%"),
        (0, "0%"),
        (Fraction(2, 3) * 100, "67%"),
        (99.5, "100%"),
    ],
)
def test_a_share_is_rounded_once_half_away_from_zero(app, share: Fraction, words: str):
    assert said(app, "{{ share|percent }}", share=share) == words


def test_the_address_of_a_page_changes_only_what_is_asked_for(app):
    path = "/queue?tab=late&page=3&q=a%20b"
    assert said(app, "{{ here(page=4) }}", path=path) == "/queue?tab=late&amp;page=4&amp;q=a+b"
    assert said(app, "{{ here(page=None, tab=None) }}", path=path) == "/queue?q=a+b"


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ["in 2 h", "3 days late"]), ("ja", ["2時間後", "3日超過"])],
    ids=["english", "japanese"],
)
def test_what_is_due_is_said_in_words_and_red_only_when_late(app, standing: datetime, language: str, words: list[str]):
    due = '{% from "components/time.html" import due %}{{ due(at) }}'
    soon = said(app, due, language, at=standing + timedelta(hours=2))
    late = said(app, due, language, at=standing - timedelta(days=3))
    assert (words[0] in soon, words[1] in late) == (True, True)
    assert ("due--late" in soon, "due--late" in late) == (False, True)


def test_a_day_is_that_of_the_organisation_not_of_greenwich(app):
    evening = datetime.fromisoformat("2026-11-20T20:00:00+00:00")
    assert said(app, "{{ at|plain_day }}", at=evening) == "21 Nov 2026"
    assert said(app, "{{ at|plain_day }}", "ja", at=evening) == "2026年11月21日"
    assert said(app, "{{ at|long_day }}", "ja", at=date(2026, 11, 27)) == "2026年11月27日（金）"


def test_the_rail_shows_what_a_role_may_see_and_where_one_is(admin):
    factories.make_case()
    page = admin.get("/queue").text
    assert 'href="/queue" aria-current="page" data-key="g q"' in page
    assert '<span class="rail__count">1<' in page


def test_entries_beneath_another_show_while_one_is_there(admin):
    assert 'href="/questionnaires"' in admin.get("/campaigns").text
    assert 'href="/questionnaires" aria-current="page"' in admin.get("/questionnaires").text


@pytest.mark.parametrize(("name", "initials"), [("Aoi Tanaka", "AT"), ("Cher", "C"), ("田中 葵", "田"), ("", "")])
def test_initials_are_two_letters_in_latin_and_one_character_in_japanese(app, name: str, initials: str):
    drawn = said(app, '{% from "components/avatar.html" import avatar %}{{ avatar(name) }}', name=name)
    assert f">{initials}</span>" in drawn


def test_a_person_is_named_first_in_english_and_after_the_company_in_japanese(app):
    person = '{% from "components/person.html" import person %}{{ person("佐藤 花子", "あおば物流")|striptags }}'
    assert said(app, person) == "佐藤 花子 あおば物流"
    assert said(app, person, "ja") == "あおば物流 佐藤 花子"


def test_a_score_says_its_side_in_words_as_well(app):
    score = '{% from "components/segment.html" import score %}{{ score(3, "detractor", of=10) }}'
    assert "Detractor" in said(app, score)
    assert "批判者" in said(app, score, "ja")


def test_a_score_that_is_missing_is_a_dash_and_never_zero(app):
    assert "–" in said(app, '{% from "components/segment.html" import score %}{{ score(None, "detractor") }}')


def test_customers_words_are_escaped(app):
    quote = '{% from "components/quote.html" import quote %}{{ quote(words) }}'
    assert "&lt;script&gt;" in said(app, quote, words="<script>alert(1)</script>")


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 429, 500, 503])
def test_error_pages_say_what_happened_in_both_languages_and_give_a_number(app, status: int):
    page = f'{{% include "errors/{status}.html" %}}'
    english, japanese = (said(app, page, language, error_id="ab12cd34", message="") for language in ("en", "ja"))
    assert ("ab12cd34" in english, "ab12cd34" in japanese) == (True, True)
    assert 'lang="ja"' in japanese and "お問い合わせの際は" in japanese
