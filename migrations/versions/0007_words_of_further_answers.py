"""Words of further answers: found by search like comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from surveys.search.actions import index_many

revision = "0007"
down_revision = "0006"

SLICE = 1000
VERSION = sa.table("questionnaire_version", sa.column("id"), sa.column("questions", sa.JSON()))
RESPONSE = sa.table(
    "response",
    sa.column("id"),
    sa.column("version_id"),
    sa.column("comment", sa.Text()),
    sa.column("answers", sa.JSON()),
)


def upgrade() -> None:
    _index(with_texts=True)


def downgrade() -> None:
    _index(with_texts=False)


def _index(*, with_texts: bool) -> None:
    connection = op.get_bind()
    asked = {version.id: _text_keys(version.questions) for version in connection.execute(sa.select(VERSION))}
    of_texts = RESPONSE.c.version_id.in_([number for number, keys in asked.items() if keys])
    for rows in _slices(connection, sa.select(RESPONSE).where(of_texts)):
        texts = {row.id: [row.answers[key] for key in asked[row.version_id] if key in row.answers] for row in rows}
        changed = [row for row in rows if texts[row.id]]
        index_many(connection, [(row.id, [row.comment, *(texts[row.id] if with_texts else ())]) for row in changed])


def _text_keys(questions: list[dict[str, Any]]) -> list[str]:
    return [each["key"] for each in questions if each["kind"] == "text"]


def _slices(connection: sa.Connection, chosen: sa.Select[Any]) -> Iterator[Sequence[Any]]:
    """The answers, a thousand at a time."""
    after = 0
    while rows := connection.execute(chosen.where(RESPONSE.c.id > after).order_by(RESPONSE.c.id).limit(SLICE)).all():
        yield rows
        after = rows[-1].id
