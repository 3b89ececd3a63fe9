"""Kinds of one's own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from surveys.events.actions import note
from surveys.lib.db import db
from surveys.lib.errors import Invalid, Refused
from surveys.lib.i18n import _
from surveys.questionnaires import kinds, queries
from surveys.questionnaires.actions.versions import Actor
from surveys.questionnaires.models import Kind, Questionnaire
from surveys.settings.queries import organisation


def add_kind(key: str, values: dict[str, Any], *, by: Actor) -> Kind:
    """A kind of one's own; it follows the same rules as those Koe is delivered with."""
    if db.session.get(Kind, key) is not None:
        raise Invalid(_("There is a kind of this key already."))
    last = db.session.scalar(select(func.max(Kind.position))) or 0
    kind = Kind(key=key, position=last + 1, **values)
    db.session.add(kind)
    db.session.flush()
    _note("kind_added", kind, by)
    return kind


def change_kind(kind: Kind, values: dict[str, Any], *, by: Actor) -> None:
    """Set these columns; once somebody was asked with it, only its names can change (M-20)."""
    changed = {name: value for name, value in values.items() if getattr(kind, name) != value}
    if changed.keys() - {"name", "name_ja"} and (kind.key in kinds.KEYS or queries.is_used(kind)):
        raise Refused(_("Somebody was asked with this kind already; its scale stays what it is. Add another kind."))
    for name, value in changed.items():
        setattr(kind, name, value)
    if changed:
        db.session.flush()
        _note("kind_changed", kind, by, fields=sorted(changed))


def remove_kind(kind: Kind, *, by: Actor) -> None:
    """Take a kind away that nobody uses."""
    asked = db.session.scalar(select(Questionnaire.id).where(Questionnaire.kind_key == kind.key).limit(1))
    if kind.key in kinds.KEYS or asked is not None:
        raise Refused(_("A questionnaire uses this kind; it stays."))
    _note("kind_removed", kind, by)
    db.session.delete(kind)
    db.session.flush()


def _note(what: str, kind: Kind, by: Actor, **data: Any) -> None:
    """Kinds have keys instead of numbers: written down with the organisation."""
    note(what, organisation(), by=by, key=kind.key, **data)
