"""The questionnaires' pages, and what customers see as a preview."""

from __future__ import annotations

import pytest

from surveys.lib.access import Role
from surveys.lib.db import db
from surveys.questionnaires import actions, queries

pytestmark = pytest.mark.only("sqlite")  # pages and words: they ask nothing of one database alone

KEYS = ["nps-default", "ces-default", "ces2-default", "csat-default", "form-default"]


def page_of(key: str, rest: str = "") -> str:
    return f"/questionnaires/{queries.by_key(key).id}{rest}"


def test_the_list_shows_every_questionnaire_with_its_key(lead):
    page = lead.get("/questionnaires")
    assert page.status_code == 200
    assert all(key in page.text for key in KEYS)


def test_the_list_has_a_fixed_number_of_queries(lead, count_queries):
    with count_queries() as before:
        lead.get("/questionnaires")
    for number in range(5):
        actions.create(f"More {number}", queries.by_key("nps-default"))
    with count_queries() as after:
        lead.get("/questionnaires")
    selects = [len([each for each in seen if each.startswith("SELECT")]) for seen in (before, after)]
    assert selects[1] <= selects[0]


def test_one_questionnaire_shows_both_languages_side_by_side(lead):
    page = lead.get(page_of("nps-default"))
    assert "How likely are you to recommend {product}" in page.text
    assert "{product}を、同僚やお知り合いの企業の方に薦める可能性は" in page.text


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_page_and_mail_can_be_looked_at(lead, key, language):
    for part in ("page", "mail"):
        answer = lead.get(page_of(key, f"/{part}/{language}"))
        assert answer.status_code == 200
        assert f'lang="{language}"' in answer.text
        assert "{" not in answer.text.split("</style>")[-1]
        assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
        assert "<script" not in answer.text


def test_a_chosen_score_is_shown_chosen_and_none_without(lead):
    assert " checked>" not in lead.get(page_of("nps-default", "/page/en")).text
    chosen = lead.get(page_of("nps-default", "/page/en?score=8")).text
    assert chosen.count(" checked>") == 1
    assert "What could we improve?" in chosen


@pytest.mark.parametrize("score", ["11", "８", "-1", "x", "8 ", ""])
def test_an_odd_score_chooses_nothing(lead, score):
    assert " checked>" not in lead.get(page_of("nps-default", f"/page/en?score={score}")).text


def test_an_unknown_language_is_not_found(lead):
    assert lead.get(page_of("nps-default", "/page/fr")).status_code == 404
    assert lead.get("/questionnaires/999").status_code == 404


def filled(lead, key: str, language: str, **changes: str) -> dict[str, str]:
    texts = queries.latest(queries.by_key(key)).texts(language)
    texts["labels"] = "\n".join(texts["labels"])
    return texts | changes


def test_wording_is_edited_in_place_while_unused(lead):
    url = page_of("csat-default", "/wording/ja")
    answer = lead.post(url, data=filled(lead, "csat-default", "ja", question="{subject}はいかがでしたか？"))
    assert answer.status_code == 303
    version = queries.latest(queries.by_key("csat-default"))
    assert (version.number, version.texts("ja")["question"]) == (1, "{subject}はいかがでしたか？")
    assert version.texts("ja")["labels"][0] == "不満"


def test_wording_in_use_becomes_a_new_version(lead):
    queries.latest(queries.by_key("nps-default")).freeze()
    db.session.commit()
    url = page_of("nps-default", "/wording/en")
    answer = lead.post(
        url, data=filled(lead, "nps-default", "en", thanks="Thanks until {date}."), follow_redirects=True
    )
    assert "Saved as version 2" in answer.text
    assert [each.number for each in queries.by_key("nps-default").versions] == [1, 2]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"question": "Hello {nobody}"}, "{nobody} cannot stand here"),
        ({"low": "{product}"}, "Nothing in braces can stand here"),
        ({"letter": "No question"}, "exactly once"),
        ({"subject": "x" * 121}, "120"),
    ],
)
def test_mistakes_are_shown_where_they_are_and_nothing_is_saved(lead, changes, words):
    before = queries.latest(queries.by_key("nps-default")).wording
    answer = lead.post(page_of("nps-default", "/wording/en"), data=filled(lead, "nps-default", "en", **changes))
    assert answer.status_code == 400
    assert words in answer.text.replace("&#34;", '"')
    assert queries.latest(queries.by_key("nps-default")).wording == before


def test_a_text_that_is_left_empty_is_shown_as_missing_and_said_in_the_other_language(lead):
    answer = lead.post(page_of("nps-default", "/wording/ja"), data=filled(lead, "nps-default", "ja", question=""))
    assert answer.status_code == 303
    editor = lead.get(page_of("nps-default", "/wording/ja")).text
    assert editor.count('class="wording__missing"') == 1 and "How likely are you to recommend" in editor
    assert "How likely are you to recommend" in lead.get(page_of("nps-default", "/page/ja")).text
    assert "回答期限" in lead.get(page_of("nps-default", "/mail/ja")).text


def test_what_is_being_written_is_shown_before_it_is_saved(lead):
    data = filled(lead, "nps-default", "en", question="Would you?", letter="{greeting}\n\nShort.\n\n{scale}")
    page = lead.post(page_of("nps-default", "/wording/en/page"), data=data)
    mail = lead.post(page_of("nps-default", "/wording/en/mail"), data=data)
    assert "Would you?" in page.text and "Short." in mail.text
    assert "sandbox" in page.headers["Content-Security-Policy"]
    assert "Would you?" not in lead.get(page_of("nps-default", "/page/en")).text


def test_a_worded_scale_needs_a_word_for_each_point(lead):
    data = filled(lead, "csat-default", "en", labels="one\ntwo")
    assert "Please write 5 lines" in lead.post(page_of("csat-default", "/wording/en"), data=data).text


def test_a_new_questionnaire_leads_to_its_wording(lead):
    answer = lead.post("/questionnaires/new", data={"name": "Partners", "like": "nps-default"})
    made = queries.by_key("nps-1")
    assert answer.headers["Location"].endswith(f"/questionnaires/{made.id}/wording/en")


def test_only_leads_and_admins_change_words(agent, viewer):
    url = page_of("nps-default", "/wording/en")
    for client in (agent, viewer):
        assert client.get(page_of("nps-default")).status_code == 200
        assert client.get(url).status_code == 403
        assert client.post("/questionnaires/new", data={"name": "x", "like": "nps-default"}).status_code == 403


def test_staff_pages_speak_japanese(log_in):
    reader = log_in(Role.LEAD, locale="ja")
    assert "アンケートの新規作成" in reader.get("/questionnaires").text
    page = reader.get(page_of("csat-default", "/wording/ja")).text
    assert "文面の保存" in page
    assert "2問目（低い評価の方へ）" in page


def test_hostile_words_come_out_as_words(lead):
    data = filled(lead, "nps-default", "en", question="<script>alert(1)</script> {product}?")
    lead.post(page_of("nps-default", "/wording/en"), data=data)
    for rest in ("", "/page/en", "/mail/en", "/wording/en"):
        assert "<script>alert" not in lead.get(page_of("nps-default", rest)).text
