"""Campaigns and the invitations they consist of."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from surveys.auth.models import StaffUser
from surveys.customers.models import Account, Contact, Tier
from surveys.lib import clock
from surveys.lib.db import Base, BigId, Short
from surveys.lib.errors import Refused
from surveys.lib.i18n import _
from surveys.questionnaires.models import Questionnaire, Version
from surveys.settings.models import Product


class CampaignState(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class Campaign(Base):
    """A questionnaire, an audience and a moment: asking many the same thing.

    The audience is {} for everybody, else filters: {"tier": ["high_touch"], "phase": […], "language": […],
    "role": […], "properties": {"plan": "pro"}, "contact_ids": […]}.
    """

    __tablename__ = "campaign"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Short, unique=True)
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"))
    version_id: Mapped[int | None] = mapped_column(ForeignKey("questionnaire_version.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    audience: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[CampaignState] = mapped_column(default=CampaignState.DRAFT, index=True)
    # Until this moment nothing leaves and the campaign can be taken back; then, or at `send_at` if later, it goes.
    held_back_until: Mapped[datetime | None]
    send_at: Mapped[datetime | None]
    # "Send now" skips waits (windows, pacing), never a hold.
    skips_waits: Mapped[bool] = mapped_column(default=True)
    deadline_on: Mapped[date | None]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    launched_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    # How far the planning has come: the last contact looked at, and when there was none left.
    planned_to: Mapped[int] = mapped_column(default=0)
    planned_at: Mapped[datetime | None]
    row_version: Mapped[int] = mapped_column()

    questionnaire: Mapped[Questionnaire] = relationship()
    version: Mapped[Version | None] = relationship()
    product: Mapped[Product] = relationship()

    __mapper_args__ = {"version_id_col": row_version}

    @property
    def is_draft(self) -> bool:
        return self.state is CampaignState.DRAFT

    @property
    def is_running(self) -> bool:
        """Whether mails may still leave."""
        return self.state in (CampaignState.SCHEDULED, CampaignState.SENDING)

    @property
    def starts_at(self) -> datetime | None:
        """When the first mail may leave; None for a draft."""
        moments = [moment for moment in (self.held_back_until, self.send_at) if moment]
        return max(moments, default=None)

    def schedule(self, version: Version, *, held_back_until: datetime, send_at: datetime | None) -> None:
        """Let it go: at `held_back_until`, or at `send_at` when that is later."""
        if not self.is_draft:
            raise Refused(_("This campaign is on its way already."))
        self.version, self.held_back_until, self.send_at = version, held_back_until, send_at
        self.skips_waits = send_at is None
        self.state = CampaignState.SCHEDULED

    def cancel(self) -> None:
        """Take it back whole while nothing has left, else stop what has not left yet."""
        if self.state is CampaignState.SCHEDULED:
            self.state, self.held_back_until, self.send_at = CampaignState.DRAFT, None, None
        elif self.state is CampaignState.SENDING:
            self.state = CampaignState.CANCELLED
        else:
            raise Refused(_("This campaign is not on its way."))


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
