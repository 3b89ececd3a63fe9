"""All answers in one list: by any filter, with their numbers, fast, and as a file."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from sqlalchemy import update

from surveys.browse import exports
from surveys.customers.models import Tier
from surveys.lib import clock
from surveys.lib.db import db, writing
from surveys.responses.models import Response
from surveys.search import actions as search
from surveys.tags.models import ResponseTag
from tests import factories
from tests.streams import blocks_of


@pytest.fixture
def answers(app):
    """Three answers that differ in everything one can filter by."""
    calm = factories.make_account(name="Aoba Logistics", tier=Tier.HIGH_TOUCH)
    slow = factories.make_response(
        2, comment="CSVの出力が遅い", contact=factories.make_contact(account=calm, language="ja")
    )
    fine = factories.make_response(9, comment="Quick answers", answered_at=clock.now() - timedelta(days=40))
    mute = factories.make_response(7)
    for answer in (slow, fine):
        search.index(answer.id, answer.comment, is_new=True)
    tag = factories.make_tag("CSV")
    db.session.add(ResponseTag.on(slow, tag.id, by_id=None))
    db.session.commit()
    return {"slow": slow, "fine": fine, "mute": mute, "tag": tag}


def shown(page, answers):
    return {name for name in ("slow", "fine", "mute") if f'id="answer-{answers[name].id}"' in page.text}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"slow", "fine", "mute"}),
        ("q=出力", {"slow"}),
        ("q=quick", {"fine"}),
        ("segment=bad", {"slow"}),
        ("segment=good&period=30", set()),
        ("period=30", {"slow", "mute"}),
        ("tier=high_touch", {"slow"}),
        ("language=ja", {"slow"}),
        ("tag=1", {"slow"}),
        ("comment=1", {"slow", "fine"}),
        ("kind=csat", set()),
        ("account=1", {"slow"}),
        ("account=4711", set()),
        ("from=0001-01-01&to=9999-12-31", {"slow", "fine", "mute"}),
        ("segment=nonsense&tag=x&page=-1&from=never", {"slow", "fine", "mute"}),
    ],
)
def test_each_filter_shows_what_fits_it(viewer, answers, query, expected):
    assert shown(viewer.get(f"/voices?{query}"), answers) == expected


def test_the_numbers_beside_the_list_are_those_of_the_list(agent, answers):
    for _ in range(5):
        factories.make_response(10)
    page = agent.get("/voices?segment=good")
    assert "100" in page.text and "6 answers" in page.text


def test_an_empty_house_says_what_will_be_here(agent):
    assert "Nobody has answered yet" in agent.get("/voices").text


def test_no_answer_fits_is_said_and_undone_in_one_click(agent, answers):
    page = agent.get("/voices?q=zebra").text
    assert "No answer fits" in page and 'href="/voices"' in page


def test_a_viewer_sees_words_and_company_but_no_name(viewer, answers):
    page = viewer.get("/voices").text
    assert ("Aoba Logistics" in page, answers["slow"].contact.name in page) == (True, False)


def test_one_answer_and_thirty_take_as_many_queries(agent, app, count_queries):
    factories.make_response(3, comment="one")
    with count_queries() as one:
        agent.get("/voices")
    for number in range(30):
        factories.make_response(number % 11, comment="more")
    with count_queries() as many:
        agent.get("/voices")
    assert len(many) == len(one)


def test_what_was_written_to_a_further_question_finds_the_answer_and_is_shown_with_it(agent, app, count_queries):
    campaign = factories.make_campaign()
    campaign.version.questions = [
        {"key": "q1", "kind": "text", "words": {"en": {"text": "One wish?"}}},
        {"key": "q2", "kind": "yes_no", "words": {"en": {"text": "And?"}}},
    ]
    answers = {"q1": "請求書の書式", "q2": "yes"}
    found = factories.make_response(6, campaign=campaign, comment="", answers=answers)
    search.index(found.id, "請求書の書式", is_new=True)
    db.session.commit()
    with count_queries() as one:
        page = agent.get("/voices?q=書式").text
    assert f'id="answer-{found.id}"' in page and ">請求書の書式</a>" in page and "No comment" not in page
    for number in range(10):
        more = factories.make_response(number, campaign=campaign, comment="書式", answers=answers)
        search.index(more.id, "書式", is_new=True)
    db.session.commit()
    with count_queries() as many:
        page = agent.get("/voices?q=書式").text
    assert page.count(">書式\n請求書の書式</a>") == 10 and len(many) == len(one)


def test_quarantined_and_withdrawn_answers_are_in_no_list(agent, app):
    factories.make_response(1, quarantined_at=clock.now(), comment="robot")
    factories.make_response(1, withdrawn_at=clock.now(), comment="regret")
    page = agent.get("/voices").text
    assert ("robot" in page, "regret" in page) == (False, False)


def test_the_csv_holds_each_answer_of_the_filter_and_no_formula(lead, answers):
    factories.make_response(1, comment="=HYPERLINK(1)")
    rows = list(csv.DictReader(io.StringIO(lead.get("/voices/export.csv?segment=bad").text)))
    by_comment = {row["comment"]: row for row in rows}
    assert set(by_comment) == {"CSVの出力が遅い", "'=HYPERLINK(1)"}
    row = by_comment["CSVの出力が遅い"]
    assert (row["score"], row["segment"], row["metric"], row["polarity"], row["tags"], row["account_name"]) == (
        *("2", "detractor", "nps", "higher", "CSV", "Aoba Logistics"),
    )


def test_excel_gets_its_mark_and_programs_get_json_lines(lead, answers):
    assert lead.get("/voices/export.csv?bom=1").data.startswith(b"\xef\xbb\xbf")
    lines = [json.loads(line) for line in lead.get("/voices/export.jsonl").text.splitlines()]
    assert {line["score"] for line in lines} == {2, 9, 7}


def test_the_export_holds_the_filters_of_the_page_and_nothing_else_of_its_address(lead, answers):
    page = lead.get("/voices?kind=nps&bom=1&ending=exe&_scheme=x&from=2020-01-01&page=2")
    assert 'href="/voices/export.csv?kind=nps&amp;from=2020-01-01"' in page.text
    assert 'href="/voices/export.jsonl?kind=nps&amp;from=2020-01-01"' in page.text
    assert lead.get("/voices/export.csv?kind=nps").text.count("\n") == 4
    assert lead.get("/voices/export.exe").status_code == 404


def test_all_voices_of_an_account_are_one_filter_with_a_chip(lead, answers):
    account = answers["slow"].account
    for _ in range(21):
        factories.make_response(8, contact=answers["slow"].contact)
    assert f'href="/voices?account={account.id}"' in lead.get(f"/accounts/{account.id}").text
    page = lead.get(f"/voices?account={account.id}&q=出力").text
    assert "Aoba Logistics</a>" not in page.split("chip__key")[0]
    assert f'<input type="hidden" name="account" value="{account.id}">' in page
    assert '<span class="chip__key">Account:</span> Aoba Logistics' in page
    assert f"/voices/export.csv?q=%E5%87%BA%E5%8A%9B&amp;account={account.id}" in page
    rows = list(csv.DictReader(io.StringIO(lead.get(f"/voices/export.csv?account={account.id}").text)))
    assert ({row["account_name"] for row in rows}, len(rows)) == ({"Aoba Logistics"}, 22)


@pytest.mark.parametrize("query", ["endpoint=x", "_scheme=x", "_external=1", "_anchor=x", "_method=x", "id=7"])
@pytest.mark.parametrize("path", ["/voices", "/customers", "/queue"])
def test_odd_names_in_an_address_do_no_harm(lead, answers, path, query):
    assert lead.get(f"{path}?{query}").status_code == 200


def test_the_file_holds_one_moment_whatever_comes_in_while_it_is_made(app, lead, monkeypatch):
    """R-41."""
    monkeypatch.setattr(exports, "SLICE", 10)
    wanted = [factories.make_response(9, comment="x" * 4000).id for _ in range(40)]
    db.session.commit()
    parts = blocks_of(app, lead, "/voices/export.csv")
    text = next(parts)
    assert 1000 < len(text) < 40 * 4000, "the file is on its way"
    with writing() as connection:
        connection.execute(update(Response).values(comment="changed meanwhile"))
    rows = list(csv.DictReader(io.StringIO((text + b"".join(parts)).decode())))
    assert [int(row["response_id"]) for row in rows] == wanted
    assert {row["comment"] for row in rows} == {"x" * 4000}


@pytest.mark.parametrize("who", ["agent", "product_manager", "viewer"])
def test_only_those_who_may_export_can(request, who, answers):
    assert request.getfixturevalue(who).get("/voices/export.csv").status_code == 403


def test_the_stories_of_account_and_contact_show_what_they_said(agent, answers):
    contact = answers["slow"].contact
    for path in (f"/contacts/{contact.id}", f"/accounts/{contact.account_id}", f"/responses/{answers['slow'].id}"):
        assert "CSVの出力が遅い" in agent.get(path).text, path


def test_the_pages_are_there_in_japanese(log_in, answers):
    user = log_in("agent", locale="ja")
    contact = answers["slow"].contact
    for path in (
        "/voices",
        f"/contacts/{contact.id}",
        f"/accounts/{contact.account_id}",
        f"/responses/{answers['slow'].id}",
        "/tags",
    ):
        assert 'lang="ja"' in user.get(path).text


def test_an_export_says_further_answers_in_whole_words_and_asks_the_database_once_for_their_questions(
    lead, app, count_queries
):
    """Fields in braces are filled in as on the page, and a hundred thousand rows are no hundred thousand queries."""
    words = {"text": "How fast is {product} of {company}?", "options": {}, "low": "", "high": ""}
    campaign = factories.make_campaign()
    campaign.version.questions = [{"key": "q1", "kind": "scale", "low": 1, "high": 5, "words": {"en": words}}]
    for point in range(1, 4):
        factories.make_response(point, campaign=campaign, answers={"q1": point})
    db.session.commit()
    with count_queries() as few:
        rows = list(csv.DictReader(io.StringIO(lead.get("/voices/export.csv").text)))
    assert [row["further_answers"] for row in rows] == [
        f"How fast is Our product of Minato Time? {point}" for point in range(1, 4)
    ]
    for point in range(1, 4):
        factories.make_response(point, campaign=campaign, answers={"q1": point})
    db.session.commit()
    with count_queries() as more:
        lead.get("/voices/export.csv").get_data()
    assert len(more) == len(few)
