"""What an administrator sets while Koe runs: the organisation, its brands and products, its closed days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from surveys.lib.db import Base, Short
from surveys.settings import colours


class Organisation(Base):
    """The one organisation an installation serves (row 1); its brands are what customers meet."""

    __tablename__ = "organisation"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # Names as staff read them; the Japanese one falls back to the other when empty.
    name: Mapped[str] = mapped_column(default="")
    name_ja: Mapped[str] = mapped_column(default="")
    locale: Mapped[str] = mapped_column(Short, default="en")
    timezone: Mapped[str] = mapped_column(Short, default="Asia/Tokyo")
    # Working hours of the calendar, as minutes after midnight, and whether Japan's holidays and closures count.
    opens_at: Mapped[int] = mapped_column(default=9 * 60)
    closes_at: Mapped[int] = mapped_column(default=18 * 60)
    keeps_japanese_holidays: Mapped[bool] = mapped_column(default=True)
    cancel_minutes: Mapped[int] = mapped_column(default=5)
    cancel_above: Mapped[int] = mapped_column(default=50)
    edit_days: Mapped[int] = mapped_column(default=7)
    # Whether a campaign has to be approved by somebody else than who changed it last.
    asks_for_approval: Mapped[bool] = mapped_column(default=False)
    # First human contact in working hours by tier; weights of the queue's terms.
    first_contact_hours: Mapped[dict[str, Any]] = mapped_column(
        default=lambda: {"high_touch": 4, "low_touch": 9, "tech_touch": 27}
    )
    weights: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Where the offers on the page of thanks may lead.
    offer_hosts: Mapped[list[str]] = mapped_column(default=list)
    # Raised with every change, so that composed pages know when they are stale.
    revision: Mapped[int] = mapped_column(default=1)
    is_demo: Mapped[bool] = mapped_column(default=False)
    tour_dismissed: Mapped[bool] = mapped_column(default=False)
    setup_code: Mapped[str] = mapped_column(Short, default="")
    set_up_at: Mapped[datetime | None]
    # Which key hides the addresses of this database: with another, nobody who opted out would be known (E-30).
    address_mark: Mapped[str] = mapped_column(Short, default="")

    def name_in(self, language: str) -> str:
        return (self.name_ja if language == "ja" else "") or self.name


class Brand(Base):
    """How customers meet us: name, looks, sender, and who answers for it by law. Campaigns name one.

    Texts come in pairs: the Japanese one falls back to the other when it is empty.
    """

    __tablename__ = "brand"
    __table_args__ = (
        Index(
            "uq_brand_default",
            "is_default",
            unique=True,
            sqlite_where=text("is_default = 1"),
            postgresql_where=text("is_default = true"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="")
    name_ja: Mapped[str] = mapped_column(default="")
    sender_name: Mapped[str] = mapped_column(default="")
    sender_name_ja: Mapped[str] = mapped_column(default="")
    sender_address: Mapped[str] = mapped_column(Short, default="")
    reply_address: Mapped[str] = mapped_column(Short, default="")
    legal_name: Mapped[str] = mapped_column(default="")
    legal_name_ja: Mapped[str] = mapped_column(default="")
    postal_address: Mapped[str] = mapped_column(default="")
    postal_address_ja: Mapped[str] = mapped_column(default="")
    contact_url: Mapped[str] = mapped_column(default="")
    privacy_url: Mapped[str] = mapped_column(default="")
    signature: Mapped[str] = mapped_column(default="")
    signature_ja: Mapped[str] = mapped_column(default="")
    # "#0b5563": dark enough to be read on white, and white on it.
    colour: Mapped[str] = mapped_column(Short, default=colours.OURS)
    # Which of its logos is shown; empty for none.
    logo: Mapped[str] = mapped_column(Short, default="")
    is_default: Mapped[bool] = mapped_column(default=False)
    archived_at: Mapped[datetime | None]

    def name_in(self, language: str) -> str:
        return self.said("name", language)

    def said(self, field: str, language: str) -> str:
        """The text of this name in a language: `name`, `sender_name`, `legal_name`, `postal_address`, `signature`."""
        return str((getattr(self, f"{field}_ja") if language == "ja" else "") or getattr(self, field))

    @property
    def answers_to(self) -> str:
        """The address that reads what customers write back; empty while there is none."""
        return self.reply_address or self.sender_address

    @property
    def logo_path(self) -> str:
        """Where its logo is to be had, for everybody the same; empty for none."""
        return f"/brands/{self.id}/{self.logo}.png" if self.logo else ""


class BrandLogo(Base):
    """A logo as customers see it, under the digest of its bytes; earlier ones stay for the mails that show them."""

    __tablename__ = "brand_logo"

    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(Short, primary_key=True)
    png: Mapped[bytes]
    created_at: Mapped[datetime]


UNNAMED = "Our product"  # what the first product is called until somebody names it


class Product(Base):
    """What a question is about."""

    __tablename__ = "product"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Short, unique=True)
    name: Mapped[str]
    name_ja: Mapped[str] = mapped_column(default="")
    is_default: Mapped[bool] = mapped_column(default=False)
    archived_at: Mapped[datetime | None]

    def name_in(self, language: str) -> str:
        return (self.name_ja if language == "ja" else "") or self.name


class Closure(Base):
    """Days on which we are closed, besides weekends and holidays."""

    __tablename__ = "closure"
    __table_args__ = (CheckConstraint("first <= last", name="in_order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    first: Mapped[date]
    last: Mapped[date]
    name: Mapped[str] = mapped_column(default="")
