"""Messages on their way out, who may not be written to, and the built-in mailbox."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum, StrEnum

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint, inspect, text
from sqlalchemy.orm import Mapped, deferred, mapped_column

from surveys.events.actions import note
from surveys.lib import clock
from surveys.lib.access import User
from surveys.lib.db import Base, BigId, Short
from surveys.lib.errors import Refused
from surveys.lib.i18n import _


class MessageState(StrEnum):
    PLANNED = "planned"
    CLAIMED = "claimed"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


class Rank(IntEnum):
    """Whose turn comes first among mails that are due."""

    AWAITED = 0  # somebody sits and waits for it: a reset, a reply
    USUAL = 1


class Message(Base):
    """One mail: what it is about, how far it has come, and its bytes while they may still be needed.

    `kind` names who composes it, `subject_id` the row it is about (an invitation, a reply …), `sequence` tells a
    reminder from the first ask. One row for each of these, ever: the key that makes sending twice impossible.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("kind", "subject_id", "sequence"),
        CheckConstraint("state <> 'sending' OR phase <> ''", name="sending_has_phase"),
        Index(
            "ix_message_due",
            "rank",
            "not_before",
            "id",
            sqlite_where=text("state = 'planned'"),
            postgresql_where=text("state = 'planned'"),
        ),
        Index("ix_message_state_lease_until", "state", "lease_until"),
        Index(
            "ix_message_untold",
            "id",
            sqlite_where=text("is_told = 0"),
            postgresql_where=text("is_told = false"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(Short)
    subject_id: Mapped[int] = mapped_column(BigId)
    sequence: Mapped[int] = mapped_column(default=0)
    state: Mapped[MessageState] = mapped_column(default=MessageState.PLANNED)
    phase: Mapped[str] = mapped_column(Short, default="")
    not_before: Mapped[datetime]
    rank: Mapped[int] = mapped_column(default=Rank.USUAL)
    # How often the server said "later", and how often the same bytes went out again after an unknown outcome.
    attempt: Mapped[int] = mapped_column(default=0)
    resends: Mapped[int] = mapped_column(default=0)
    # The claim: who, until when, and a number that grows with every claim (the fence against a late worker).
    claimed_by: Mapped[str] = mapped_column(Short, default="")
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)
    to_address: Mapped[str] = mapped_column(Short)
    address_key: Mapped[str] = mapped_column(Short, index=True)
    sender: Mapped[str] = mapped_column(Short, default="")
    message_id: Mapped[str] = mapped_column(Short, default="", index=True)
    dated_at: Mapped[datetime | None]
    raw: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None] = mapped_column(index=True)
    # Why it was cancelled, as a rule ("S-08", "missing", …), and the server's or our own words.
    rule: Mapped[str] = mapped_column(Short, default="")
    answer: Mapped[str] = mapped_column(default="")
    # A log-in mail: never shown, and never put into the built-in mailbox.
    is_confidential: Mapped[bool] = mapped_column(default=False)
    # Whether the room that owns the kind has heard of the present state.
    is_told: Mapped[bool] = mapped_column(default=True)

    def copied(self) -> Message:
        """The row as it is now without its bytes, which no session holds and no commit forgets."""
        names = [attribute.key for attribute in inspect(Message).column_attrs if attribute.key != "raw"]
        return Message(**{name: getattr(self, name) for name in names})

    def send_again(self, *, by: User | None = None) -> None:
        """Plan the identical bytes once more, because a person decided to."""
        if self.state is not MessageState.UNKNOWN or self.raw is None:
            raise Refused(_("The outcome of this mail is known by now."))
        self.state, self.phase, self.not_before = MessageState.PLANNED, "", clock.now()
        note("message_repeated", self, by=by)

    def count_as_sent(self, *, by: User | None = None) -> None:
        """Take an unknown outcome for an accepted one, because a person or a later sign says so."""
        if self.state is not MessageState.UNKNOWN:
            raise Refused(_("The outcome of this mail is known by now."))
        self.state, self.raw, self.settled_at, self.is_told = MessageState.ACCEPTED, None, clock.now(), False
        note("message_counted_as_sent", self, by=by)


class SuppressionReason(StrEnum):
    OPT_OUT = "opt_out"
    COMPLAINT = "complaint"
    HARD_BOUNCE = "hard_bounce"
    MANUAL = "manual"
    ERASURE = "erasure"

    @property
    def weight(self) -> int:
        """Which of several reasons is named: a later one here says more against writing (E-30)."""
        order = (
            type(self).HARD_BOUNCE,
            type(self).OPT_OUT,
            type(self).MANUAL,
            type(self).COMPLAINT,
            type(self).ERASURE,
        )
        return order.index(self)


class Suppression(Base):
    """Why an address is never asked again; kept as a keyed hash, so it survives the erasure of the person.

    One row a reason: an address may be written to again when none is left.
    """

    __tablename__ = "suppression"
    __table_args__ = (UniqueConstraint("address_key", "reason"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    address_key: Mapped[str] = mapped_column(Short)
    reason: Mapped[SuppressionReason]
    note: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(Short, default="")
    created_at: Mapped[datetime]
    is_suspect: Mapped[bool] = mapped_column(default=False)


class MailboxMail(Base):
    """A mail in the built-in mailbox, where mails land while no SMTP server is set."""

    __tablename__ = "mailbox_mail"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[str] = mapped_column(Short, unique=True)
    received_at: Mapped[datetime] = mapped_column(index=True)
    sender: Mapped[str]
    recipient: Mapped[str] = mapped_column(Short, index=True)
    subject: Mapped[str]
    raw: Mapped[bytes] = deferred(mapped_column(LargeBinary))


class SenderPause(Base):
    """The sender stands still until this moment, because the mail server refuses us, not the recipient (E-45)."""

    __tablename__ = "sender_pause"

    id: Mapped[int] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    until: Mapped[datetime]
    reason: Mapped[str]
    # Whether somebody has to mend something (log-in, sender, certificate), or waiting is enough.
    needs_operator: Mapped[bool] = mapped_column(default=False)
