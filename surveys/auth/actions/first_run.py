"""The first run: a code on the console, and the first administrator (X-30)."""

from __future__ import annotations

import hmac
import secrets

from surveys.auth import queries
from surveys.auth.actions.users import add_user
from surveys.auth.models import StaffUser
from surveys.lib import clock
from surveys.lib.access import Role
from surveys.lib.db import db
from surveys.lib.errors import NotFound
from surveys.lib.i18n import _
from surveys.lib.tokens import fingerprint
from surveys.settings.queries import organisation

CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that is taken for another


def setup_code() -> str | None:
    """A fresh one-time code for the first administrator, to be printed on the console; None once there is one (X-30).

    Only its hash is kept, so every start before the set-up prints a new one.
    """
    ours = organisation()
    if ours.set_up_at is not None or queries.has_users():
        return None
    code = "-".join("".join(secrets.choice(CODE_LETTERS) for _letter in range(4)) for _group in range(4))
    ours.setup_code = fingerprint(_plain(code))
    return code


def is_set_up() -> bool:
    return organisation().set_up_at is not None or queries.has_users()


def is_setup_code(code: str) -> bool:
    """Whether this is the code on the console."""
    kept = organisation().setup_code
    return bool(kept) and hmac.compare_digest(fingerprint(_plain(code)), kept)


def _plain(code: str) -> str:
    """The letters alone, however they were typed."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def set_up(code: str, *, email: str, name: str, password_hash: str, locale: str) -> StaffUser:
    """The first administrator; closes the first run for good."""
    ours = organisation()
    if is_set_up() or not is_setup_code(code):
        raise NotFound(_("Koe has been set up already."))
    user = add_user(email=email, name=name, role=Role.ADMIN, locale=locale)
    user.password_hash = password_hash
    ours.set_up_at, ours.setup_code, ours.locale = clock.now(), "", locale
    db.session.flush()
    return user
