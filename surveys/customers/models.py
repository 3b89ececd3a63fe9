"""Accounts, contacts, what was true of them when, and imports on their way in."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship, validates

from surveys.auth.models import StaffUser
from surveys.lib import clock
from surveys.lib.db import Base, BigId, Short
from surveys.lib.errors import Refused
from surveys.lib.i18n import _
from surveys.settings.models import Product


def name_key(name: str) -> str:
    """The form under which names of accounts are compared: width, case and blanks do not count."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _key_of_name(context: Any) -> str:
    return name_key(context.get_current_parameters()["name"])


class Tier(StrEnum):
    """The touch model."""

    HIGH_TOUCH = "high_touch"
    LOW_TOUCH = "low_touch"
    TECH_TOUCH = "tech_touch"


class Phase(StrEnum):
    """The lifecycle."""

    TRIAL = "trial"
    ONBOARDING = "onboarding"
    ADOPTION = "adoption"
    EXPANSION = "expansion"
    CHURNED = "churned"


class ContactRole(StrEnum):
    DECISION_MAKER = "decision_maker"
    CHAMPION = "champion"
    USER = "user"


class Account(Base):
    """A company that is our customer."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    external_key: Mapped[str | None] = mapped_column(Short, unique=True)
    name: Mapped[str] = mapped_column(Short, index=True)
    name_key: Mapped[str] = mapped_column(Short, index=True, default=_key_of_name)
    name_kana: Mapped[str] = mapped_column(default="")
    tier: Mapped[Tier | None] = mapped_column(index=True)
    phase: Mapped[Phase | None] = mapped_column(index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"), index=True)
    go_live_on: Mapped[date | None]
    renewal_on: Mapped[date | None]
    properties: Mapped[dict[str, Any]] = mapped_column(default=dict)
    hold_until: Mapped[date | None]
    hold_reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)
    version: Mapped[int] = mapped_column()

    owner: Mapped[StaffUser | None] = relationship()
    contracts: Mapped[list[Contract]] = relationship(back_populates="account", order_by="Contract.id")

    __mapper_args__ = {"version_id_col": version}

    @validates("name")
    def _named(self, _key: str, name: str) -> str:
        self.name_key = name_key(name)
        return name

    def is_on_hold(self, day: date) -> bool:
        return self.hold_until is not None and self.hold_until >= day


class Contract(Base):
    """What an account pays a month for one product, in minor units of one currency."""

    __tablename__ = "contract"
    __table_args__ = (UniqueConstraint("account_id", "product_id"), CheckConstraint("mrr >= 0", name="not_negative"))

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), index=True)
    mrr: Mapped[int] = mapped_column(BigId)
    currency: Mapped[str] = mapped_column(Short)

    account: Mapped[Account] = relationship(back_populates="contracts")
    product: Mapped[Product] = relationship()


class Fact(StrEnum):
    """What is kept with its past."""

    TIER = "tier"
    PHASE = "phase"
    OWNER = "owner"
    MRR = "mrr"


class AccountFact(Base):
    """One fact of an account from one day on, until the next: tier, phase, owner (id), MRR ("480000 JPY")."""

    __tablename__ = "account_fact"
    __table_args__ = (
        UniqueConstraint("account_id", "fact", "product_id", "since"),
        Index("ix_account_fact_since", "fact", "since"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    fact: Mapped[Fact]
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"))
    value: Mapped[str]
    since: Mapped[datetime]


WISHES = ("less_often", "support_only", "no_reminders")


class Contact(Base):
    """A person at an account."""

    __tablename__ = "contact"
    __table_args__ = (Index("ix_contact_account_id_name", "account_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    external_key: Mapped[str | None] = mapped_column(Short, unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    # The address as it was given; `email_key` is the form in which addresses are compared (E-06).
    email: Mapped[str] = mapped_column(Short)
    email_key: Mapped[str] = mapped_column(Short, unique=True)
    is_nonstandard: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str] = mapped_column(Short, default="", index=True)
    name_kana: Mapped[str] = mapped_column(default="")
    honorific: Mapped[str] = mapped_column(Short, default="")
    language: Mapped[str] = mapped_column(Short, default="en")
    department: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")
    role: Mapped[ContactRole | None]
    properties: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Why this person cannot be reached any more, when so: left, wrong address.
    unreachable: Mapped[str] = mapped_column(Short, default="")
    # What the person chose about being asked (`WISHES`), and whether the language is her own choice; no list undoes it.
    less_often: Mapped[bool] = mapped_column(default=False)
    support_only: Mapped[bool] = mapped_column(default=False)
    no_reminders: Mapped[bool] = mapped_column(default=False)
    is_language_own: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)
    version: Mapped[int] = mapped_column()

    account: Mapped[Account] = relationship()

    __mapper_args__ = {"version_id_col": version}


class Successor(Base):
    """Whom a contact named as in charge now: waits until staff make a contact of it or set it aside."""

    __tablename__ = "successor"

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    name: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(Short, default="")
    words: Mapped[str] = mapped_column(default="")
    named_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_at: Mapped[datetime | None] = mapped_column(index=True)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    # Who it turned out to be; None when it was set aside.
    taken_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)

    contact: Mapped[Contact] = relationship(foreign_keys=[contact_id])
    taken: Mapped[Contact | None] = relationship(foreign_keys=[taken_id])

    def decide(self, *, by: StaffUser, taken: Contact | None) -> None:
        if self.decided_at is not None:
            raise Refused(_("Somebody has decided about this already."))
        self.decided_at, self.decided_by_id, self.taken = clock.now(), by.id, taken


class ImportState(StrEnum):
    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    CONFIRMED = "confirmed"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class ImportRun(Base):
    """One list of customers on its way in: staged and looked at first, taken over whole or not at all."""

    __tablename__ = "import_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[ImportState] = mapped_column(default=ImportState.UPLOADED, index=True)
    name: Mapped[str]
    # The file as it came, compressed; gone once the run is over.
    content: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_unpacked: Mapped[bool] = mapped_column(default=False)
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Why the file could not be read: which flaw, where.
    failure: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # How often somebody's change in between made us look again.
    rechecks: Mapped[int] = mapped_column(default=0)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    finished_at: Mapped[datetime | None]
    # Whether the staged rows of a run that is over are gone.
    is_swept: Mapped[bool] = mapped_column(default=False)
    claimed_by: Mapped[str] = mapped_column(Short, default="")
    lease_until: Mapped[datetime | None]

    created_by: Mapped[StaffUser | None] = relationship(foreign_keys=[created_by_id])

    @property
    def is_running(self) -> bool:
        return self.state in (ImportState.CHECKING, ImportState.CONFIRMED)

    @property
    def is_over(self) -> bool:
        return self.state in (ImportState.DONE, ImportState.REFUSED, ImportState.CANCELLED)

    @property
    def bad_rows(self) -> int:
        return int(self.counts.get("bad", 0))

    @property
    def can_finish(self) -> bool:
        return self.state is ImportState.CHECKED and not self.bad_rows and bool(self.counts.get("differences"))


class ImportChunk(Base):
    """A few hundred rows of a file as cells, waiting to be looked at; gone when they were."""

    __tablename__ = "import_chunk"

    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    rows: Mapped[bytes] = mapped_column(LargeBinary)


class Verdict(StrEnum):
    """What an import would do to a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class StagedAccount(Base):
    """An account of a list as it would be afterwards. `ref` tells the accounts of one list apart.

    No foreign key on `account_id`: a new account has its number before it has its row.
    """

    __tablename__ = "import_account"
    __table_args__ = (
        UniqueConstraint("run_id", "ref"),
        Index("ix_import_account_run_id_name_key", "run_id", "name_key"),
        Index("ix_import_account_run_id_external_key", "run_id", "external_key"),
        Index("ix_import_account_run_id_verdict", "run_id", "verdict", "id"),
        Index("ix_import_account_run_id_account_id", "run_id", "account_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"))
    line: Mapped[int]
    ref: Mapped[str]
    account_id: Mapped[int | None]
    seen_version: Mapped[int] = mapped_column(default=0)
    verdict: Mapped[Verdict]
    external_key: Mapped[str | None]
    name: Mapped[str]
    name_key: Mapped[str]
    name_kana: Mapped[str]
    tier: Mapped[Tier | None]
    phase: Mapped[Phase | None]
    owner_id: Mapped[int | None]
    go_live_on: Mapped[date | None]
    renewal_on: Mapped[date | None]
    properties: Mapped[dict[str, Any]]
    # Which fields the list gave (the others stay), and what changes from what to what.
    given: Mapped[list[str]]
    changes: Mapped[dict[str, Any]]
    is_tier_new: Mapped[bool] = mapped_column(default=False)
    is_phase_new: Mapped[bool] = mapped_column(default=False)
    is_owner_new: Mapped[bool] = mapped_column(default=False)


