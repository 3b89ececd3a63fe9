"""What was written in a form that came when nothing is taken any more: shown again to whoever wrote it, kept nowhere.

Only a form of ours is shown again, however old it is: nobody can make this page say a stranger's words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

from surveys.intake.forms import SCORE, Entered
from surveys.lib.i18n import _
from surveys.questionnaires.questions import Question, as_entered

LONGEST_ADDRESS: Final = 2000  # characters that every mail program takes in a link


def words(entered: Entered, questions: Sequence[Question], language: str, values: Mapping[str, str]) -> str:
    """All that was entered, as one text to copy, in the language being spoken; empty when nothing was."""
    parts = [_("Your score: %(score)s", score=entered.score)] if SCORE.fullmatch(entered.score) else []
    parts += [entered.comment] if entered.comment else []
    parts += [f"{asked}\n{said}" for asked, said in as_entered(questions, entered.further, language, values)]
    return "\n\n".join(parts)


def mail_to(address: str, text: str) -> str:
    """A link that begins a mail with this text, as far as links can carry it; empty without an address."""
    if not address:
        return ""
    subject, body = quote(_("My answer to your survey")), quote(text.replace("\n", "\r\n"))
    bare = f"mailto:{quote(address, safe='@')}?subject={subject}"
    whole = f"{bare}&body={body}"
    return whole if len(whole) <= LONGEST_ADDRESS else bare
