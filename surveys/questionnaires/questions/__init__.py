"""The further questions of a questionnaire: up to ten beside the scored one, each of a kind, each shown when it fits.

They are kept as plain data in the version (`Version.questions`), frozen with it; here they come alive. A kind of
question is one class in `kinds` and one partial in templates/questionnaires/further.
"""

from __future__ import annotations

from surveys.questionnaires.questions.base import (
    LONGEST_TEXT,
    MOST_OPTIONS,
    MOST_QUESTIONS,
    Question,
    Unfit,
    Value,
    When,
)
from surveys.questionnaires.questions.conditions import fitting, shown, stylesheet
from surveys.questionnaires.questions.keys import free_key, option_keys, own_keys, used_options
from surveys.questionnaires.questions.kinds import KINDS, parsed
from surveys.questionnaires.questions.reading import Said, Sent, as_entered, fields_of, in_words, read, said, written

__all__ = [
    "KINDS",
    "LONGEST_TEXT",
    "MOST_OPTIONS",
    "MOST_QUESTIONS",
    "Question",
    "Said",
    "Sent",
    "Unfit",
    "Value",
    "When",
    "as_entered",
    "fields_of",
    "fitting",
    "free_key",
    "in_words",
    "option_keys",
    "own_keys",
    "parsed",
    "read",
    "said",
    "shown",
    "stylesheet",
    "used_options",
    "written",
]
