"""Forms of the queue and of its cases: shape and limits of input."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from surveys.followups import causes, words
from surveys.lib.forms import Form
from surveys.lib.i18n import _, _l
from surveys.lib.numbers import row_number

LONG: Final = Length(max=10_000)
# What the first reply leaves open for its writer to say.
OPEN_PLACES: Final = ("〔要点〕", "〔質問〕", "[the matter]", "[your question]")


def _choices(pairs: Mapping[str, Any]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in pairs.items()]


def _written(_form: Form, field: Field) -> None:
    """Blanks alone are nothing."""
    if not field.data:
        raise ValidationError(_("Write something first."))


def _filled_in(_form: Form, field: Field) -> None:
    left = [place for place in OPEN_PLACES if place in (field.data or "")]
    if left:
        raise ValidationError(_("Replace or delete %(places)s before sending.", places=", ".join(left)))


def _in_our_time(_form: Form, field: Field) -> None:
    """Neither before nor after all calendars: such a day has no moment everywhere on earth."""
    if field.data is not None and not 1900 <= field.data.year < 9000:
        raise ValidationError(_("Check the year."))


class NoteForm(Form):
    """A note among ourselves."""

    note = TextAreaField(_l("Note"), [InputRequired(_l("Write something first.")), _written, LONG])


class ReplyForm(Form):
    """An answer to the customer, and the newest entry of the timeline when it was begun."""

    subject = StringField(_l("Subject"), [InputRequired(), _written, Length(max=200)])
    reply = TextAreaField(_l("Your reply"), [InputRequired(_l("Write something first.")), _written, LONG, _filled_in])
    quotes = BooleanField(_l("Quote the customer's words below"))
    seen = HiddenField(default="0")

    @property
    def seen_entry_id(self) -> int:
        """Nothing was seen by who sends what can be no number."""
        try:
            return row_number(self.seen.data or "0")
        except ValueError:
            return 0


class CallForm(Form):
    """A call, a visit or a meeting that took place."""

    channel = RadioField(_l("How"), choices=_choices(words.CHANNELS), default="phone")
    at = DateTimeLocalField(_l("When"), [InputRequired(), _in_our_time])
    result = RadioField(_l("What came of it"), choices=_choices(words.RESULTS), default="talked")
    text = TextAreaField(_l("What was said"), [Optional(), LONG])
    waits = BooleanField(_l("The next word is the customer's"))

    def moment(self, zone: ZoneInfo) -> datetime:
        """When it took place, where the organisation is."""
        assert self.at.data is not None
        return self.at.data.replace(tzinfo=zone)


class SnoozeForm(Form):
    """Until when a case sleeps: one of the offered mornings, or a day of one's own."""

    until = DateField(_l("Another day"), [InputRequired(), _in_our_time])

    @property
    def day(self) -> date:
        return self.until.data or date.min


class ResolutionForm(Form):
    """All that resolving asks for, on one form."""

    cause = SelectField(_l("Cause"), [InputRequired()], validate_choice=False)
    what_was_done = TextAreaField(_l("What was done"), [InputRequired(), _written, LONG])
    outcome = RadioField(_l("Outcome"), [InputRequired(_l("Choose one."))], choices=_choices(words.OUTCOMES))
    customer_told = RadioField(
        _l("Has the customer been told?"),
        [InputRequired(_l("Choose one."))],
        choices=_choices({"yes": _l("Yes, the customer knows"), "no": _l("No, not yet")}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cause.choices = [SelectChoice("", _("Choose a cause"))]
        for group, pairs in causes.choices():
            self.cause.choices += [SelectChoice(key, label, optgroup=group) for key, label in pairs]

    def validate_cause(self, field: Field) -> None:
        if not causes.is_known(field.data or ""):
            raise ValidationError(_("Choose a cause."))


class HandOverForm(Form):
    """To whom a case goes: a colleague's number, or nobody's (0), and who had it when the page was read."""

    to = SelectField(_l("Hand over to"), coerce=int)
    seen = HiddenField(default="0")


class WhyForm(Form):
    """One line that says why."""

    why = StringField(_l("Why"), [InputRequired(), _written, Length(max=500)])
