"""The further questions of a questionnaire: which, and in which order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from surveys.events.actions import note
from surveys.lib.db import db
from surveys.lib.errors import Invalid
from surveys.lib.i18n import _, language
from surveys.questionnaires import questions as further
from surveys.questionnaires import rows
from surveys.questionnaires.actions.versions import Actor, editable, newest
from surveys.questionnaires.models import Questionnaire, Version


def ask_further(questionnaire: Questionnaire, questions: list[dict[str, Any]], *, by: Actor | None = None) -> Version:
    """Set the further questions, in their order: in place while nobody was asked, else as a new version (S-34).

    Who changes the ends of a scale that was asked asks another question: its answers are kept apart.
    """
    _refuse_disorder(questions)
    present = newest(questionnaire)
    if questions == present.questions:
        return present
    questions = further.own_keys(questions, _asked_before(questionnaire))
    present = editable(questionnaire, present, by=by)
    present.questions = questions
    db.session.flush()
    note("questionnaire_questions_changed", questionnaire, by=by, version=present.number, number=len(questions))
    return present


def put_further(
    questionnaire: Questionnaire, question: Mapping[str, Any], *, is_new: bool, by: Actor | None = None
) -> Version:
    """Put one question in its place, or, a new one, at the end under a key that was never used."""
    present = list(newest(questionnaire).questions)
    if is_new:
        return ask_further(questionnaire, [*present, {**question, "key": _free_key(questionnaire)}], by=by)
    return ask_further(questionnaire, rows.replaced(present, dict(question)), by=by)


def order_further(questionnaire: Questionnaire, wanted: Mapping[str, Any], *, by: Actor | None = None) -> Version:
    """Set the order of the further questions: as a list of all keys, or one of them moved by a place."""
    return ask_further(questionnaire, rows.ordered(newest(questionnaire).questions, wanted), by=by)


def remove_further(questionnaire: Questionnaire, key: str, *, by: Actor | None = None) -> Version:
    """No longer ask this question."""
    return ask_further(questionnaire, rows.without(newest(questionnaire).questions, key), by=by)


def _free_key(questionnaire: Questionnaire) -> str:
    every = select(Version).where(Version.questionnaire_id == questionnaire.id)
    return further.free_key(db.session.scalars(every))


def _asked_before(questionnaire: Questionnaire) -> list[Version]:
    asked = select(Version).where(Version.questionnaire_id == questionnaire.id, Version.frozen_at.is_not(None))
    return list(db.session.scalars(asked.order_by(Version.number)))


def _refuse_disorder(questions: list[dict[str, Any]]) -> None:
    """A question can follow an answer only to one that stands before it."""
    most = further.MOST_QUESTIONS
    if len(questions) > most:
        raise Invalid(_("A questionnaire has %(most)s further questions at most.", most=most))
    marks: dict[str, set[str]] = {}
    for each in further.parsed(questions):
        if each.when.after and not set(each.when.answers) <= marks.get(each.when.after, set()):
            raise Invalid(_misplaced(each.text(language())))
        marks[each.key] = {mark for mark, _label in each.choices("")}


def _misplaced(text: str) -> str:
    return _(
        "“%(question)s” is shown after an answer that would no longer come before it. Change that first.",
        question=text,
    )
