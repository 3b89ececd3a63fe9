"""The answers of an open link as a file, while others go on answering."""

from __future__ import annotations

import csv
import io

from sqlalchemy import delete, update

from surveys.lib.db import db, writing
from surveys.openlinks import exports
from surveys.openlinks.models import OpenAnswer
from tests.openlinks.strangers import make_link, stored
from tests.openlinks.test_pages import give
from tests.streams import blocks_of


def test_the_file_holds_one_moment_whatever_comes_in_while_it_is_made(app, lead, monkeypatch):
    """R-41."""
    monkeypatch.setattr(exports, "SLICE", 10)
    link = make_link()
    give(link, [9] * 40, comment="x" * 4000)
    wanted, path = sorted(each.id for each in stored(link)), f"/open-links/{link.id}/answers.csv"
    db.session.commit()
    parts = blocks_of(app, lead, path)
    text = next(parts)
    assert 1000 < len(text) < 40 * 4000, "the file is on its way"
    with writing() as connection:
        connection.execute(update(OpenAnswer).values(comment="changed meanwhile"))
        connection.execute(delete(OpenAnswer).where(OpenAnswer.id == wanted[-1]))
    rows = list(csv.DictReader(io.StringIO((text + b"".join(parts)).decode())))
    assert [int(row["open_answer_id"]) for row in rows] == wanted
    assert {row["comment"] for row in rows} == {"x" * 4000}
