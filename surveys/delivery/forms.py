"""What is entered about addresses that are not written to."""

from __future__ import annotations

from wtforms import EmailField, Field, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from surveys.lib import addresses
from surveys.lib.forms import Form
from surveys.lib.i18n import _, _l

WHY = [InputRequired(), Length(max=500)]


class SuppressionForm(Form):
    address = EmailField(_l("E-mail address"), [InputRequired(), Length(max=254)], render_kw={"autocomplete": "off"})
    why = TextAreaField(_l("Reason"), WHY)

    def validate_address(self, field: Field) -> None:
        if not addresses.is_usable(field.data or ""):
            raise ValidationError(_("This is not one complete e-mail address."))


class LiftForm(Form):
    why = TextAreaField(_l("Reason"), WHY)
