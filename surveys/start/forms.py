"""What a new administrator enters on the way to the first question."""

from __future__ import annotations

from typing import Any

from wtforms import EmailField, Field, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from surveys.customers import imports
from surveys.customers.imports import uploads
from surveys.lib import addresses
from surveys.lib.errors import Invalid
from surveys.lib.forms import Form
from surveys.lib.i18n import _, _l

SHORT = Length(max=200)
MOST_LINES = 2000
LONGEST = 400_000  # characters


class SenderForm(Form):
    name = StringField(_l("Your organisation, as customers know it"), [InputRequired(), SHORT])
    product = StringField(_l("Product the question is about"), [InputRequired(), SHORT])
    sender_name = StringField(_l("Sender, a person where possible"), [InputRequired(), SHORT])
    sender_address = EmailField(_l("Sender's address"), [InputRequired(), Length(max=254)])
    legal_name = StringField(_l("Legal name"), [InputRequired(), SHORT])
    postal_address = TextAreaField(_l("Postal address"), [InputRequired(), Length(max=500)], render_kw={"rows": 2})

    def validate_sender_address(self, field: Field) -> None:
        if not addresses.is_usable(field.data or ""):
            raise ValidationError(_("This is not an e-mail address."))


class PeopleForm(Form):
    pasted = TextAreaField(
        _l("Addresses, or cells from a spreadsheet"), [InputRequired(), Length(max=LONGEST)], render_kw={"rows": 10}
    )

    def validate_pasted(self, field: Field) -> None:
        """Recognised here, so that what cannot be read is said beside it."""
        text = field.data or ""
        if text.count("\n") > MOST_LINES:
            raise ValidationError(_("That is a long list. Please import it as a file, under Customers."))
        problem = _problem(text) if text.strip() else _("Please paste at least one address.")
        if problem:
            raise ValidationError(problem)


def _problem(text: str) -> str:
    """Why these cells cannot be a list of customers; empty when they can."""
    try:
        found: Any = uploads.recognise(uploads.packed(text.encode()), imports.defaults(is_pasted=True))
    except Invalid as error:
        return error.message
    return "" if found.has_contacts else str(_("No e-mail address was found in these cells."))
