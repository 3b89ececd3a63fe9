"""New questionnaires: those that are delivered, copies, and the first of a kind."""

from __future__ import annotations

from sqlalchemy import select

from surveys.events.actions import note
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.errors import Invalid
from surveys.lib.i18n import _
from surveys.questionnaires import kinds, queries, ready
from surveys.questionnaires.actions.versions import Actor, add
from surveys.questionnaires.models import Kind, Questionnaire


def ensure_ready() -> None:
    """Put the delivered kinds and questionnaires in; what is there already stays as it is."""
    known_kinds = set(db.session.scalars(select(Kind.key)))
    db.session.add_all(Kind(**row) for row in kinds.rows() if row["key"] not in known_kinds)
    db.session.flush()
    known = set(db.session.scalars(select(Questionnaire.key)))
    for each in ready.everything():
        if each.key not in known:
            questionnaire = Questionnaire(
                key=each.key, name=each.name, name_ja=each.name_ja, kind_key=each.kind_key, created_at=clock.now()
            )
            add(questionnaire, each.wording)


def create(name: str, like: Questionnaire, *, by: Actor | None = None) -> Questionnaire:
    """A new questionnaire with the present words of another one."""
    questionnaire = _new(name, like.kind_key)
    model = queries.latest(like)
    add(questionnaire, dict(model.wording), questions=list(model.questions), by=by)
    note("questionnaire_created", questionnaire, by=by, like=like.key)
    return questionnaire


def create_of_kind(name: str, kind: Kind, *, by: Actor | None = None) -> Questionnaire:
    """The first questionnaire of a kind: what stands in every one is there, the question itself is still to write."""
    questionnaire = _new(name, kind.key)
    add(questionnaire, ready.shared(), by=by)
    note("questionnaire_created", questionnaire, by=by, key=kind.key)
    return questionnaire


def _new(name: str, kind_key: str) -> Questionnaire:
    name = name.strip()
    if db.session.scalar(select(Questionnaire.id).where(Questionnaire.name == name)):
        raise Invalid(_("There is a questionnaire of this name already."))
    return Questionnaire(key=_free_key(kind_key), name=name, kind_key=kind_key, created_at=clock.now())


def _free_key(kind_key: str) -> str:
    """The next of nps-1, nps-2 …: what the command line calls it."""
    taken = set(db.session.scalars(select(Questionnaire.key).where(Questionnaire.kind_key == kind_key)))
    number = 1
    while f"{kind_key}-{number}" in taken:
        number += 1
    return f"{kind_key}-{number}"
