"""Counts per day and group, kept in the transaction of each answer."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from surveys.lib.db import Base, Short


class Measure(Base):
    """How many answered what on one local day, in one group; every score is a sum of these rows.

    `c0` to `c10` count the answers that day by score. `delivered` counts the invitations accepted that day and
    `answered` how many of those were answered since: together the response rate of what was sent that day.
    No foreign keys: these rows are counts, not relations, and `koe verify` proves them against the answers.
    """

    __tablename__ = "measure"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind_key: Mapped[str] = mapped_column(Short, primary_key=True)
    product_id: Mapped[int] = mapped_column(primary_key=True)
    # "" when the account had no tier.
    tier: Mapped[str] = mapped_column(Short, primary_key=True)
    language: Mapped[str] = mapped_column(Short, primary_key=True)
    c0: Mapped[int] = mapped_column(default=0)
    c1: Mapped[int] = mapped_column(default=0)
    c2: Mapped[int] = mapped_column(default=0)
    c3: Mapped[int] = mapped_column(default=0)
    c4: Mapped[int] = mapped_column(default=0)
    c5: Mapped[int] = mapped_column(default=0)
    c6: Mapped[int] = mapped_column(default=0)
    c7: Mapped[int] = mapped_column(default=0)
    c8: Mapped[int] = mapped_column(default=0)
    c9: Mapped[int] = mapped_column(default=0)
    c10: Mapped[int] = mapped_column(default=0)
    delivered: Mapped[int] = mapped_column(default=0)
    answered: Mapped[int] = mapped_column(default=0)
