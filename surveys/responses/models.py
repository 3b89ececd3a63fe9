"""What came back: responses and how they changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from surveys.auth.models import StaffUser
from surveys.customers.models import Account, Contact, ContactRole, Phase, Tier
from surveys.invitations.models import Campaign, Invitation
from surveys.lib.db import Base, BigId, Short
from surveys.lib.errors import Refused
from surveys.lib.i18n import _
from surveys.questionnaires.models import Kind, Version
from surveys.questionnaires.questions import Value, in_words, written
from surveys.questionnaires.wording import values_for
from surveys.scales import Gravity, gravity
from surveys.settings.models import Product
from surveys.settings.queries import default_brand


class Segment(StrEnum):
    """Where a score stands on its own kind's scale; NPS calls them detractor, passive, promoter."""

    BAD = "bad"
    MIDDLE = "middle"
    GOOD = "good"


class Evidence(StrEnum):
    """How sure we are that a person answered (3.3)."""

    SENT = "sent"
    VOUCHED = "vouched"


class Source(StrEnum):
    """Where an answer came in."""

    PAGE = "page"
    STAFF = "staff"
    IMPORT = "import"


class Change(StrEnum):
    """What one entry of the history did to the answer."""

    ANSWERED = "answered"
    CHANGED = "changed"
    # Stored, and out of the score until somebody vouches for it (E-24).
    QUARANTINED = "quarantined"
    # A machine's, on top of a person's: kept here only, the answer stays what it was.
    SET_ASIDE = "set_aside"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXCLUDED = "excluded"
    RESTORED = "restored"


class Response(Base):
    """One answer to one invitation, with the account's facts as they were then."""

    __tablename__ = "response"
    __table_args__ = (
        UniqueConstraint("invitation_id"),
        CheckConstraint("score IS NULL OR score BETWEEN 0 AND 10", name="score_in_range"),
        CheckConstraint("(excluded_at IS NULL) = (excluded_reason = '')", name="excluded_has_reason"),
        Index("ix_response_answered_at", "answered_at", "id"),
        Index("ix_response_kind_segment", "kind_key", "segment", "answered_at"),
        Index("ix_response_account", "account_id", "answered_at"),
        Index("ix_response_contact", "contact_id", "answered_at"),
        Index("ix_response_campaign", "campaign_id", "answered_at"),
        # What waits for a look: few rows among very many.
        Index(
            "ix_response_quarantined",
            "quarantined_at",
            sqlite_where=text("quarantined_at IS NOT NULL"),
            postgresql_where=text("quarantined_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id"))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"), index=True)
    layout: Mapped[int] = mapped_column(default=1)
    kind_key: Mapped[str] = mapped_column(ForeignKey("kind.key"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    score: Mapped[int | None]
    segment: Mapped[Segment | None]
    comment: Mapped[str] = mapped_column(default="")
    # To the further questions of its version, by their keys.
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Whether we may get in touch about it; None when nothing was said.
    wants_contact: Mapped[bool | None]
    language: Mapped[str] = mapped_column(Short)
    source: Mapped[Source] = mapped_column(default=Source.PAGE)
    evidence: Mapped[Evidence] = mapped_column(default=Evidence.SENT)
    # Set while a machine is suspected (E-24); such an answer neither counts nor opens a case.
    quarantined_at: Mapped[datetime | None]
    quarantine: Mapped[list[str]] = mapped_column(default=list)
    withdrawn_at: Mapped[datetime | None]
    excluded_at: Mapped[datetime | None]
    excluded_reason: Mapped[str] = mapped_column(default="")
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    answered_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    # The local day of the first answer: the day it is counted on.
    day: Mapped[date]
    # The facts as they were when it was answered, and the owner when it was sent.
    tier: Mapped[Tier | None]
    phase: Mapped[Phase | None]
    role: Mapped[ContactRole | None]
    mrr: Mapped[int | None] = mapped_column(BigId)
    currency: Mapped[str] = mapped_column(Short, default="")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    owner_at_send_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))

    contact: Mapped[Contact] = relationship()
    account: Mapped[Account] = relationship()
    kind: Mapped[Kind] = relationship()
    version: Mapped[Version] = relationship()
    product: Mapped[Product] = relationship()
    campaign: Mapped[Campaign | None] = relationship()
    invitation: Mapped[Invitation | None] = relationship()

    @property
    def counts(self) -> bool:
        """Whether it is in the score (M-01)."""
        return self.quarantined_at is None and self.withdrawn_at is None and self.excluded_at is None

    def further(self, language: str, answers: Mapping[str, Value] | None = None) -> list[tuple[str, str]]:
        """Each answered further question with its answer, in words; of `answers` instead of those that stand."""
        brand = self.campaign.brand if self.campaign else default_brand()
        given = self.answers if answers is None else answers
        return in_words(self.version.further, given, language, values_for(brand, self.product, language))

    @property
    def words(self) -> list[str]:
        """All it says in its giver's own words: the comment, then what was written to further questions."""
        texts = (self.comment, *(written(self.version.further, self.answers) if self.answers else ()))
        return [text for text in texts if text]

    @property
    def said(self) -> str:
        """The same as one text."""
        return "\n".join(self.words)

    @property
    def gravity(self) -> Gravity:
        """How bad it is beyond being bad; needs its kind."""
        return gravity(self.kind.segments, self.score)

    def exclude(self, reason: str, *, at: datetime) -> None:
        """Leave it out of the score; the answer itself stays."""
        self._must_stand()
        if self.excluded_at:
            raise Refused(_("This answer is left out of the score already."))
        self.excluded_at, self.excluded_reason = at, reason

    def restore(self) -> None:
        if not self.excluded_at:
            raise Refused(_("This answer is in the score already."))
        self.excluded_at, self.excluded_reason = None, ""

    def accept(self) -> None:
        """Vouch for it (E-24)."""
        self._must_wait_for_a_look()
        self.quarantined_at, self.quarantine, self.evidence = None, [], Evidence.VOUCHED

    def reject(self, *, at: datetime) -> None:
        """A machine gave it: it is out for good, and stays in the history."""
        self._must_wait_for_a_look()
        self.withdrawn_at = at

    def withdraw(self, *, at: datetime) -> None:
        self._must_stand()
        self.withdrawn_at = at

    def _must_stand(self) -> None:
        if self.withdrawn_at:
            raise Refused(_("This answer was withdrawn."))

    def _must_wait_for_a_look(self) -> None:
        if not self.quarantined_at or self.withdrawn_at:
            raise Refused(_("Nobody has to look at this answer any more."))


class ResponseChange(Base):
    """One posting of an answer, in the order of their commits: nothing is ever overwritten unseen."""

    __tablename__ = "response_change"
    __table_args__ = (
        UniqueConstraint("response_id", "nonce"),
        Index("ix_response_change_response", "response_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    response_id: Mapped[int] = mapped_column(ForeignKey("response.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    score: Mapped[int | None]
    comment: Mapped[str] = mapped_column(default="")
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    evidence: Mapped[Evidence]
    kind: Mapped[Change]
    # The form's nonce when a page posted it; a repeat of a used one changes nothing.
    nonce: Mapped[str | None] = mapped_column(Short)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)

    by: Mapped[StaffUser | None] = relationship()
