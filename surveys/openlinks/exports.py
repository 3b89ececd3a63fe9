"""The answers of an open link as a file, from one snapshot (R-41); each line says that it is of an open link."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from surveys.lib import csv
from surveys.lib.db import db
from surveys.lib.i18n import language
from surveys.openlinks import queries
from surveys.openlinks.models import OpenAnswer, OpenLink
from surveys.openlinks.pages import in_words
from surveys.openlinks.words import side

SLICE: Final = 1000
SOURCE: Final = "open_link"
COLUMNS: Final = (
    "open_answer_id",
    "source",
    "link_id",
    "channel",
    "metric",
    "polarity",
    "score",
    "segment",
    "comment",
    "language",
    "answered_at",
    "received_at",
    "day",
    "questionnaire",
    "version",
    "in_score",
    "doubts",
    "excluded_reason",
    "further_answers",
)


def csv_file(link_id: int, *, bom: bool) -> Iterator[bytes]:
    """The oldest first, whatever became of them: those that are not in the score say so."""
    return csv.stream(COLUMNS, rows(queries.link(link_id)), bom=bom)


def rows(link: OpenLink) -> Iterator[list[Any]]:
    kind, versions, after = link.questionnaire.kind, {each.id: each for each in link.questionnaire.versions}, 0
    head = (SOURCE, link.id, link.name, kind.key, kind.direction)
    asked = link.questionnaire.key
    while True:
        wanted = queries.answers(link, OpenAnswer.id > after).order_by(None).order_by(OpenAnswer.id).limit(SLICE)
        found = db.session.scalars(wanted).all()
        for each in found:
            yield [
                each.id,
                *head,
                each.score,
                side(link, each.segment),
                each.comment,
                each.language,
                each.answered_at,
                each.received_at,
                each.day,
                asked,
                versions[each.version_id].number,
                each.counts,
                "; ".join(each.doubts),
                each.excluded_reason,
                "\n".join(f"{question} {answer}" for question, answer in in_words(link, each, language())),
            ]
        if len(found) < SLICE:
            return
        after = found[-1].id
        for each in found:
            db.session.expunge(each)
