"""A new questionnaire, and all texts of one language."""

from __future__ import annotations

from typing import Any

from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from surveys.lib.forms import EditForm, Form
from surveys.lib.i18n import _, _l
from surveys.questionnaires import wording
from surveys.questionnaires.forms.braces import lines, refuse_unknown
from surveys.questionnaires.kinds import KEYS
from surveys.questionnaires.models import Kind

LINE, TEXT = 300, 1000
WORDED = 7  # points: more words than that fit beside no scale


class NewForm(Form):
    name = StringField(_l("Name"), [InputRequired(), Length(max=120)])
    like = SelectField(_l("Start from"), [InputRequired()])


def _placeholders(_form: Form, field: Any) -> None:
    refuse_unknown(wording.ALLOWED[field.name], field.data or "")


def _line(label: Any, longest: int = LINE) -> StringField:
    return StringField(label, [Optional(), Length(max=longest), _placeholders])


def _text(label: Any, longest: int = TEXT) -> TextAreaField:
    return TextAreaField(label, [Optional(), Length(max=longest), _placeholders])


class WordingForm(EditForm):
    """All texts of one language; what is left empty is said in the other one, and shown as missing."""

    question = _text(_l("Question"))
    low = _line(_l("Words at the low end"), 60)
    high = _line(_l("Words at the high end"), 60)
    labels = TextAreaField(_l("A word for each point"), [Optional(), Length(max=600)])
    why_bad = _text(_l("Second question after a bad score"))
    why_middle = _text(_l("Second question after a middling score"))
    why_good = _text(_l("Second question after a good score"))
    consent = _text(_l("May we get in touch?"))
    consent_yes = _line(_l("Yes"), 40)
    consent_no = _line(_l("No"), 60)
    identity = _text(_l("Who reads the answer"))
    thanks = _text(_l("Thanks"))
    thanks_worst = _text(_l("Thanks after the worst scores, first sentence"))
    thanks_contact = _text(_l("Thanks when contact is wanted"))
    subject = _line(_l("Subject of the mail"), 120)
    letter = _text(_l("Letter"), wording.LONGEST)

    points: int

    @classmethod
    def of(cls, kind: Kind, texts: dict[str, Any]) -> WordingForm:
        """The form for a kind, filled with its present texts."""
        form = cls(data=texts | {"labels": "\n".join(texts.get("labels", []))})
        form.points = len(kind.points)
        for name in wording.SCORED_ONLY if not kind.is_scored else ():
            delattr(form, name)
        if not kind.is_scored or not (texts.get("labels") or _is_own(kind)):
            del form.labels
        return form

    def validate_labels(self, field: Any) -> None:
        each = lines(field.data)
        if each and len(each) != self.points:
            raise ValidationError(_("Please write %(points)s lines, one for each point.", points=self.points))
        if max((len(label) for label in each), default=0) > 40:
            raise ValidationError(_("Please keep each word below 40 characters."))

    def validate_letter(self, field: Any) -> None:
        if field.data and field.data.count("{scale}") != 1:
            raise ValidationError(_("The letter needs {scale} exactly once: there the question and its numbers stand."))

    @property
    def texts(self) -> dict[str, Any]:
        """What was written, as a version keeps it."""
        written = {name: (self[name].data or "").replace("\r\n", "\n") for name in wording.ALLOWED if name in self}
        return written | ({"labels": lines(self.labels.data)} if "labels" in self else {})


def _is_own(kind: Kind) -> bool:
    """Whether it is a kind of one's own, so that nobody but the writer knows whether its points have words."""
    return kind.key not in KEYS and len(kind.points) <= WORDED
