"""What administrators and leads enter under Settings."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    Field,
    HiddenField,
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

from surveys.lib import addresses, links
from surveys.lib.forms import EditForm, Form
from surveys.lib.i18n import LANGUAGES, _, _l
from surveys.settings import colours, logos

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
    if field.data and not links.is_web(field.data):
        raise ValidationError(_("This is not a web address. It begins with https://"))


class ColourField(StringField):
    """A colour that can be read; when it cannot, the nearest one that can is `nearest` (WCAG 2.2, 1.4.3)."""

    nearest = ""

    def pre_validate(self, form: Any) -> None:
        kept = colours.parsed(self.data or "")
        if kept is None:
            raise ValidationError(_("This is not a colour. It is written like #0b5563"))
        self.data = kept
        if colours.is_readable(kept):
            return
        self.nearest = colours.nearest(kept)
        raise ValidationError(
            _(
                "Too light to be read: its contrast with white is %(has)s, and text needs %(needs)s. "
                "The nearest colour that can be read is %(nearest)s.",
                has=f"{colours.contrast(kept, colours.PAPER):.1f}",
                needs=colours.READABLE,
                nearest=self.nearest,
            )
        )


class BrandForm(EditForm):
    name = StringField(_l("Name, as customers know you"), [InputRequired(), SHORT])
    name_ja = StringField(_l("The same in Japanese"), [Optional(), SHORT])
    colour = ColourField(_l("Colour"), [InputRequired()])
    nearest = HiddenField()  # the readable colour that was offered, when its button was pressed
    sender_name = StringField(_l("Sender, a person where possible"), [Optional(), SHORT])
    sender_name_ja = StringField(_l("Sender in Japanese"), [Optional(), SHORT])
    sender_address = EmailField(_l("Sender's address"), [Optional(), Length(max=254), mailable])
    reply_address = EmailField(_l("Address for replies"), [Optional(), Length(max=254), mailable])
    signature = TextAreaField(_l("Signature under mails"), [Optional(), LONG], render_kw={"rows": 3})
    signature_ja = TextAreaField(_l("Signature in Japanese"), [Optional(), LONG], render_kw={"rows": 3})
    legal_name = StringField(_l("Legal name"), [Optional(), SHORT])
    legal_name_ja = StringField(_l("Legal name in Japanese"), [Optional(), SHORT])
    postal_address = TextAreaField(_l("Postal address"), [Optional(), Length(max=500)], render_kw={"rows": 2})
    postal_address_ja = TextAreaField(
        _l("Postal address in Japanese"), [Optional(), Length(max=500)], render_kw={"rows": 2}
    )
    contact_url = URLField(_l("Contact page"), [Optional(), LONG, web_address])
    privacy_url = URLField(_l("Privacy page"), [Optional(), LONG, web_address])

    def validate(self, extra_validators: Any = None) -> bool:
        if self.nearest.data:
            self.colour.data = self.nearest.data
        return super().validate(extra_validators)

    @property
    def values(self) -> dict[str, str]:
        """The fields of the brand as they were entered."""
        return {field.name: field.data or "" for field in self if field.type not in ("HiddenField", "CSRFTokenField")}


class LogoForm(Form):
    file = FileField(
        _l("Picture (PNG, JPEG, WebP or GIF)"), render_kw={"accept": "image/png,image/jpeg,image/webp,image/gif"}
    )

    def validate_file(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Please choose a picture."))

    @property
    def data_of_file(self) -> bytes:
        """What was uploaded, as far as anybody looks at it."""
        upload: Any = self.file.data
        return bytes(upload.read(logos.LARGEST + 1))


class OrganisationForm(EditForm):
    name = StringField(_l("Name of your organisation"), [InputRequired(), SHORT])
    name_ja = StringField(_l("The same in Japanese"), [Optional(), SHORT])
    locale = RadioField(_l("Language"), choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()])
    timezone = SelectField(_l("Time zone"), choices=zones)
    asks_for_approval = BooleanField(_l("A second person has to approve a campaign before it goes"))


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


class HostsForm(EditForm):
    """Hosts that offers may lead to, one a line."""

    hosts = TextAreaField(_l("Allowed hosts, one on each line"), [Optional(), Length(max=4000)], render_kw={"rows": 6})

    @property
    def listed(self) -> list[str]:
        lines = [line.strip().lower() for line in (self.hosts.data or "").splitlines() if line.strip()]
        return sorted(dict.fromkeys(lines))

    def validate_hosts(self, _field: Field) -> None:
        for line in self.listed:
            if not links.HOST.fullmatch(line):
                raise ValidationError(_("“%(line)s” is no name of a host. Write it like www.example.com.", line=line))
