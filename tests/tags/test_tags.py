"""Tagging answers, and looking after the list of tags."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from surveys.lib.db import db
from surveys.lib.errors import Invalid
from surveys.tags import actions, queries
from surveys.tags.models import ResponseTag, Tag
from tests import factories


def tags_on(response):
    return [tag.name for tag in queries.of([response.id])[response.id]]


def test_tags_are_set_and_taken_away_on_the_answer(product_manager):
    answer, csv, price = factories.make_response(5), factories.make_tag("CSV"), factories.make_tag("Price")
    product_manager.post(f"/responses/{answer.id}/tags", data={"tags": [csv.id, price.id]})
    assert tags_on(answer) == ["CSV", "Price"]
    page = product_manager.get(f"/responses/{answer.id}").text
    assert [f'name="shown" value="{tag.id}"' in page for tag in (csv, price)] == [True, True]
    product_manager.post(f"/responses/{answer.id}/tags", data={"shown": [csv.id, price.id], "tags": [price.id]})
    assert tags_on(answer) == ["Price"]


def test_saving_tags_keeps_what_was_put_away_and_what_a_colleague_did_meanwhile(agent):
    answer = factories.make_response(5)
    old, gone, mine = factories.make_tag("Old"), factories.make_tag("Gone"), factories.make_tag("Mine")
    actions.change_tags(answer, [], [old, gone], by=agent.user)
    actions.archive(old, by=agent.user)
    db.session.commit()
    page = agent.get(f"/responses/{answer.id}").text
    assert [f'name="shown" value="{tag.id}"' in page for tag in (old, gone)] == [False, True]
    theirs = factories.make_tag("Theirs")
    actions.change_tags(answer, [gone], [theirs], by=agent.user)
    db.session.commit()
    agent.post(f"/responses/{answer.id}/tags", data={"shown": [gone.id], "tags": [gone.id, mine.id]})
    assert tags_on(answer) == ["Mine", "Old", "Theirs"]


def test_a_new_tag_can_be_written_straight_on_the_answer(agent):
    answer = factories.make_response(5)
    page = agent.post(f"/responses/{answer.id}/tags", data={"new": "  帳票・ＣＳＶ "})
    assert (page.status_code, tags_on(answer)) == (303, ["帳票・ＣＳＶ"])


def test_after_tagging_one_is_back_where_one_was_and_nowhere_else(agent):
    answer = factories.make_response(5)
    for target, expected in {
        "/voices?q=a": "/voices?q=a",
        "//evil.example": f"/responses/{answer.id}",
        "https://evil.example": f"/responses/{answer.id}",
    }.items():
        page = agent.post(f"/responses/{answer.id}/tags", data={"next": target})
        assert page.location == expected


def test_the_same_name_in_another_width_is_the_same_tag(app):
    first = actions.add_tag("CSV")
    assert actions.add_tag(" ｃｓｖ ").id == first.id


def test_who_set_a_tag_first_stays_known(app):
    answer, tag = factories.make_response(5), factories.make_tag()
    one, two = factories.make_user(), factories.make_user()
    actions.change_tags(answer, [], [tag], by=one)
    actions.change_tags(answer, [], [tag], by=two)
    assert db.session.scalars(select(ResponseTag.by_id)).all() == [one.id]


def test_a_third_level_is_refused(app):
    first = actions.add_tag("Reports")
    second = actions.add_tag("CSV", parent=first)
    with pytest.raises(Invalid):
        actions.add_tag("Columns", parent=second)


def test_a_tag_that_was_put_away_stays_on_its_answers(agent):
    answer, tag = factories.make_response(5), factories.make_tag("Old")
    actions.change_tags(answer, [], [tag], by=agent.user)
    db.session.commit()
    agent.post(f"/tags/{tag.id}/archive")
    assert (tags_on(answer), queries.choices()) == (["Old"], [])


def test_the_list_shows_two_levels_and_how_often_each_was_set(agent):
    first = factories.make_tag("Reports")
    second = factories.make_tag("CSV", parent=first)
    actions.change_tags(factories.make_response(5), [], [second], by=agent.user)
    db.session.commit()
    (branch,) = queries.tree()
    assert (branch.tag.name, branch.count, [(child.tag.name, child.count) for child in branch.children]) == (
        "Reports",
        0,
        [("CSV", 1)],
    )
    assert agent.get("/tags").status_code == 200


def test_renaming_to_a_taken_name_is_refused_in_words(agent):
    factories.make_tag("CSV")
    tag = factories.make_tag("Excel")
    page = agent.post(f"/tags/{tag.id}", data={"name": "csv", "parent": 0})
    assert page.status_code == 400 and "already a tag" in page.text
    assert db.session.get(Tag, tag.id).name == "Excel"


def test_a_viewer_may_not_tag(viewer):
    answer = factories.make_response(5)
    assert viewer.post(f"/responses/{answer.id}/tags", data={"new": "x"}).status_code == 403
