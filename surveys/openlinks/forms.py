"""What staff say of an open link, and what comes in through one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from wtforms import DateField, IntegerField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from surveys.intake import reading
from surveys.lib.forms import EditForm, Form
from surveys.lib.i18n import LANGUAGES, _, _l
from surveys.openlinks.actions import Plan
from surveys.openlinks.models import Mode, OpenLink
from surveys.settings.models import Brand, Product

MODES: Final = {
    Mode.LINK: _l("A link for everybody"),
    Mode.SEMINAR: _l("A seminar"),
    Mode.KIOSK: _l("A tablet on a counter (kiosk)"),
}
DEVICE_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOST_PEOPLE: Final = 20_000


def _more_than_blanks(_form: Form, field: Any) -> None:
    if not field.data:
        raise ValidationError(_("Please write a few words."))


class LinkForm(EditForm):
    name = StringField(_l("Name of the channel"), [InputRequired(), _more_than_blanks, Length(max=120)])
    mode = RadioField(_l("How people come to it"), choices=[SelectChoice(mode.value, MODES[mode]) for mode in Mode])
    questionnaire = SelectField(_l("Questionnaire"), [InputRequired()])
    product = SelectField(_l("Product"), [InputRequired()], coerce=int)
    brand = SelectField(_l("Brand"), [InputRequired()], coerce=int)
    language = SelectField(
        _l("Language"),
        choices=[
            SelectChoice("", _l("As the reader chooses")),
            *(SelectChoice(code, name) for code, name in LANGUAGES.items()),
        ],
    )
    expected = IntegerField(_l("About how many people"), [Optional(), NumberRange(1, MOST_PEOPLE)])
    opens_on = DateField(_l("First day"), [Optional()])
    closes_on = DateField(_l("Last day"), [Optional()])

    @classmethod
    def of(cls, link: OpenLink) -> LinkForm:
        names = ("name", "language", "expected", "opens_on", "closes_on")
        return cls(
            data={name: getattr(link, name) for name in names}
            | {"mode": link.mode.value, "questionnaire": link.questionnaire.key, "product": link.product_id}
            | {"brand": link.brand_id}
        )

    def validate_closes_on(self, field: Any) -> None:
        if field.data and self.opens_on.data and field.data < self.opens_on.data:
            raise ValidationError(_("The last day cannot be before the first one."))

    def plan(self, product: Product | None, brand: Brand | None) -> Plan:
        return Plan(
            name=str(self.name.data),
            questionnaire=str(self.questionnaire.data),
            product=product,
            brand=brand,
            mode=Mode(self.mode.data),
            language=str(self.language.data or ""),
            expected=self.expected.data,
            opens_on=self.opens_on.data,
            closes_on=self.closes_on.data,
        )


class ReasonForm(Form):
    reason = StringField(_l("Why is it left out?"), [InputRequired(), _more_than_blanks, Length(max=500)])


@dataclass(frozen=True)
class Sent:
    """The fields of one posting, and what a device adds: its own name for the answer, and when it was given."""

    entered: reading.Entered
    client_id: str = ""
    made_at: datetime | None = None

    @property
    def is_from_device(self) -> bool:
        return bool(self.client_id)


def read(body: bytes) -> Sent:
    entered = reading.read(body)
    if entered.is_broken:
        return Sent(entered)
    fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
    client_id = fields.get("client_id", "")
    return Sent(entered, client_id if DEVICE_ID.fullmatch(client_id) else "", _moment(fields.get("made_at", "")))


def _moment(text: str) -> datetime | None:
    """A moment as browsers write it; None for anything else."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None