class StagedContract(Base):
    """What an account of a list pays for a product, when that is news."""

    __tablename__ = "import_contract"
    __table_args__ = (UniqueConstraint("run_id", "ref", "product_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"))
    line: Mapped[int]
    ref: Mapped[str]
    product_id: Mapped[int]
    mrr: Mapped[int] = mapped_column(BigId)
    currency: Mapped[str]
    verdict: Mapped[Verdict]


class StagedContact(Base):
    """A contact of a list as it would be afterwards."""

    __tablename__ = "import_contact"
    __table_args__ = (
        UniqueConstraint("run_id", "email_key"),
        Index("ix_import_contact_run_id_external_key", "run_id", "external_key"),
        Index("ix_import_contact_run_id_verdict", "run_id", "verdict", "id"),
        Index("ix_import_contact_run_id_contact_id", "run_id", "contact_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"))
    line: Mapped[int]
    # The account of the list, or an account that is there already when the list names none.
    ref: Mapped[str]
    account_id: Mapped[int | None]
    contact_id: Mapped[int | None]
    seen_version: Mapped[int] = mapped_column(default=0)
    verdict: Mapped[Verdict]
    external_key: Mapped[str | None]
    email: Mapped[str]
    email_key: Mapped[str]
    is_nonstandard: Mapped[bool]
    name: Mapped[str]
    name_kana: Mapped[str]
    honorific: Mapped[str]
    language: Mapped[str]
    department: Mapped[str]
    title: Mapped[str]
    role: Mapped[ContactRole | None]
    unreachable: Mapped[str]
    properties: Mapped[dict[str, Any]]
    changes: Mapped[dict[str, Any]]
    # The address before, when the list brings another one: what stopped us from writing there goes along.
    old_email: Mapped[str] = mapped_column(default="")


class ImportProblem(Base):
    """Something in a row that keeps the list from being taken over, or (not `is_fatal`) that one should know."""

    __tablename__ = "import_problem"
    __table_args__ = (Index("ix_import_problem_run_id_is_fatal", "run_id", "is_fatal", "line", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"))
    line: Mapped[int]
    column: Mapped[int | None]
    heading: Mapped[str] = mapped_column(default="")
    code: Mapped[str] = mapped_column(Short)
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_fatal: Mapped[bool] = mapped_column(default=True)
