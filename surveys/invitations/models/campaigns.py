"""Campaigns: a questionnaire, an audience, a brand and a moment."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from surveys.auth.models import StaffUser
from surveys.lib import clock
from surveys.lib.db import Base, Short
from surveys.lib.errors import Refused
from surveys.lib.i18n import _
from surveys.questionnaires.models import Questionnaire, Version
from surveys.settings.models import Brand, Product


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
    # Who asks, as customers see it.
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"))
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
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    # A second person's approval and the print of what was approved (approval.py); it holds while nothing is changed.
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    approved_print: Mapped[str] = mapped_column(Short, default="")
    launched_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    # How far the planning has come: the last contact looked at, and when there was none left.
    planned_to: Mapped[int] = mapped_column(default=0)
    planned_at: Mapped[datetime | None]
    row_version: Mapped[int] = mapped_column()

    questionnaire: Mapped[Questionnaire] = relationship()
    version: Mapped[Version | None] = relationship()
    product: Mapped[Product] = relationship()
    brand: Mapped[Brand] = relationship()
    changed_by: Mapped[StaffUser | None] = relationship(foreign_keys=[changed_by_id])
    approved_by: Mapped[StaffUser | None] = relationship(foreign_keys=[approved_by_id])

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
