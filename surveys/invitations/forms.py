"""Forms for campaigns: what is asked, whom, and when it goes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import DateField, RadioField, SelectField, SelectMultipleField, StringField, TimeField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from surveys.invitations import checks, queries
from surveys.invitations.models import Campaign
from surveys.lib import labels
from surveys.lib.forms import Form
from surveys.lib.i18n import LANGUAGES, _, _l
from surveys.settings.queries import default_brand, organisation

NAMES: dict[str, dict[str, Any]] = {
    "tier": labels.TIERS,
    "phase": labels.PHASES,
    "role": labels.CONTACT_ROLES,
    "language": LANGUAGES,
}


def _several(label: Any, name: str) -> SelectMultipleField:
    choices = [SelectChoice(value, NAMES[name][value]) for value in queries.CHOICES[name]]
    return SelectMultipleField(label, choices=choices, widget=ListWidget(), option_widget=CheckboxInput())


class AudienceForm(Form):
    """Whom a campaign asks; nothing ticked asks everybody."""

    tier = _several(_l("Tier"), "tier")
    phase = _several(_l("Phase"), "phase")
    role = _several(_l("Role"), "role")
    language = _several(_l("Language"), "language")
    property_name = StringField(_l("Property"), [Optional(), Length(max=80)])
    property_value = StringField(_l("Value"), [Optional(), Length(max=200)])

    @property
    def audience(self) -> dict[str, Any]:
        chosen: dict[str, Any] = {name: self[name].data for name in queries.CHOICES if self[name].data}
        if self.property_name.data:
            chosen["properties"] = {self.property_name.data: self.property_value.data or ""}
        return chosen


class CampaignForm(AudienceForm):
    name = StringField(_l("Name"), [InputRequired(), Length(max=120)])
    questionnaire = SelectField(_l("Questionnaire"), [InputRequired()])
    product = SelectField(_l("Product"), [InputRequired()], coerce=int)
    brand = SelectField(_l("Brand"), [InputRequired()], coerce=int)

    def validate(self, extra_validators: Any = None) -> bool:
        if not self.brand.raw_data:  # nobody is asked while there is only one
            self.brand.data = default_brand().id
            self.brand.raw_data = [str(self.brand.data)]
        return super().validate(extra_validators)

    deadline_on = DateField(_l("To be answered by"), [Optional()])

    @classmethod
    def of(cls, campaign: Campaign) -> CampaignForm:
        """The form with what a draft says now."""
        audience = campaign.audience
        name, value = next(iter(audience.get("properties", {}).items()), ("", ""))
        return cls(
            data={each: audience.get(each, []) for each in queries.CHOICES}
            | {"name": campaign.name, "questionnaire": campaign.questionnaire.key, "product": campaign.product_id}
            | {"brand": campaign.brand_id}
            | {"deadline_on": campaign.deadline_on, "property_name": name, "property_value": value}
        )


class LaunchForm(Form):
    """Now, or at a moment of the organisation's own clock."""

    when = RadioField(
        _l("Send this campaign"),
        choices=[SelectChoice("now", _l("Now")), SelectChoice("later", _l("Later"))],
        default="now",
    )
    day = DateField(_l("Day"), [Optional()])
    time = TimeField(_l("Time"), [Optional()])

    def validate_when(self, field: Any) -> None:
        if field.data != "later":
            return
        at = self.moment(organisation().timezone)
        if problem := checks.moment_problem(at) if at else _("Please say on which day and at what time."):
            raise ValidationError(problem)

    def moment(self, zone: str) -> datetime | None:
        """The moment to send at; None for now."""
        if self.when.data == "now" or self.day.data is None or self.time.data is None:
            return None
        return datetime.combine(self.day.data, self.time.data, ZoneInfo(zone))
