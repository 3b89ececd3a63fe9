"""Reading what a customer's form sends: strict about its shape, and never changing a character of what was written.

Plain functions instead of WTForms: this is on the way of every answer, and the form is built from the version shown.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional

from surveys.lib.forms import Form
from surveys.lib.i18n import LANGUAGES, _, _l
from surveys.responses.queries import Standing

LONGEST_COMMENT = 5000  # code points
# Bytes: so many characters of four bytes, each byte written as %XX, and the fields around them.
LARGEST_BODY = LONGEST_COMMENT * 12 + 36 * 1024
MOST_FIELDS = 20
SCORE = re.compile(r"10|[0-9]")
# Hidden from people; whoever fills them in read the page without seeing it.
HONEYPOTS = ("website", "agreed")


class ExclusionForm(Form):
    reason = StringField(_l("Why is this answer left out?"), [InputRequired(), Length(max=500)])


class EntryForm(Form):
    """An answer that a customer gave to a member of staff. The questionnaires are set by the view."""

    # A form that comes twice, after a lost connection or a double click, is one answer.
    nonce = HiddenField(default=lambda: secrets.token_urlsafe(12))
    questionnaire = SelectField(_l("Question"), [InputRequired()])
    score = StringField(_l("Score"), [Optional()], render_kw={"inputmode": "numeric"})
    comment = TextAreaField(_l("In the customer's words"), [Length(max=LONGEST_COMMENT)])
    language = SelectField(_l("Language"), choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()])
    contact_wanted = RadioField(
        _l("May we contact them about it?"),
        choices=[SelectChoice("", _l("Not asked")), SelectChoice("yes", _l("Yes")), SelectChoice("no", _l("No"))],
        default="",
    )


@dataclass(frozen=True)
class Entered:
    """The fields of one posting as they came, empty when they did not."""

    nonce: str = ""
    score: str = ""
    comment: str = ""
    contact: str = ""
    shown_in: str = ""
    visit: str = ""
    # The language asked for by the language button.
    language: str = ""
    filled_honeypot: bool = False
    is_broken: bool = False
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def wants_contact(self) -> bool | None:
        return {"yes": True, "no": False}.get(self.contact)


def read(body: bytes) -> Entered:
    """The posting in this body; `is_broken` when it is no form, not UTF-8, or says a thing twice (X-25)."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        return Entered(is_broken=True)
    fields = dict(pairs)
    return Entered(
        nonce=fields.get("nonce", ""),
        score=fields.get("score", ""),
        comment=_written(fields.get("comment", "")),
        contact=fields.get("contact", ""),
        shown_in=_known(fields.get("shown_in", "")),
        visit=fields.get("visit", ""),
        language=_known(fields.get("language", "")),
        filled_honeypot=any(fields.get(name) for name in HONEYPOTS),
        is_broken=len(fields) != len(pairs),
    )


def score_in(text: str, low: int | None, high: int | None) -> int | None:
    """The score in a text, if it is one of this scale (M-03)."""
    if low is None or high is None or not SCORE.fullmatch(text):
        return None
    score = int(text)
    return score if low <= score <= high else None


def is_fine(entered: Entered, so_far: Standing) -> bool:
    """Whether there is nothing to say about it, without putting it into words."""
    if entered.is_broken or len(entered.comment) > LONGEST_COMMENT or "\0" in entered.comment:
        return False
    return bool(entered.comment) if so_far.low is None else _score(entered, so_far) is not None


def problems(entered: Entered, so_far: Standing) -> dict[str, str]:
    """What keeps this posting from being an answer, in the reader's language, by field."""
    found = {}
    if so_far.low is not None:
        if _score(entered, so_far) is None:
            found["score"] = _("Please choose a number from %(low)s to %(high)s.", low=so_far.low, high=so_far.high)
    elif not entered.comment:
        found["comment"] = _("Please write a few words.")
    if len(entered.comment) > LONGEST_COMMENT:
        found["comment"] = _(
            "Please shorten your text to %(most)s characters; it has %(n)s. Nothing was cut off.",
            most=LONGEST_COMMENT,
            n=len(entered.comment),
        )
    elif "\0" in entered.comment:
        found["comment"] = _("Your text has a character that cannot be stored. Please take it out and send it again.")
    return found


def _score(entered: Entered, so_far: Standing) -> int | None:
    return score_in(entered.score, so_far.low, so_far.high)


def _written(comment: str) -> str:
    """The text as it was written: a form sends its line ends as CR LF; blanks alone are no text."""
    return comment.replace("\r\n", "\n") if comment.strip() else ""


def _known(language: str) -> str:
    return language if language in LANGUAGES else ""
