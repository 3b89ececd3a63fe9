"""The editor of further questions, and the rules all of them keep."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.lib.db import db
from surveys.lib.errors import Refused
from surveys.questionnaires import actions, queries
from surveys.questionnaires.questions import fields_of, fitting, in_words, own_keys, parsed, read, shown
from tests.followups.test_races import at_once

CHOICE = {
    "text_en": "What do you use?",
    "text_ja": "よく使う機能は？",
    "options_en": "Shifts\nLeave",
    "options_ja": "シフト\n休暇",
}


def url(rest: str = "", key: str = "nps-default") -> str:
    return f"/questionnaires/{queries.by_key(key).id}/questions{rest}"


def asked(key: str = "nps-default"):
    db.session.rollback()
    return queries.latest(queries.by_key(key)).further


def add(lead, kind: str = "choice", **changes):
    texts = CHOICE if kind in ("choice", "choices") else {"text_en": "How?", "text_ja": "どうですか？"}
    points = {"low": "1", "high": "5"} if kind == "scale" else {}
    return lead.post(url(f"/new?kind={kind}"), data={**texts, **points, **changes})


def words_of(question):
    return question.text("en"), [label for _mark, label in question.choices("en")]


@pytest.mark.parametrize("kind", ["text", "choice", "choices", "scale", "yes_no"])
def test_every_kind_can_be_added_and_seen_on_the_page(lead, kind):
    assert add(lead, kind).status_code == 303
    (question,) = asked()
    assert (question.kind, question.key) == (kind, "q1")
    for language in ("en", "ja"):
        page = lead.get(f"/questionnaires/{queries.by_key('nps-default').id}/page/{language}").text
        assert question.text(language) in page


def test_a_questionnaire_has_no_further_questions_until_somebody_adds_one(lead):
    page = lead.get(url()).text
    assert "Only the scored question is asked" in page


def test_a_used_questionnaire_asks_them_from_the_next_version_on(lead):
    freeze()
    add(lead)
    old, new = queries.by_key("nps-default").versions
    assert (old.questions, len(new.questions), new.wording == old.wording) == ([], 1, True)


def test_a_choice_that_keeps_its_words_keeps_its_key(lead):
    add(lead)
    changed = CHOICE | {"options_en": "Reports\nLeave\nShift plans", "options_ja": "帳票\n休暇\nシフト"}
    assert lead.post(url("/q1"), data=changed | version_of(lead, "/q1")).status_code == 303
    (question,) = asked()
    assert question.options == ("3", "2", "1")
    assert words_of(question)[1] == ["Reports", "Leave", "Shift plans"]


def test_the_key_of_a_choice_that_was_answered_is_never_given_to_another(lead):
    """Else whoever chose it would have said something else."""
    add(lead)
    for english, japanese in (("Pay\nLeave", "給与\n休暇"), ("Pay\nLeave\nReports", "給与\n休暇\n帳票")):
        freeze()
        changed = CHOICE | {"options_en": english, "options_ja": japanese}
        assert lead.post(url("/q1"), data=changed | version_of(lead, "/q1")).status_code == 303
    (question,) = asked()
    assert question.options == ("3", "2", "4")


def freeze() -> None:
    """As when somebody is asked with the newest version."""
    queries.latest(queries.by_key("nps-default")).freeze()
    db.session.commit()


def version_of(lead, rest: str) -> dict[str, str]:
    return {"version": re.search(r'name="version"[^>]* value="([^"]+)"', lead.get(url(rest)).text)[1]}


def test_questions_are_moved_by_button_and_by_dragging(lead):
    for kind in ("text", "scale", "yes_no"):
        add(lead, kind)
    lead.post(url(), data={"down": "q1"})
    assert [each.key for each in asked()] == ["q2", "q1", "q3"]
    lead.post(url(), data={"up": "q2"})
    assert [each.key for each in asked()] == ["q2", "q1", "q3"]
    lead.post(url(), data={"order": "q3 q2 q1"})
    assert [each.key for each in asked()] == ["q3", "q2", "q1"]


@pytest.mark.parametrize("order", ["q1", "q1 q2 q9", "q1 q1 q2"])
def test_an_order_of_other_questions_than_there_are_is_refused_and_changes_nothing(lead, order):
    add(lead, "text")
    add(lead, "text")
    answer = lead.post(url(), data={"order": order})
    assert answer.status_code == 409 and "changed meanwhile" in answer.text
    assert [each.key for each in asked()] == ["q1", "q2"]


def test_a_question_can_follow_an_answer_that_comes_before_it_and_only_such_a_one(lead):
    add(lead)
    add(lead, "text", after=["q1:2"], segments=["bad"])
    first, second = asked()
    assert (second.when.after, second.when.answers, second.when.segments) == ("q1", ("2",), ("bad",))
    answer = lead.post(url(), data={"up": "q2"})
    assert answer.status_code == 400 and "“How?” is shown after an answer that would no longer" in answer.text
    assert [each.key for each in asked()] == [first.key, second.key]


def test_a_question_that_another_follows_is_not_removed_in_silence(lead):
    add(lead)
    add(lead, "text", after=["q1:2"])
    refused = lead.post(url("/q1/removal"))
    assert refused.status_code == 400 and "“How?” is shown after an answer that would no longer" in refused.text
    assert 'value="What do you use?"' in refused.text, "the page of the question, as it is"
    assert f'action="{url("/q1")}"' in refused.text, "whose form still saves the question"
    assert lead.post(url("/new/removal")).status_code == 404
    assert lead.post(url("/q2/removal")).status_code == 303
    assert lead.post(url("/q1/removal")).status_code == 303
    assert asked() == ()


def test_the_key_of_a_removed_question_is_never_given_again(lead):
    add(lead, "text")
    freeze()
    lead.post(url("/q1/removal"))
    add(lead, "yes_no")
    assert [each.key for each in asked()] == ["q2"]


def test_a_scale_with_other_ends_is_another_question_once_somebody_was_asked(lead):
    """Else a 5 of five and a 5 of ten would be counted as one answer. What follows it still does."""
    add(lead, "scale")
    add(lead, "text", after=["q1:1"])
    wider = {"text_en": "How?", "text_ja": "どうですか？", "low": "0", "high": "10"}
    lead.post(url("/q1"), data=wider | {"high": "7"} | version_of(lead, "/q1"))
    assert [each.key for each in asked()] == ["q1", "q2"]
    freeze()
    lead.post(url("/q1"), data=wider | version_of(lead, "/q1"))
    first, second = asked()
    assert ((first.key, first.low, first.high), second.when.after) == (("q3", 0, 10), "q3")
    lead.post(url("/q3"), data=wider | {"text_en": "How fast?"} | version_of(lead, "/q3"))
    assert [each.key for each in asked()] == ["q3", "q2"]


def test_a_scale_that_is_only_worded_otherwise_keeps_its_key_and_its_answers(lead):
    add(lead, "scale")
    freeze()
    said = {"text_en": "How fast?", "text_ja": "速さは？", "low": "1", "high": "5", "low_en": "Slow", "high_en": "Fast"}
    lead.post(url("/q1"), data=said | version_of(lead, "/q1"))
    (question,) = asked()
    assert (question.key, question.text("en"), queries.latest(queries.by_key("nps-default")).number) == (
        *("q1", "How fast?", 2),
    )


def test_ten_are_enough(lead):
    for _number in range(10):
        assert add(lead, "yes_no").status_code == 303
    answer = add(lead, "yes_no")
    assert answer.status_code == 400 and "10 further questions at most" in answer.text
    assert len(asked()) == 10


@pytest.mark.parametrize(
    ("kind", "changes", "words"),
    [
        ("text", {"text_en": "", "text_ja": ""}, "in one language at least"),
        ("text", {"text_en": "Hello {nobody}"}, "{nobody} cannot stand here"),
        ("text", {"text_en": "x" * 301}, "300"),
        ("choice", {"options_en": "One", "options_ja": ""}, "2 to 12 choices"),
        ("choice", {"options_en": "", "options_ja": ""}, "one a line"),
        ("choice", {"options_en": "A\nB\nC"}, "same choices in the same order"),
        ("choice", {"options_en": "A\nA"}, "Two choices are the same"),
        ("choices", {"options_en": "\n".join(map(str, range(13)))}, "2 to 12 choices"),
        ("scale", {"low": "5"}, "The lowest point is 0 or 1."),
        ("scale", {"high": "11"}, "The highest point is a number from 2 to 10."),
    ],
)
def test_mistakes_are_said_and_what_was_typed_stays(lead, kind, changes, words):
    answer = add(lead, kind, **changes)
    assert answer.status_code == 400 and words in answer.text
    assert asked() == ()
    assert all(value.split("\n")[0] in answer.text for value in changes.values())


def test_an_unknown_question_or_kind_is_not_found(lead):
    for rest in ("/q7", "/new?kind=poem"):
        assert lead.get(url(rest)).status_code == 404


def test_a_language_without_words_borrows_them_and_counts_as_missing(lead):
    add(lead, "choice", text_ja="", options_ja="")
    (question,) = asked()
    assert (question.text("ja"), question.is_complete("ja"), question.is_complete("en")) == (
        "What do you use?",
        False,
        True,
    )
    assert "Not complete: 日本語" in lead.get(url()).text
    assert queries.latest(queries.by_key("nps-default")).missing("ja") == ["q1"]


def test_the_words_at_the_ends_of_a_scale_are_missing_where_only_the_other_language_has_them(lead):
    """Else customers read English ends below a Japanese question."""
    add(lead, "scale", low_en="Slow", high_en="Fast", low_ja="遅い")
    (question,) = asked()
    assert (question.is_complete("en"), question.is_complete("ja")) == (True, False)
    no_ends = dict.fromkeys(("low_en", "low_ja", "high_en", "high_ja"), "")
    said = {"text_en": "How?", "text_ja": "速さは？", "low": "1", "high": "5"}
    lead.post(url("/q1"), data=said | no_ends | version_of(lead, "/q1"))
    (question,) = asked()
    assert (question.is_complete("en"), question.is_complete("ja")) == (True, True)


def test_what_is_missing_is_said_where_it_is_missing_with_the_way_there(lead):
    """A text on its line, a further question with the way to the further questions."""
    number = queries.by_key("nps-default").id
    add(lead, "text", text_ja="")
    page = lead.get(f"/questionnaires/{number}").text
    assert f'<p class="row"><a href="/questionnaires/{number}/questions">Further questions</a></p>' in flat(page)
    assert f'href="/questionnaires/{number}/questions">Further' in lead.get(f"/questionnaires/{number}/wording/ja").text
    assert "Some texts are missing" not in lead.get(f"/questionnaires/{number}/wording/ja").text
    assert "Missing" not in page
    texts = queries.latest(queries.by_key("nps-default")).texts("ja") | {"question": ""}
    actions.reword(queries.by_key("nps-default"), "ja", texts)
    db.session.commit()
    page = flat(lead.get(f"/questionnaires/{number}").text)
    assert f'<p class="row"><a href="/questionnaires/{number}/wording/ja">Edit wording</a>' in page
    assert page.count(">Missing</span>") == 1
    assert "Some texts are missing" in lead.get(f"/questionnaires/{number}/wording/ja").text


def flat(page: str) -> str:
    return re.sub(r"\s+", " ", page).replace("> </p>", "></p>").replace('"row"> <', '"row"><')


def test_after_a_move_by_keys_the_same_button_is_ready_again_and_at_the_end_the_other_one(lead):
    for kind in ("text", "scale", "yes_no"):
        add(lead, kind)

    def focused(move):
        page = lead.post(url(), data=move, follow_redirects=True).text
        return re.findall(r'name="(up|down)" value="(\w+)"[^>]* autofocus', page)

    assert focused({"down": "q1"}) == [("down", "q1")]
    assert focused({"down": "q1"}) == [("up", "q1")]
    assert focused({"up": "q1"}) == [("up", "q1")]
    assert focused({"up": "q1"}) == [("down", "q1")]
    assert focused({"order": "q3 q2 q1"}) == []


def test_what_is_being_written_is_shown_before_it_is_saved(lead):
    page = lead.post(url("/new/page/en?kind=choice"), data=CHOICE)
    assert "What do you use?" in page.text and "Leave" in page.text
    half = lead.post(url("/new/page/ja?kind=scale"), data={"text_ja": "速さは？", "low": "x", "high": ""})
    assert "速さは？" in half.text
    assert asked() == ()


def test_two_who_edit_one_question_learn_of_each_other(lead, log_in):
    add(lead, "text")
    seen = version_of(lead, "/q1")
    lead.post(url("/q1"), data={"text_en": "First", "text_ja": "一"} | seen)
    second = lead.post(url("/q1"), data={"text_en": "Second", "text_ja": "二"} | seen)
    assert second.status_code == 409 and "First" in second.text and "Second" in second.text
    assert asked()[0].text("en") == "First"


def test_a_copy_starts_with_the_same_further_questions(lead):
    add(lead)
    made = actions.create("For partners", queries.by_key("nps-default"))
    assert queries.latest(made).questions == queries.latest(queries.by_key("nps-default")).questions


def test_hostile_words_come_out_as_words(lead):
    """X-05."""
    add(lead, "choice", text_en="<script>alert(1)</script>", options_en='"><img src=x>\n</style>')
    for rest in ("", "/q1"):
        assert "<script>alert" not in lead.get(url(rest)).text
    page = lead.get(f"/questionnaires/{queries.by_key('nps-default').id}/page/en").text
    assert "<script>alert" not in page and "<img src=x" not in page


# ── The rules, for any questions and any answers ────────────────────────────────────────────────────────────────────

WORDS = {"en": {"text": "?", "options": {}, "low": "", "high": ""}}


@st.composite
def questionnaires(draw):
    """Up to six questions, each perhaps shown only after an answer to one before it."""
    made = []
    for number in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(["choice", "choices", "yes_no", "scale", "text"]))
        when = {"segments": draw(st.lists(st.sampled_from(["bad", "middle", "good"]), unique=True, max_size=2))}
        before = [each for each in made if each["kind"] in ("choice", "choices")]
        if before and draw(st.booleans()):
            other = draw(st.sampled_from(before))
            when |= {"after": other["key"], "answers": draw(st.lists(st.sampled_from(other["options"]), min_size=1))}
        made.append(
            {
                "key": f"q{number}",
                "kind": kind,
                "options": ["1", "2", "3"] if kind in ("choice", "choices") else [],
                "is_required": draw(st.booleans()),
                "when": when,
                "words": WORDS,
            }
        )
    return parsed(made)


def any_fields(questions):
    names = [each.key for each in questions] + [f"{each.key}.{option}" for each in questions for option in "123"]
    return st.dictionaries(st.sampled_from(names), st.sampled_from(["", "1", "2", "3", "yes", "no", "x", "10"]))


@given(st.data(), questionnaires(), st.sampled_from(["bad", "middle", "good", None]))
def test_only_what_is_shown_is_answered_and_the_answers_read_back_the_same(data, questions, segment):
    sent = read(questions, data.draw(any_fields(questions)), segment)
    visible = {each.key for each in shown(questions, segment, sent.answers)}
    assert sent.answers.keys() <= visible
    assert set(sent.open) <= visible - sent.answers.keys()
    assert fitting(questions, segment, sent.answers) == dict(sent.answers)
    again = read(questions, fields_of(questions, sent.answers), segment)
    assert (again.answers, again.problems) == (sent.answers, {})
    assert len(in_words(questions, sent.answers, "en", {})) == len(sent.answers)


class Edition:
    """A version without a database."""

    def __init__(self, questions):
        self.questions = questions


@given(st.lists(st.tuples(st.sampled_from(["ask", "reword", "kind", "ends"]), st.integers(0, 5), st.integers(2, 10))))
def test_whatever_is_edited_a_key_that_was_asked_means_one_thing_and_rewording_changes_none(edits):
    def question(place):
        return {"key": f"q{place}", "kind": "scale", "low": 1, "high": 5, "when": {}, "words": WORDS}

    present, frozen = [question(place) for place in range(6)], []
    present[5]["when"] = {"after": "q0", "answers": ["1"]}
    for edit, place, number in edits:
        if edit == "ask":
            frozen.append(Edition([dict(each) for each in present]))
        changed = [dict(each) for each in present]
        changed[place] |= {
            "ask": {},
            "reword": {"words": {"en": {"text": f"Else {number}?"}}},
            "kind": {"kind": ["scale", "text", "yes_no"][number % 3]},
            "ends": {"high": number},
        }[edit]
        before, present = present, own_keys(changed, frozen)
        if edit in ("ask", "reword"):
            assert [each["key"] for each in present] == [each["key"] for each in before]
        assert len({each["key"] for each in present}) == 6
        assert present[5]["when"]["after"] == present[0]["key"]
    meanings = {(each.key, each.meaning) for version in frozen for each in parsed(version.questions)}
    assert len(meanings) == len({key for key, _meaning in meanings})


def test_those_who_add_a_question_at_once_all_keep_theirs(app):
    """Keys are given under a lock, and what the other one added meanwhile stays."""
    number = queries.by_key("nps-default").id
    question = {"kind": "yes_no", "is_required": False, "when": {}, "options": [], "low": 0, "high": 10, "words": WORDS}

    def add_one():
        actions.put_further(queries.questionnaire(number), question, is_new=True)

    at_once(app, *[add_one] * 4)
    assert sorted(each.key for each in asked()) == ["q1", "q2", "q3", "q4"]


def test_a_question_that_somebody_removed_meanwhile_is_not_saved_over_another(lead):
    add(lead, "text")
    data = {"text_en": "Mine", "text_ja": "私"} | version_of(lead, "/q1")
    form = queries.latest(queries.by_key("nps-default")).questions[0]
    actions.remove_further(queries.by_key("nps-default"), "q1")
    db.session.commit()
    assert lead.post(url("/q1"), data=data).status_code == 404
    with pytest.raises(Refused):
        actions.put_further(queries.by_key("nps-default"), form, is_new=False)
