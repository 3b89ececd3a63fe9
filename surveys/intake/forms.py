"""Reading what a customer's form sends: strict about its shape, and never changing a character of what was written.

Plain functions instead of WTForms: this is on the way of every answer, and the form is built from the version shown.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import parse_qsl

from wtforms import Field, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from surveys.lib import addresses
from surveys.lib.forms import Form
from surveys.lib.i18n import LANGUAGES, _, _l
from surveys.questionnaires.questions import LONGEST_TEXT, MOST_OPTIONS, MOST_QUESTIONS, Question, Sent
from surveys.questionnaires.questions import read as read_further

LONGEST_COMMENT = 5000  # code points
# Bytes: so many characters of four bytes, each byte written as %XX, and the fields around them.
LARGEST_BODY = (LONGEST_COMMENT + MOST_QUESTIONS * LONGEST_TEXT) * 12 + 36 * 1024
MOST_FIELDS = 20 + MOST_QUESTIONS * MOST_OPTIONS
FURTHER = re.compile(r"q[0-9]{1,3}(\.[0-9]{1,3})?")
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


class Asking(Protocol):
    """The scale that was shown, None when the question has no score, and its sides."""

    @property
    def low(self) -> int | None: ...
    @property
    def high(self) -> int | None: ...
    def segment_of(self, score: int | None) -> str | None: ...


class NewsForm(Form):
    """What became of an answer, as its giver will read it."""

    text = TextAreaField(_l("What became of it, in the customer's language"), [InputRequired(), Length(max=300)])


class NotMeForm(Form):
    """Why we ask the wrong person, and, if they like, whom to ask instead. Its token is in the address, not in it."""

    shown_in = HiddenField()
    why = RadioField(
        _l("What is the matter?"),
        choices=[
            SelectChoice("left", _l("I am no longer in charge of this")),
            SelectChoice("wrong_address", _l("I have nothing to do with it; the address is wrong")),
        ],
        validators=[Optional()],
    )
    name = StringField(_l("Name"), [Optional(), Length(max=120)])
    email = StringField(_l("E-mail address"), [Optional(), Length(max=254)])
    words = TextAreaField(_l("A word about it"), [Optional(), Length(max=500)])

    def validate_email(self, field: Field) -> None:
        if field.data and not addresses.is_usable(field.data):
            raise ValidationError(_("This is not an e-mail address. Please check it, or leave it empty."))

    @property
    def named(self) -> tuple[str, str, str] | None:
        """Name, address and a word, fit to be shown and one day written to (X-07); None when nothing was said."""
        said = (
            addresses.header_text(self.name.data or "", limit=120),
            self.email.data or "",
            (self.words.data or "").replace("\r\n", "\n"),
        )
        return said if any(said) else None


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
    # The fields of the further questions, by their names.
    further: Mapping[str, str] = field(default_factory=dict)
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
        further={name: text for name, text in fields.items() if FURTHER.fullmatch(name)},
        filled_honeypot=any(fields.get(name) for name in HONEYPOTS),
        is_broken=len(fields) != len(pairs),
    )


def score_in(text: str, low: int | None, high: int | None) -> int | None:
    """The score in a text, if it is one of this scale (M-03)."""
    if low is None or high is None or not SCORE.fullmatch(text):
        return None
    score = int(text)
    return score if low <= score <= high else None


def further_in(entered: Entered, so_far: Asking, questions: Sequence[Question]) -> Sent:
    """The answers to the further questions that go with the score in this posting."""
    return read_further(questions, entered.further, so_far.segment_of(_score(entered, so_far)))


def is_fine(entered: Entered, so_far: Asking, further: Sent) -> bool:
    """Whether there is nothing to say about it, without putting it into words."""
    if entered.is_broken or len(entered.comment) > LONGEST_COMMENT or "\0" in entered.comment or further.problems:
        return False
    if so_far.low is None:
        return bool(entered.comment or further.answers)
    return _score(entered, so_far) is not None


def problems(entered: Entered, so_far: Asking, further: Sent) -> dict[str, str]:
    """What keeps this posting from being an answer, in the reader's language, by field.

    A required question that was left out does not: what was answered is kept, and asked for what is missing after.
    """
    found = {}
    if so_far.low is not None:
        if _score(entered, so_far) is None:
            found["score"] = _("Please choose a number from %(low)s to %(high)s.", low=so_far.low, high=so_far.high)
    elif not entered.comment and not further.answers:
        found["comment"] = _("Please write a few words.")
    found |= further.problems
    if len(entered.comment) > LONGEST_COMMENT:
        found["comment"] = _(
            "Please shorten your text to %(most)s characters; it has %(n)s. Nothing was cut off.",
            most=LONGEST_COMMENT,
            n=len(entered.comment),
        )
    elif "\0" in entered.comment:
        found["comment"] = _("Your text has a character that cannot be stored. Please take it out and send it again.")
    return found


def _score(entered: Entered, so_far: Asking) -> int | None:
    return score_in(entered.score, so_far.low, so_far.high)


def _written(comment: str) -> str:
    """The text as it was written: a form sends its line ends as CR LF; blanks alone are no text."""
    return comment.replace("\r\n", "\n") if comment.strip() else ""


def _known(language: str) -> str:
    return language if language in LANGUAGES else ""
