"""Kinds, versions, and when words may still change (S-34)."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from surveys.lib.db import db
from surveys.lib.errors import Invalid, NotFound
from surveys.questionnaires import actions, queries
from surveys.questionnaires.models import Kind, Questionnaire, Version
from surveys.scales import SCALES, Segment


def kind(key: str) -> Kind:
    return db.session.get_one(Kind, key)


def test_starting_twice_changes_nothing(app):
    before = [db.session.scalar(select(func.count()).select_from(table)) for table in (Kind, Questionnaire, Version)]
    actions.ensure_ready()
    db.session.flush()
    after = [db.session.scalar(select(func.count()).select_from(table)) for table in (Kind, Questionnaire, Version)]
    assert before == after == [7, 8, 8]


def test_starting_again_keeps_what_was_changed(app):
    queries.by_key("nps-default").name = "Ours"
    db.session.commit()
    actions.ensure_ready()
    assert queries.by_key("nps-default").name == "Ours"


@pytest.mark.parametrize("key", sorted(SCALES))
def test_a_kind_as_a_row_is_the_scale_it_was_made_from(app, key):
    assert kind(key).scale == SCALES[key]


def test_the_kind_without_a_score_has_no_scale(app):
    form = kind("form")
    assert (form.scale, form.points, form.is_scored) == (None, [], False)


def test_the_direction_belongs_to_the_kind(app):
    assert kind("ces").segment(5) is Segment.BAD
    assert kind("ease5").segment(5) is Segment.GOOD


def test_the_worst_scores_are_those_we_apologise_for(app):
    worst = {key: [score for score in kind(key).points if kind(key).is_worst(score)] for key in SCALES}
    assert worst == {"nps": [0, 1, 2, 3, 4], "ces": [5], "ces2": [1, 2], "ease5": [1], "csat": [1], "goal": [1]}


def test_unused_words_are_changed_in_place(app):
    questionnaire = queries.by_key("nps-default")
    version = actions.reword(questionnaire, "en", {"question": "Would you recommend {product}?"})
    assert (version.number, version.texts("en")["question"]) == (1, "Would you recommend {product}?")
    assert version.texts("en")["why_good"] == "What do you value most?"


def test_words_that_were_used_stay_and_a_new_version_begins(app):
    questionnaire = queries.by_key("nps-default")
    first = queries.latest(questionnaire)
    old = first.texts("ja")["question"]
    first.freeze()
    db.session.commit()
    second = actions.reword(questionnaire, "ja", {"question": "{product}を薦めますか？"})
    db.session.commit()
    assert (first.texts("ja")["question"], second.number) == (old, 2)
    assert second.texts("en") == first.texts("en")
    assert queries.latest(questionnaire) is second


def test_the_same_words_again_make_no_version(app):
    questionnaire = queries.by_key("nps-default")
    first = queries.latest(questionnaire)
    first.freeze()
    assert actions.reword(questionnaire, "en", first.texts("en")) is first


def test_freezing_twice_keeps_the_first_moment(app):
    version = queries.latest(queries.by_key("csat-default"))
    version.freeze()
    moment = version.frozen_at
    version.freeze()
    assert version.frozen_at == moment


def test_a_new_questionnaire_starts_with_the_words_of_another(app):
    made = actions.create("For partners", queries.by_key("csat-default"))
    db.session.commit()
    assert (made.key, made.kind_key) == ("csat-1", "csat")
    assert queries.latest(made).wording == queries.latest(queries.by_key("csat-default")).wording
    assert actions.create("For others", made).key == "csat-2"


def test_two_questionnaires_of_one_name_are_refused(app):
    actions.create("For partners", queries.by_key("csat-default"))
    with pytest.raises(Invalid):
        actions.create(" For partners ", queries.by_key("nps-default"))


def test_an_unknown_key_is_not_found(app):
    with pytest.raises(NotFound):
        queries.by_key("nothing")


def test_texts_are_said_with_everything_filled_in(app):
    said = queries.latest(queries.by_key("ease5-default")).said("ja", {"company": "ミナト"})
    assert said.question == "ミナトの対応のおかげで、用件を簡単に済ませることができた。"
    assert said.labels[-1] == "とてもそう思う"
