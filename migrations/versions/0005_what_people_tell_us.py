"""How people want to be asked, whom to ask instead of them, and what the page of thanks offers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

# With a default, for the rows that are there: no table of a million rows is written anew.
ADDED = (
    *(
        ("contact", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
        for name in (
            "less_often",
            "support_only",
            "no_reminders",
            "is_language_own",
        )
    ),
    ("organisation", sa.Column("offer_hosts", sa.JSON(), nullable=False, server_default="[]")),
    ("questionnaire", sa.Column("asks_contact", sa.String(length=255), nullable=False, server_default="bad")),
    ("questionnaire", sa.Column("offers", sa.JSON(), nullable=False, server_default="[]")),
)


def upgrade() -> None:
    for table, column in ADDED:
        op.add_column(table, column)
    op.create_table(
        "successor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("taken_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_successor_contact_id_contact")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff_user.id"], name=op.f("fk_successor_decided_by_id_staff_user")
        ),
        sa.ForeignKeyConstraint(["taken_id"], ["contact.id"], name=op.f("fk_successor_taken_id_contact")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_successor")),
    )
    op.create_index(op.f("ix_successor_contact_id"), "successor", ["contact_id"])
    op.create_index(op.f("ix_successor_decided_at"), "successor", ["decided_at"])
    op.create_index(op.f("ix_successor_taken_id"), "successor", ["taken_id"])


def downgrade() -> None:
    op.drop_table("successor")
    for table, column in reversed(ADDED):
        op.drop_column(table, column.name)
