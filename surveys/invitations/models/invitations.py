"""Invitations, and what else is written to one person."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from surveys.auth.models import StaffUser
from surveys.customers.models import Account, Contact, Tier
from surveys.invitations.models.campaigns import Campaign
from surveys.lib import clock
from surveys.lib.db import Base, BigId, Short
from surveys.questionnaires.models import Version
from surveys.settings.models import Product


class Outcome(StrEnum):
    """Where an invitation stands in its campaign's counts: sent + held + failed + unknown + open = audience."""

    OPEN = "open"
    SENT = "sent"
    HELD = "held"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Invitation(Base):
    """One campaign asking one contact; owns the personal link. What cannot be had later is kept here."""

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("campaign_id", "contact_id"),
        UniqueConstraint("campaign_id", "email_key"),
        CheckConstraint("(outcome = 'held') = (held_rule <> '')", name="held_has_rule"),
        # Counts of a campaign come from this index alone.
        Index("ix_invitation_counts", "campaign_id", "outcome", "answered_at"),
        Index("ix_invitation_email_key_sent_at", "email_key", "sent_at"),
        Index("ix_invitation_sent_at", "sent_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    email_key: Mapped[str] = mapped_column(Short)
    language: Mapped[str] = mapped_column(Short)
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"), index=True)
    layout: Mapped[int] = mapped_column(default=1)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    kind_key: Mapped[str] = mapped_column(ForeignKey("kind.key"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    outcome: Mapped[Outcome] = mapped_column(default=Outcome.OPEN)
    # Why it was held and when this contact may be asked again: "S-02", "S-08", "missing", "campaign_cancelled" …
    held_rule: Mapped[str] = mapped_column(Short, default="")
    held_reason: Mapped[dict[str, Any]] = mapped_column(default=dict)
    next_on: Mapped[date | None]
    failure: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    # The local day and the tier under which it is counted as delivered; set by measures.
    sent_on: Mapped[date | None]
    tier: Mapped[Tier | None]
    answered_at: Mapped[datetime | None]
    opted_out_at: Mapped[datetime | None]
    # After this moment the link answers with the neutral page.
    closes_at: Mapped[datetime]

    campaign: Mapped[Campaign] = relationship()
    contact: Mapped[Contact] = relationship()
    account: Mapped[Account] = relationship()
    version: Mapped[Version] = relationship()
    product: Mapped[Product] = relationship()

    @property
    def asked_at(self) -> datetime:
        """The moment from which the quiet rules count."""
        return self.sent_at or self.created_at

    def mark_sent(self, at: datetime) -> None:
        self.outcome, self.sent_at, self.failure = Outcome.SENT, self.sent_at or at, ""

    def mark_failed(self, words: str) -> None:
        self.outcome, self.failure = Outcome.FAILED, words

    def mark_unknown(self) -> None:
        self.outcome = Outcome.UNKNOWN

    def hold(self, rule: str, reason: dict[str, Any], next_on: date | None) -> None:
        """Not asked this time, for good; what was sent already stays sent."""
        if self.outcome is Outcome.SENT:
            return
        self.outcome, self.held_rule, self.held_reason, self.next_on = Outcome.HELD, rule, reason, next_on


class Intent(Base):
    """A score link of this invitation was fetched, by a person or a machine (E-22); kept for three months."""

    __tablename__ = "intent"

    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id", ondelete="CASCADE"), primary_key=True)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime] = mapped_column(index=True)
    times: Mapped[int]


class SampleMail(Base):
    """A campaign's mail to one of our own, to look at it; counts nowhere."""

    __tablename__ = "sample_mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    language: Mapped[str] = mapped_column(Short)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    campaign: Mapped[Campaign] = relationship()
    user: Mapped[StaffUser] = relationship()


class ContactNews(Base):
    """What became of something a contact told us, in the words they will read: {"en": "…", "ja": "…"}.

    Rooms above write it; the next mail and the receipt show what is new since the last answer.
    """

    __tablename__ = "contact_news"
    __table_args__ = (Index("ix_contact_news_contact", "contact_id", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    texts: Mapped[dict[str, str]]
    happened_on: Mapped[date]
    # The invitation whose answer it is about, when it is about one.
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id"), index=True)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))

    contact: Mapped[Contact] = relationship()
