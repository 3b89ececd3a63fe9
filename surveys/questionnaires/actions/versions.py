"""Versions: changed in place while nobody was asked with them, else followed by the next (S-34)."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import select

from surveys.lib import clock
from surveys.lib.db import db
from surveys.questionnaires import queries
from surveys.questionnaires.models import Questionnaire, Version


class Actor(Protocol):
    id: Any


def newest(questionnaire: Questionnaire) -> Version:
    """The newest version as it is now: until the transaction ends nobody adds one, or is the first asked with it."""
    db.session.execute(select(Questionnaire.id).where(Questionnaire.id == questionnaire.id).with_for_update())
    held = queries.versions(questionnaire).limit(1).with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(held).one()


def editable(questionnaire: Questionnaire, present: Version, *, by: Actor | None) -> Version:
    """The newest version when nobody was asked with it, else a new one with the same in it."""
    if not present.is_frozen:
        return present
    return version(questionnaire, present.number + 1, present.wording, questions=present.questions, by=by)


def add(
    questionnaire: Questionnaire,
    words: dict[str, Any],
    *,
    questions: list[dict[str, Any]] | None = None,
    by: Actor | None = None,
) -> None:
    db.session.add(questionnaire)
    db.session.flush()
    version(questionnaire, 1, words, questions=questions, by=by)
    db.session.flush()


def version(
    questionnaire: Questionnaire,
    number: int,
    words: dict[str, Any],
    *,
    questions: list[dict[str, Any]] | None = None,
    by: Actor | None,
) -> Version:
    made = Version(
        questionnaire=questionnaire,
        number=number,
        wording=words,
        questions=questions or [],
        created_at=clock.now(),
        created_by_id=by.id if by else None,
    )
    db.session.add(made)
    return made
