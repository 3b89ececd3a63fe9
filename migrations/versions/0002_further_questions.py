"""Further questions: kept with the version, answered with the response."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ADDED = (
    ("questionnaire_version", "questions", "[]"),
    ("response", "answers", "{}"),
    ("response_change", "answers", "{}"),
)


def upgrade() -> None:
    # With a default, for the rows that are there: no table of a million rows is written anew.
    for table, column, nothing in ADDED:
        op.add_column(table, sa.Column(column, sa.JSON(), nullable=False, server_default=nothing))


def downgrade() -> None:
    for table, column, _nothing in reversed(ADDED):
        op.drop_column(table, column)
