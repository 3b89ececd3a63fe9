"""Who may do what: roles, permissions, the guards that every route carries, and who is asking."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit, urlunsplit

from flask import current_app, flash, g, redirect, request, url_for

from surveys.lib.errors import Forbidden
from surveys.lib.i18n import _

View = TypeVar("View", bound=Callable[..., Any])


class Role(StrEnum):
    """What a staff user is, from the most to the least trusted."""

    ADMIN = "admin"
    LEAD = "lead"
    AGENT = "agent"
    PRODUCT = "product"
    VIEWER = "viewer"


class Permission(StrEnum):
    """One line of the table of roles (product.md)."""

    READ = "read"
    CONTACT_DETAILS = "contact_details"
    WORK_CASES = "work_cases"
    TAG = "tag"
    EDIT_OWN_CUSTOMERS = "edit_own_customers"
    EDIT_CUSTOMERS = "edit_customers"
    CAMPAIGNS = "campaigns"
    EXPORT = "export"
    ADMINISTER = "administer"


_READERS = {Permission.READ}
_PRODUCT = _READERS | {Permission.CONTACT_DETAILS, Permission.TAG}
_AGENT = _PRODUCT | {Permission.WORK_CASES, Permission.EDIT_OWN_CUSTOMERS}
_LEAD = _AGENT | {Permission.EDIT_CUSTOMERS, Permission.CAMPAIGNS, Permission.EXPORT}

MAY: dict[Role, set[Permission]] = {
    Role.VIEWER: _READERS,
    Role.PRODUCT: _PRODUCT,
    Role.AGENT: _AGENT,
    Role.LEAD: _LEAD,
    Role.ADMIN: _LEAD | {Permission.ADMINISTER},
}


class User(Protocol):
    """What this room needs to know of a staff user."""

    id: int
    name: str
    role: Role
    locale: str


def may(user: User | None, permission: Permission) -> bool:
    return user is not None and permission in MAY[user.role]


def roles_with(permission: Permission) -> list[Role]:
    """The roles that carry this permission."""
    return [role for role in Role if permission in MAY[role]]


def current_user() -> Any:
    """The staff user who is asking, or None."""
    return g.get("user")


def guard(permission: Permission) -> Callable[[View], View]:
    """Only for logged-in staff whose role has this permission."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            user = current_user()
            if user is None:
                return _to_log_in()
            if not may(user, permission):
                raise Forbidden(_("Your role does not allow this. An administrator can change it."))
            return view(*args, **kwargs)

        guarded.access = permission  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def public(view: View) -> View:
    """Open to everybody; the view itself says what a stranger may see."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def _to_log_in() -> Any:
    """To the log-in page, and back to the page one was going to, or whose form one sent."""
    if request.method == "GET":
        return redirect(url_for("auth.log_in", next=request.full_path.rstrip("?")), 303)
    flash(_("Your log-in had ended, so this was neither sent nor saved. Log in and send it once more."), "error")
    return redirect(url_for("auth.log_in", next=_page_of_form()), 303)


def _page_of_form() -> str | None:
    """The page of ours that a form was sent from, when the browser names it and it can be opened again."""
    sender = urlsplit(request.referrer or "")
    addresses = current_app.create_url_adapter(request)
    can_open = addresses is not None and sender.netloc == request.host and addresses.test(sender.path, "GET")
    return urlunsplit(("", "", sender.path, sender.query, "")) if can_open else request.form.get("next")
