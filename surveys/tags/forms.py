"""Forms of tags."""

from __future__ import annotations

from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from surveys.lib.forms import Form
from surveys.lib.i18n import _l
from surveys.tags.actions import LONGEST_NAME


class TagForm(Form):
    """A tag's name and place."""

    name = StringField(_l("Name"), [InputRequired(), Length(max=LONGEST_NAME)])
    parent = SelectField(_l("Under"), coerce=int)


class ResponseTagsForm(Form):
    """A new tag for one answer, beside those that are chosen from the list."""

    new = StringField(_l("New tag"), [Length(max=LONGEST_NAME)])
