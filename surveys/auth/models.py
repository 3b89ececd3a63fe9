"""Staff users, their sessions, and one-time links."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from surveys.lib import clock
from surveys.lib.access import Role
from surveys.lib.db import Base, Short
from surveys.lib.errors import Refused
from surveys.lib.i18n import _
from surveys.lib.tokens import Purpose, derived

# The first sign that occurs wins: browsers name those they want to be taken for as well.
BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


class StaffUser(Base):
    """Somebody who works with Koe."""

    __tablename__ = "staff_user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(Short, unique=True)
    name: Mapped[str]
    role: Mapped[Role]
    password_hash: Mapped[str] = mapped_column(default="")
    locale: Mapped[str] = mapped_column(Short, default="en")
    department: Mapped[str] = mapped_column(default="")
    has_shortcuts: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    deactivated_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_active(self) -> bool:
        return self.deactivated_at is None

    @property
    def is_invited(self) -> bool:
        """Invited, and has not chosen a password yet."""
        return self.is_active and not self.password_hash

    def deactivate(self) -> None:
        if not self.is_active:
            raise Refused(_("%(name)s is deactivated already.", name=self.name))
        self.deactivated_at = clock.now()

    def reactivate(self) -> None:
        """May log in again, with a new password only."""
        if self.is_active:
            raise Refused(_("%(name)s is active already.", name=self.name))
        self.deactivated_at, self.password_hash = None, ""


class StaffSession(Base):
    """One log-in on one device; the random number in the cookie is kept hashed."""

    __tablename__ = "staff_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(Short, unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    device: Mapped[str] = mapped_column(default="")
    network: Mapped[str] = mapped_column(Short, default="")

    user: Mapped[StaffUser] = relationship()

    @property
    def browser(self) -> str:
        """The browser by name, as far as it says; for people to recognise a log-in."""
        return next((name for sign, name in BROWSERS if sign in self.device), "")

    @property
    def system(self) -> str:
        return next((name for sign, name in SYSTEMS if sign in self.device), "")


class LinkPurpose(StrEnum):
    RESET = "reset"
    INVITE = "invite"


class OneTimeLink(Base):
    """A link that sets a password once: short-lived, used by POST only.

    What stands in the link follows from `seed` and a key outside the database, so that a mail can be composed again
    and a stolen table opens nothing; it is found by its hash.
    """

    __tablename__ = "one_time_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(Short, unique=True)
    seed: Mapped[str] = mapped_column(Short)
    purpose: Mapped[LinkPurpose]
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    user: Mapped[StaffUser] = relationship()

    @property
    def secret(self) -> str:
        """What stands in the link."""
        return derived(Purpose.LINK, self.seed)

    @property
    def is_open(self) -> bool:
        return self.used_at is None and clock.now() < self.expires_at and self.user.is_active


class Attempt(Base):
    """How often something was tried in one window of time, by one key (an account, a network)."""

    __tablename__ = "attempt"

    key: Mapped[str] = mapped_column(Short, primary_key=True)
    window: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
