"""What administrators and leads enter under Settings."""

from __future__ import annotations

from functools import cache
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    Field,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
    URLField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from surveys.lib import addresses
from surveys.lib.forms import EditForm, Form
from surveys.lib.i18n import LANGUAGES, _, _l

SHORT, LONG = Length(max=200), Length(max=1000)
FIRST_ZONES = ("Asia/Tokyo", "UTC", "Europe/London", "Europe/Berlin", "America/New_York", "America/Los_Angeles")


@cache
def zones() -> list[SelectChoice]:
    """Time zones: those most used first, then all."""
    rest = sorted(
        name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix/", "right/"))
    )
    return [
        SelectChoice(name, name.replace("_", " "))
        for name in (*FIRST_ZONES, *(z for z in rest if z not in FIRST_ZONES))
    ]


def mailable(_form: Form, field: Field) -> None:
    if field.data and not addresses.is_usable(field.data):
        raise ValidationError(_("This is not an e-mail address."))


def web_address(_form: Form, field: Field) -> None:
    parts = urlsplit(field.data or "")
    if field.data and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise ValidationError(_("This is not a web address. It begins with https://"))


class OrganisationForm(EditForm):
    name = StringField(_l("Name, as customers know you"), [InputRequired(), SHORT])
    name_ja = StringField(_l("The same in Japanese"), [Optional(), SHORT])
    legal_name = StringField(_l("Legal name"), [Optional(), SHORT])
    postal_address = TextAreaField(_l("Postal address"), [Optional(), Length(max=500)], render_kw={"rows": 2})
    sender_name = StringField(_l("Sender, a person where possible"), [Optional(), SHORT])
    sender_address = EmailField(_l("Sender's address"), [Optional(), Length(max=254), mailable])
    reply_address = EmailField(_l("Address for replies"), [Optional(), Length(max=254), mailable])
    contact_url = URLField(_l("Contact page"), [Optional(), LONG, web_address])
    privacy_url = URLField(_l("Privacy page"), [Optional(), LONG, web_address])
    signature = TextAreaField(_l("Signature under mails"), [Optional(), LONG], render_kw={"rows": 4})
    locale = RadioField(_l("Language"), choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()])
    timezone = SelectField(_l("Time zone"), choices=zones)


class CalendarForm(EditForm):
    opens = TimeField(_l("Work begins"), [InputRequired()])
    closes = TimeField(_l("Work ends"), [InputRequired()])
    keeps_japanese_holidays = BooleanField(
        _l("Japanese holidays, year end (29 Dec to 3 Jan) and Obon (13 to 15 Aug) are days off")
    )

    def validate_closes(self, field: Field) -> None:
        minutes = field.data.hour * 60 + field.data.minute if field.data else 0
        if self.opens.data and minutes and minutes <= self.opens.data.hour * 60 + self.opens.data.minute:
            raise ValidationError(_("Work ends after it begins. 00:00 means midnight."))


class ClosureForm(Form):
    first = DateField(_l("First day"), [InputRequired()])
    last = DateField(_l("Last day"), [InputRequired()])
    name = StringField(_l("What for"), [Optional(), Length(max=100)])


def _hours(label: object) -> IntegerField:
    return IntegerField(label, [InputRequired(), NumberRange(1, 400)])  # type: ignore[arg-type]


class RulesForm(EditForm):
    high_touch = _hours(_l("High touch"))
    low_touch = _hours(_l("Low touch"))
    tech_touch = _hours(_l("Tech touch"))
    cancel_minutes = IntegerField(
        _l("Minutes in which a sending can be called back"), [InputRequired(), NumberRange(0, 120)]
    )
    cancel_above = IntegerField(_l("From how many people on"), [InputRequired(), NumberRange(0, 1_000_000)])
    edit_days = IntegerField(_l("Days in which customers can change an answer"), [InputRequired(), NumberRange(0, 90)])


class ProductForm(EditForm):
    name = StringField(_l("Name"), [InputRequired(), SHORT])
    name_ja = StringField(_l("The same in Japanese"), [Optional(), SHORT])
