"""Reading questionnaires."""

from __future__ import annotations

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from surveys.lib.db import db
from surveys.lib.errors import NotFound
from surveys.lib.i18n import _
from surveys.questionnaires.models import Kind, Questionnaire, Version


def kinds() -> list[Kind]:
    return list(db.session.scalars(select(Kind).order_by(Kind.position)))


def questionnaires() -> Select[Questionnaire]:
    """Those in use, by kind and then the oldest first."""
    return (
        select(Questionnaire)
        .join(Kind)
        .where(Questionnaire.archived_at.is_(None))
        .order_by(Kind.position, Questionnaire.id)
        .options(joinedload(Questionnaire.kind))
    )


def by_key(key: str) -> Questionnaire:
    found = db.session.scalar(select(Questionnaire).where(Questionnaire.key == key))
    if found is None:
        raise NotFound(_("There is no questionnaire “%(key)s”.", key=key))
    return found


def questionnaire(questionnaire_id: int) -> Questionnaire:
    found = db.session.get(Questionnaire, questionnaire_id, options=[joinedload(Questionnaire.kind)])
    if found is None:
        raise NotFound(_("This questionnaire does not exist."))
    return found


def versions(questionnaire: Questionnaire) -> Select[Version]:
    """All versions, the newest first."""
    return select(Version).where(Version.questionnaire_id == questionnaire.id).order_by(Version.number.desc())


def latest(questionnaire: Questionnaire) -> Version:
    """The version that the next campaign uses."""
    return db.session.scalars(versions(questionnaire).limit(1)).one()


def version_counts() -> dict[int, int]:
    """How many versions each questionnaire has."""
    counted = select(Version.questionnaire_id, func.count()).group_by(Version.questionnaire_id)
    return dict(db.session.execute(counted).all())
