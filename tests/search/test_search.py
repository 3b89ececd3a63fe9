"""Finding answers by their words, in both scripts, on both databases."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from surveys.lib.db import db
from surveys.responses.models import Response
from surveys.search import actions, pieces, queries
from tests import factories

COMMENTS = {
    "料金が高いと感じます。": ("料金", "高い", "料", "。料金が"),
    "Slackと連携してほしい": ("slack", "SLACK", "連携", "ack", "Slackと"),
    "カレンダー表示が遅い": ("カレンダー", "ｶﾚﾝﾀﾞｰ", "遅", "遅い", "ー"),
    "The Excel export is slow": ("excel", "slow", "export slow", "w"),
}


def found(words: str) -> set[str]:
    return set(db.session.scalars(select(Response.comment).where(queries.mentions(words))))


@pytest.fixture
def answers(app: Flask) -> None:
    for comment in COMMENTS:
        actions.index(factories.make_response(comment=comment).id, comment, is_new=True)
    db.session.commit()


@pytest.mark.usefixtures("answers")
@pytest.mark.parametrize(
    ("comment", "words"), [(comment, word) for comment, words in COMMENTS.items() for word in words]
)
def test_every_part_of_a_comment_finds_it(comment: str, words: str) -> None:
    assert comment in found(words)


@pytest.mark.usefixtures("answers")
@pytest.mark.parametrize("words", ["請求", "金料", "slock", "", "!?", "' OR 1=1 --", '"', "slack 料金", "*"])
def test_what_no_comment_holds_finds_nothing(words: str) -> None:
    assert found(words) == set()


@pytest.mark.usefixtures("answers")
def test_a_changed_comment_is_found_by_its_new_words_only(app: Flask) -> None:
    first = db.session.scalars(select(Response).where(Response.comment.contains("料金"))).one()
    first.comment = "請求書の書式"
    actions.index(first.id, first.comment)
    db.session.commit()
    assert (found("料金"), found("請求書")) == (set(), {"請求書の書式"})


def test_whatever_an_answer_says_in_words_finds_it(app: Flask) -> None:
    answer = factories.make_response(comment="")
    actions.index(answer.id, "", "Dark mode", "請求書の書式", is_new=True)
    db.session.commit()
    assert [len(found(words)) for words in ("dark", "書式", "dark 請求", "mode請")] == [1, 1, 1, 0]
    actions.index(answer.id, "", "", "請求書の書式")
    db.session.commit()
    assert [len(found(words)) for words in ("dark", "書式")] == [0, 1]


def test_the_last_words_of_ten_long_texts_are_found(app: Flask) -> None:
    """PostgreSQL gives up counting where words stand long before."""
    answer = factories.make_response(comment="")
    actions.index(answer.id, *["0123456789" * 200] * 9, "zebra crossing", is_new=True)
    db.session.commit()
    assert [len(found(words)) for words in ("zebra", "crossing", "zebras")] == [1, 1, 0]


def test_many_answers_are_indexed_at_once_in_place_of_what_was_there(app: Flask) -> None:
    one, two = factories.make_response(comment="one"), factories.make_response(comment="two")
    actions.index(one.id, "before", is_new=True)
    actions.index_many(db.session.connection(), [(one.id, ["after", "also"]), (two.id, [""])])
    db.session.commit()
    assert [found(words) for words in ("before", "after", "also", "two")] == [set(), {"one"}, {"one"}, set()]


@given(st.text(max_size=60), st.integers(0, 59), st.integers(1, 20))
def test_pieces_of_a_part_stand_in_the_whole_in_order(text: str, start: int, length: int) -> None:
    for run in pieces.runs(text):
        part = run[start % len(run) :][:length]
        whole = pieces.pieces(run)
        asked = pieces.wanted(part)
        for phrase in asked:
            if len(phrase[0]) == 1:
                assert any(piece.startswith(phrase[0]) for piece in whole)
