"""Brands: how customers meet us; what became of what they told us."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

MOVED = {
    "legal_name": sa.Text(),
    "postal_address": sa.Text(),
    "sender_name": sa.Text(),
    "sender_address": sa.String(length=255),
    "reply_address": sa.String(length=255),
    "contact_url": sa.Text(),
    "privacy_url": sa.Text(),
    "signature": sa.Text(),
}
"""What the organisation said about itself to customers, and a brand says now."""

BRAND = ", ".join(("name", "name_ja", *MOVED))
KEYS = {"brand_id": "brand", "changed_by_id": "staff_user", "approved_by_id": "staff_user"}
EMPTY = ("sender_name_ja", "legal_name_ja", "postal_address_ja", "signature_ja", "logo")


def upgrade() -> None:
    _make_brands()
    op.execute(
        f"INSERT INTO brand ({BRAND}, {', '.join(EMPTY)}, colour, is_default)"  # noqa: S608 our own names
        f" SELECT {BRAND}, '', '', '', '', '', '#0b5563', {sa.true().compile(dialect=op.get_bind().dialect)}"
        " FROM organisation"
    )
    with op.batch_alter_table("organisation") as batch_op:
        for name in MOVED:
            batch_op.drop_column(name)
        batch_op.add_column(sa.Column("asks_for_approval", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("organisation") as batch_op:
        batch_op.alter_column("asks_for_approval", existing_type=sa.Boolean(), server_default=None)
    _extend_campaigns()
    _make_news()


def _extend_campaigns() -> None:
    with op.batch_alter_table("campaign") as batch_op:
        batch_op.add_column(sa.Column("brand_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("changed_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("approved_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("approved_print", sa.String(length=255), nullable=False, server_default=""))
    op.execute(
        "UPDATE campaign SET brand_id = (SELECT id FROM brand), changed_at = created_at, changed_by_id = created_by_id"
    )
    with op.batch_alter_table("campaign") as batch_op:
        batch_op.alter_column("brand_id", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("changed_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.alter_column("approved_print", existing_type=sa.String(length=255), server_default=None)
        for column, table in KEYS.items():
            batch_op.create_foreign_key(batch_op.f(f"fk_campaign_{column}"), table, [column], ["id"])


def _make_brands() -> None:
    op.create_table(
        "brand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_ja", sa.Text(), nullable=False),
        sa.Column("sender_name", sa.Text(), nullable=False),
        sa.Column("sender_name_ja", sa.Text(), nullable=False),
        sa.Column("sender_address", sa.String(length=255), nullable=False),
        sa.Column("reply_address", sa.String(length=255), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("legal_name_ja", sa.Text(), nullable=False),
        sa.Column("postal_address", sa.Text(), nullable=False),
        sa.Column("postal_address_ja", sa.Text(), nullable=False),
        sa.Column("contact_url", sa.Text(), nullable=False),
        sa.Column("privacy_url", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("signature_ja", sa.Text(), nullable=False),
        sa.Column("colour", sa.String(length=255), nullable=False),
        sa.Column("logo", sa.String(length=255), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brand")),
    )
    op.create_index(
        "uq_brand_default",
        "brand",
        ["is_default"],
        unique=True,
        sqlite_where=sa.text("is_default = 1"),
        postgresql_where=sa.text("is_default = true"),
    )
    op.create_table(
        "brand_logo",
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=255), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=op.f("fk_brand_logo_brand_id")),
        sa.PrimaryKeyConstraint("brand_id", "digest", name=op.f("pk_brand_logo")),
    )


def _make_news() -> None:
    op.create_table(
        "contact_news",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("invitation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_contact_news_contact_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["staff_user.id"], name=op.f("fk_contact_news_created_by_id")),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name=op.f("fk_contact_news_invitation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_news")),
    )
    op.create_index("ix_contact_news_contact", "contact_news", ["contact_id", "created_at"])
    op.create_index("ix_contact_news_invitation_id", "contact_news", ["invitation_id"])


def downgrade() -> None:
    """What the default brand says goes back to the organisation; the other brands are lost."""
    op.drop_table("contact_news")
    with op.batch_alter_table("campaign") as batch_op:
        for column in KEYS:
            batch_op.drop_constraint(batch_op.f(f"fk_campaign_{column}"), type_="foreignkey")
            batch_op.drop_column(column)
        for column in ("changed_at", "approved_at", "approved_print"):
            batch_op.drop_column(column)
    with op.batch_alter_table("organisation") as batch_op:
        batch_op.drop_column("asks_for_approval")
        for name, kind in MOVED.items():
            batch_op.add_column(sa.Column(name, kind, nullable=False, server_default=""))
    default = sa.table("brand", sa.column("is_default", sa.Boolean()))
    for name in MOVED:
        value = sa.select(sa.column(name)).select_from(default).where(default.c.is_default).scalar_subquery()
        ours = sa.table("organisation", sa.column(name))
        op.execute(ours.update().values({name: sa.func.coalesce(value, "")}))
    with op.batch_alter_table("organisation") as batch_op:
        for name in MOVED:
            batch_op.alter_column(name, server_default=None)
    op.drop_table("brand_logo")
    op.drop_table("brand")
