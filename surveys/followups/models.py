"""Cases: the conversations we owe, and all that happened in them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from surveys.auth.models import StaffUser
from surveys.customers.models import Account, Contact
from surveys.lib import clock
from surveys.lib.access import Permission, may
from surveys.lib.db import Base, BigId, Short
from surveys.lib.errors import Refused
from surveys.lib.i18n import _
from surveys.responses.models import Response


class Lane(StrEnum):
    """A case is a conversation with a due date; a light item is read and ticked off (ひとこと対応)."""

    CASE = "case"
    LIGHT = "light"


class CaseState(StrEnum):
    NEW = "new"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CLOSED = "closed"
    INVALID = "invalid"


REPLY_KIND = "reply"  # the kind of message that carries an entry out of the house

OPEN_STATES = (CaseState.NEW, CaseState.IN_PROGRESS, CaseState.WAITING)
IS_OPEN = text("state IN ('new', 'in_progress', 'waiting')")


class Outcome(StrEnum):
    """How a case ended for the customer."""

    SATISFIED = "satisfied"
    NOT_SATISFIED = "not_satisfied"
    NO_REPLY = "no_reply"
    NO_ACTION = "no_action"
    IMPROVEMENT = "improvement"


class Case(Base):
    """An item of the follow-up queue: a conversation we owe a contact, with the responses that opened or joined it.

    A contact has one open item at the most; whatever else comes in joins it.
    """

    __tablename__ = "followup_case"
    __table_args__ = (
        CheckConstraint("lane <> 'case' OR due_at IS NOT NULL", name="case_has_due"),
        Index("ix_followup_case_open", "lane", "state", "due_at"),
        Index("ix_followup_case_contact", "contact_id", "state"),
        Index("ix_followup_case_assignee", "assignee_id", "state"),
        Index("uq_followup_case_one_open", "contact_id", unique=True, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    lane: Mapped[Lane] = mapped_column(default=Lane.CASE)
    state: Mapped[CaseState] = mapped_column(default=CaseState.NEW)
    # Why it was opened: a `triage.Reason`.
    reason: Mapped[str] = mapped_column(Short)
    opened_at: Mapped[datetime]
    # When the first human contact is due.
    due_at: Mapped[datetime | None]
    first_contact_at: Mapped[datetime | None]
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    # The terms of the priority that do not depend on the hour, and their sum; the others are added when read.
    terms: Mapped[dict[str, Any]] = mapped_column(default=dict)
    weight: Mapped[int] = mapped_column(default=0)
    snoozed_until: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    cause: Mapped[str] = mapped_column(Short, default="")
    outcome: Mapped[str] = mapped_column(Short, default="")
    what_was_done: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    contact: Mapped[Contact] = relationship()
    account: Mapped[Account] = relationship()
    assignee: Mapped[StaffUser | None] = relationship(foreign_keys=[assignee_id])
    responses: Mapped[list[Response]] = relationship(secondary="case_response", order_by="Response.answered_at")
    entries: Mapped[list[Entry]] = relationship(back_populates="case", order_by="Entry.id")

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def is_light(self) -> bool:
        return self.lane is Lane.LIGHT

    @property
    def is_snoozed(self) -> bool:
        return self.snoozed_until is not None and self.snoozed_until > clock.now()

    @property
    def is_late(self) -> bool:
        """First contact is overdue; sleeping does not stop that clock."""
        return self.is_open and self.first_contact_at is None and self.due_at is not None and self.due_at < clock.now()

    def take(self, *, by: StaffUser) -> bool:
        """Make it `by`'s, in progress; False when it was already. Refused while a colleague works on it."""
        self._refuse_unless_case()
        if self.assignee_id != by.id and self.state is not CaseState.NEW and works_on_cases(self.assignee):
            raise Refused(_("Taken by %(who)s.", who=self.assignee.name if self.assignee else ""))
        if self.assignee_id == by.id and self.state is not CaseState.NEW:
            return False
        self.assignee = by
        self._begin()
        return True

    def give(self, user: StaffUser | None) -> None:
        """Hand it to a colleague, or back to everybody."""
        self._refuse_unless_open()
        if user is not None and not user.is_active:
            raise Refused(_("%(who)s no longer works with Koe.", who=user.name))
        if user is not None and not works_on_cases(user):
            raise Refused(_("The role of %(who)s does not allow work on cases. Choose somebody else.", who=user.name))
        self.assignee = user
        if user is None and self.state is CaseState.IN_PROGRESS:
            self.state = CaseState.NEW

    def put_back(self, state: CaseState) -> None:
        """As begun or new as it was; what waits for the customer, or is nobody's, stays what it is."""
        if CaseState.WAITING not in (state, self.state) and self.assignee is not None:
            self.state = state

    def work(self, *, by: StaffUser) -> None:
        """Somebody does something for it: begun, and theirs when nobody else's."""
        self._refuse_unless_case()
        if self.assignee is None:
            self.assignee = by
        self._begin()

    def contacted(self, at: datetime, *, waits: bool) -> None:
        """A person of ours reached out; `waits` when the next word is the customer's."""
        if self.first_contact_at is None:
            self.first_contact_at = at
        if self.is_open:
            self.state = CaseState.WAITING if waits else self._state_at_work()

    def wait(self, waits: bool) -> None:
        """Say whether the next word is the customer's."""
        self._refuse_unless_case()
        self.state = CaseState.WAITING if waits else self._state_at_work()

    def snooze(self, until: datetime) -> None:
        self._refuse_unless_case()
        if until <= clock.now():
            raise Refused(_("Choose a moment to come."))
        self.snoozed_until = until

    def wake(self) -> None:
        self._refuse_unless_open()
        self.snoozed_until = None

    def resolve(self, *, by: StaffUser, cause: str, outcome: Outcome, what_was_done: str, customer_told: bool) -> None:
        """Done; closed as well when the customer has been told."""
        if self.state in (CaseState.RESOLVED, CaseState.CLOSED):
            raise Refused(_("This case is already resolved."))
        self._refuse_unless_case()
        self.cause, self.outcome, self.what_was_done = cause, outcome, what_was_done
        self._end(CaseState.RESOLVED, by)
        if customer_told:
            self.close()

    def close(self) -> None:
        """The customer has been told what was done."""
        if self.state is not CaseState.RESOLVED or self.is_light:
            raise Refused(_("Only a resolved case can be closed."))
        self.state, self.closed_at = CaseState.CLOSED, clock.now()

    def tick_off(self, *, by: StaffUser) -> None:
        """A light item was read."""
        if not self.is_light:
            raise Refused(_("A case is resolved, not ticked off."))
        self._refuse_unless_open()
        self._end(CaseState.RESOLVED, by)

    def lift(self, due_at: datetime) -> None:
        """Make a light item a case."""
        self._refuse_unless_open()
        if not self.is_light:
            raise Refused(_("This is a case already."))
        self.lane, self.due_at = Lane.CASE, due_at

    def reopen(self, due_at: datetime | None) -> None:
        """Open again, with a new clock for the first contact."""
        if self.is_open:
            raise Refused(_("This case is open already."))
        self.state = self._state_at_work()
        self.resolved_at = self.resolved_by_id = self.closed_at = self.snoozed_until = self.first_contact_at = None
        self.due_at = due_at

    def invalidate(self) -> None:
        """It should never have been one: a machine, a test, an answer taken back."""
        self._refuse_unless_open()
        self.state, self.snoozed_until, self.closed_at = CaseState.INVALID, None, clock.now()

    def _begin(self) -> None:
        if self.state is CaseState.NEW:
            self.state = CaseState.IN_PROGRESS

    def _state_at_work(self) -> CaseState:
        """In progress is what somebody has begun; what nobody has is new."""
        return CaseState.NEW if self.is_light or self.assignee is None else CaseState.IN_PROGRESS

    def _end(self, state: CaseState, by: StaffUser) -> None:
        self.state, self.resolved_at, self.resolved_by_id, self.snoozed_until = state, clock.now(), by.id, None

    def _refuse_unless_open(self) -> None:
        if not self.is_open:
            raise Refused(_("This case is no longer open. Reopen it first."))

    def _refuse_unless_case(self) -> None:
        self._refuse_unless_open()
        if self.is_light:
            raise Refused(_("This is a light item. Raise it to a case first."))


