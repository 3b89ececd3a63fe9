"""Staff users: added, let in, changed, deactivated."""

from __future__ import annotations

from sqlalchemy import delete, update

from surveys.auth import duties, limits, passwords, queries
from surveys.auth.models import OneTimeLink, StaffSession, StaffUser
from surveys.events.actions import note
from surveys.lib import addresses, clock
from surveys.lib.access import Permission, Role, roles_with
from surveys.lib.db import db
from surveys.lib.errors import Invalid, Refused
from surveys.lib.i18n import _


def count_log_in(email: str, network: str, device: str | None) -> None:
    """Count a try to log in: by device where this account is known on it, else by account and by network.

    So nobody who guesses from elsewhere locks a colleague out of his own browser.
    """
    for subject in _log_in_subjects(email, network, device):
        limits.spend(limits.LOG_IN, subject)


def log_in_succeeded(user: StaffUser, network: str, device: str | None) -> None:
    for subject in _log_in_subjects(user.email, network, device):
        limits.refund(limits.LOG_IN, subject)
    note("log_in", user, by=user)


def _log_in_subjects(email: str, network: str, device: str | None) -> tuple[str, ...]:
    if device:
        return (f"device {device}",)
    return f"account {addresses.normal(email)}", f"network {network}"


def add_user(
    *, email: str, name: str, role: Role, locale: str = "en", password: str = "", by: StaffUser | None = None
) -> StaffUser:
    """A new staff user, invited unless a password is given; refused when the address is taken or none.

    Hashing comes first, before anything is asked of the database.
    """
    password_hash = _checked_hash(password, (email, name)) if password else ""
    if not addresses.is_usable(email):
        raise Invalid(_("This is not an e-mail address."))
    if queries.user_by_email(email) is not None:
        raise Refused(_("There is a user with this address already."))
    user = StaffUser(
        email=addresses.normal(email),
        name=name or email.partition("@")[0],
        role=role,
        locale=locale,
        password_hash=password_hash,
        created_at=clock.now(),
    )
    db.session.add(user)
    db.session.flush()
    note("user_added", user, by=by, role=role.value)
    return user


def _checked_hash(password: str, about: tuple[str, ...]) -> str:
    problem = passwords.problem(password, about)
    if problem:
        raise Invalid(problem)
    return passwords.hashed(password)


def set_password(user: StaffUser, password_hash: str, *, by: StaffUser | None) -> None:
    """Every log-in and every open link of the user ends with the old password."""
    user.password_hash = password_hash
    _shut_out(user)
    note("password_changed", user, by=by)


def change_user(
    user: StaffUser, *, name: str, role: Role, department: str, by: StaffUser, successor: StaffUser | None = None
) -> None:
    """Name, role, department; a new role means logging in again (X-13).

    Who may no longer work cases with it hands over first, to `successor`.
    """
    if role != user.role:
        _change_role(user, role, successor, by=by)
    user.name, user.department = name, department


def _change_role(user: StaffUser, role: Role, successor: StaffUser | None, *, by: StaffUser) -> None:
    if user.id == by.id:
        raise Refused(_("Nobody changes their own role. Please ask another administrator."))
    _keep_one_administrator(user)
    if role not in roles_with(Permission.WORK_CASES) and duties.of(user):
        if successor is None:
            raise Refused(_("With this role nobody has accounts or cases. Please say who takes them over."))
        duties.hand_over(user, successor, by=by)
    note("role_changed", user, by=by, before=user.role.value, after=role.value)
    user.role = role
    _shut_out(user)


def deactivate(user: StaffUser, *, by: StaffUser) -> None:
    """No log-in from this moment on; what the user has done stays. Hand over first."""
    if user.id == by.id:
        raise Refused(_("You cannot deactivate yourself. Please ask another administrator."))
    _keep_one_administrator(user)
    user.deactivate()
    _shut_out(user)
    note("user_deactivated", user, by=by)


def reactivate(user: StaffUser, *, by: StaffUser) -> None:
    user.reactivate()
    note("user_reactivated", user, by=by)


def _keep_one_administrator(user: StaffUser) -> None:
    if user.role is Role.ADMIN and user.is_active and queries.administrators() <= 1:
        raise Refused(_("This is the only administrator. Please make somebody else one first."))


def _shut_out(user: StaffUser) -> None:
    db.session.execute(delete(StaffSession).where(StaffSession.user_id == user.id))
    db.session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.user_id == user.id, OneTimeLink.used_at.is_(None))
        .values(used_at=clock.now())
    )
