"""Keys of offers: by which one of them is moved, changed or removed, wherever it stands."""

from __future__ import annotations

from collections.abc import Callable
from secrets import token_hex
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

QUESTIONNAIRE = sa.table("questionnaire", sa.column("id"), sa.column("offers", sa.JSON()))
Offer = dict[str, Any]


def upgrade() -> None:
    _change(lambda offer: offer | {"key": token_hex(4)})


def downgrade() -> None:
    _change(lambda offer: {name: value for name, value in offer.items() if name != "key"})


def _change(changed: Callable[[Offer], Offer]) -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(QUESTIONNAIRE)).all():
        if row.offers:
            offers = [changed(each) for each in row.offers]
            connection.execute(QUESTIONNAIRE.update().where(QUESTIONNAIRE.c.id == row.id).values(offers=offers))
