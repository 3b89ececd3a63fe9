"""Open answers that wait for a look are found without reading all others."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_index(
        "ix_open_answer_doubted",
        "open_answer",
        ["link_id"],
        sqlite_where=sa.text("doubted_at IS NOT NULL"),
        postgresql_where=sa.text("doubted_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_open_answer_doubted", "open_answer")
