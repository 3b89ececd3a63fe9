"""Reading questionnaires."""

from __future__ import annotations

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from surveys.lib.db import db
from surveys.lib.errors import NotFound
from surveys.lib.i18n import _
from surveys.questionnaires.models import Kind, Questionnaire, Version
from surveys.scales import Scale


def kinds() -> list[Kind]:
    return list(db.session.scalars(select(Kind).order_by(Kind.position)))


def scales() -> dict[str, Scale]:
    """The arithmetic of every kind that has a score, by key: one query."""
    return {kind.key: kind.scale for kind in kinds() if kind.scale is not None}


def scale_of(kind_key: str) -> Scale | None:
    kind = db.session.get(Kind, kind_key)
    return kind.scale if kind else None


def kind(key: str) -> Kind:
    found = db.session.get(Kind, key)
    if found is None:
        raise NotFound(_("There is no such kind."))
    return found


def is_used(kind: Kind) -> bool:
    """Whether somebody was asked or answered with it: from then on its scale stays what it is (M-20)."""
    frozen = select(Version.id).join(Questionnaire).where(Questionnaire.kind_key == kind.key)
    return db.session.scalar(frozen.where(Version.frozen_at.is_not(None)).limit(1)) is not None


def kind_counts() -> dict[str, int]:
    """How many questionnaires each kind has."""
    counted = select(Questionnaire.kind_key, func.count()).group_by(Questionnaire.kind_key)
    return dict(db.session.execute(counted).all())


def kinds_without_questionnaire() -> list[Kind]:
    asked = select(Questionnaire.id).where(Questionnaire.kind_key == Kind.key, Questionnaire.archived_at.is_(None))
    return list(db.session.scalars(select(Kind).where(~asked.exists()).order_by(Kind.position)))


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


def version(questionnaire: Questionnaire, number: int | None) -> Version:
    """The version of this number, else the newest."""
    known = {each.number: each for each in questionnaire.versions}
    return known.get(number or 0) or latest(questionnaire)


def latest(questionnaire: Questionnaire) -> Version:
    """The version that the next campaign uses."""
    return db.session.scalars(versions(questionnaire).limit(1)).one()


def version_counts() -> dict[int, int]:
    """How many versions each questionnaire has."""
    counted = select(Version.questionnaire_id, func.count()).group_by(Version.questionnaire_id)
    return dict(db.session.execute(counted).all())
