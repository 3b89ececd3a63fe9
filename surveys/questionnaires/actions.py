"""Making questionnaires and changing their words."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import select

from surveys.events.actions import note
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.errors import Invalid
from surveys.lib.i18n import _
from surveys.questionnaires import kinds, queries, ready, wording
from surveys.questionnaires.models import Kind, Questionnaire, Version


class _Actor(Protocol):
    id: Any


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
            _add(questionnaire, each.wording)


def create(name: str, like: Questionnaire, *, by: _Actor | None = None) -> Questionnaire:
    """A new questionnaire with the present words of another one."""
    name = name.strip()
    if db.session.scalar(select(Questionnaire.id).where(Questionnaire.name == name)):
        raise Invalid(_("There is a questionnaire of this name already."))
    questionnaire = Questionnaire(key=_free_key(like), name=name, kind_key=like.kind_key, created_at=clock.now())
    _add(questionnaire, dict(queries.latest(like).wording), by=by)
    note("questionnaire_created", questionnaire, by=by, like=like.key)
    return questionnaire


def reword(questionnaire: Questionnaire, language: str, texts: dict[str, Any], *, by: _Actor | None = None) -> Version:
    """Change the words of one language: in place while nobody was asked with them, else as a new version (S-34)."""
    refuse_unknown(texts)
    present = queries.latest(questionnaire)
    changed = present.wording | {language: present.texts(language) | texts}
    if changed == present.wording:
        return present
    if present.is_frozen:
        present = _version(questionnaire, present.number + 1, changed, by=by)
    else:
        present.wording = changed
    db.session.flush()
    note("questionnaire_reworded", questionnaire, by=by, version=present.number, language=language)
    return present


def refuse_unknown(texts: dict[str, Any]) -> None:
    """Placeholders that nobody could fill are an error now and not in ten thousand mails (X-17)."""
    for name in wording.ALLOWED:
        for found in wording.unknown(name, texts.get(name, "")):
            raise Invalid(_("%(word)s cannot stand here.", word=f"{{{found}}}"))
    if "letter" in texts and texts["letter"].count("{scale}") != 1:
        raise Invalid(_("The letter needs {scale} exactly once: there the question and its numbers stand."))


def _add(questionnaire: Questionnaire, words: dict[str, Any], *, by: _Actor | None = None) -> None:
    db.session.add(questionnaire)
    db.session.flush()
    _version(questionnaire, 1, words, by=by)
    db.session.flush()


def _version(questionnaire: Questionnaire, number: int, words: dict[str, Any], *, by: _Actor | None) -> Version:
    version = Version(
        questionnaire=questionnaire,
        number=number,
        wording=words,
        created_at=clock.now(),
        created_by_id=by.id if by else None,
    )
    db.session.add(version)
    return version


def _free_key(like: Questionnaire) -> str:
    """The next of nps-1, nps-2 …: what the command line calls it."""
    taken = set(db.session.scalars(select(Questionnaire.key).where(Questionnaire.kind_key == like.kind_key)))
    number = 1
    while f"{like.kind_key}-{number}" in taken:
        number += 1
    return f"{like.kind_key}-{number}"
