"""Changing the words of one language."""

from __future__ import annotations

from typing import Any

from surveys.events.actions import note
from surveys.lib.db import db
from surveys.lib.errors import Invalid
from surveys.lib.i18n import _
from surveys.questionnaires import wording
from surveys.questionnaires.actions.versions import Actor, editable, newest
from surveys.questionnaires.models import Questionnaire, Version


def reword(questionnaire: Questionnaire, language: str, texts: dict[str, Any], *, by: Actor | None = None) -> Version:
    """Change the words of one language: in place while nobody was asked with them, else as a new version (S-34)."""
    refuse_unknown(texts)
    present = newest(questionnaire)
    changed = present.wording | {language: present.texts(language) | texts}
    if changed == present.wording:
        return present
    present = editable(questionnaire, present, by=by)
    present.wording = changed
    db.session.flush()
    note("questionnaire_reworded", questionnaire, by=by, version=present.number, language=language)
    return present


def refuse_unknown(texts: dict[str, Any]) -> None:
    """Placeholders that nobody could fill are an error now and not in ten thousand mails (X-17)."""
    for name in wording.ALLOWED:
        for found in wording.unknown(name, texts.get(name, "")):
            raise Invalid(_("%(word)s cannot stand here.", word=f"{{{found}}}"))
    if texts.get("letter") and texts["letter"].count("{scale}") != 1:
        raise Invalid(_("The letter needs {scale} exactly once: there the question and its numbers stand."))