def works_on_cases(user: StaffUser | None) -> bool:
    """Whether a case can be in this colleague's hands."""
    return user is not None and user.is_active and may(user, Permission.WORK_CASES)


class CaseResponse(Base):
    """Which responses belong to a case: none, one or several."""

    __tablename__ = "case_response"

    case_id: Mapped[int] = mapped_column(ForeignKey("followup_case.id", ondelete="CASCADE"), primary_key=True)
    response_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("response.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class EntryKind(StrEnum):
    """What an entry of the timeline is."""

    EVENT = "event"
    NOTE = "note"
    CALL = "call"
    MAIL_OUT = "mail_out"
    MAIL_IN = "mail_in"


class Entry(Base):
    """One thing in a case's timeline: a note, a call, a mail, or a change of state."""

    __tablename__ = "case_entry"
    __table_args__ = (Index("ix_case_entry_case", "case_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("followup_case.id", ondelete="CASCADE"))
    kind: Mapped[EntryKind]
    # For events: opened, joined, taken, resolved …; for calls the channel.
    name: Mapped[str] = mapped_column(Short, default="")
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    subject: Mapped[str] = mapped_column(default="")
    body: Mapped[str] = mapped_column(default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)

    case: Mapped[Case] = relationship(back_populates="entries")
    by: Mapped[StaffUser | None] = relationship()
