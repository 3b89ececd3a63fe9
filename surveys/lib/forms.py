"""Forms: WTForms with CSRF, in the reader's language, stripped of stray blanks."""

from __future__ import annotations

from typing import Any

import structlog
from flask import request
from flask_wtf import CSRFProtect, FlaskForm
from wtforms import Field, FieldList, MultipleFileField, SelectMultipleField

from surveys.lib.errors import Invalid
from surveys.lib.i18n import _

csrf = CSRFProtect()
log = structlog.get_logger()
SEVERAL = (SelectMultipleField, MultipleFileField, FieldList)


def stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


class Form(FlaskForm):
    """The base of every form: shape and limits of input, no decisions."""

    class Meta(FlaskForm.Meta):
        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            filters = list(unbound_field.kwargs.get("filters", []))
            if unbound_field.field_class.__name__ in ("StringField", "TextAreaField", "EmailField", "SearchField"):
                filters.append(stripped)
            field: Field = unbound_field.bind(form=form, filters=filters, **options)
            return field

    def validate(self, extra_validators: Any = None) -> bool:
        """A field that came twice is refused; one that was never asked for is ignored and logged (X-25)."""
        for field in self:
            if not isinstance(field, SEVERAL) and len(request.form.getlist(field.name)) > 1:
                raise Invalid(_("One entry came twice. Please send the form again."))
        unasked = sorted(set(request.form) - {field.name for field in self} - {"csrf_token"})
        if unasked and not any(isinstance(field, FieldList) for field in self):
            log.info("unasked_fields", form=type(self).__name__, names=unasked[:10])
        return bool(super().validate(extra_validators))
