"""Making questionnaires and kinds, and changing what is asked."""

from surveys.questionnaires.actions.further import ask_further, order_further, put_further, remove_further
from surveys.questionnaires.actions.kinds import add_kind, change_kind, remove_kind
from surveys.questionnaires.actions.making import create, create_of_kind, ensure_ready
from surveys.questionnaires.actions.words import refuse_unknown, reword

__all__ = [
    "add_kind",
    "ask_further",
    "change_kind",
    "create",
    "create_of_kind",
    "ensure_ready",
    "order_further",
    "put_further",
    "refuse_unknown",
    "remove_further",
    "remove_kind",
    "reword",
]
