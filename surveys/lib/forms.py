"""Forms: WTForms with CSRF, in the reader's language, stripped of stray blanks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from flask import Flask, request
from flask_wtf import CSRFProtect, FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, FieldList, MultipleFileField, SelectMultipleField

from surveys.lib.db import db
from surveys.lib.errors import Invalid, Refused
from surveys.lib.headers import TOKEN_PAGES
from surveys.lib.i18n import _

csrf = CSRFProtect()
log = structlog.get_logger()
NUL = "\0"
SEVERAL = (SelectMultipleField, MultipleFileField, FieldList)


def install(app: Flask) -> None:
    """Check the token of every form that is sent, and what no text can hold in every address."""
    csrf.init_app(app)
    app.before_request(_refuse_nul)


def _refuse_nul() -> None:
    """A NUL is no letter, and PostgreSQL keeps none: nothing of ours has an address with one.

    The pages of tokens look for none in the database: there it is one of the many bad tokens, and told as those are.
    """
    in_path = NUL in request.path and not request.path.startswith(TOKEN_PAGES)
    if in_path or b"%00" in request.query_string or NUL.encode() in request.query_string:
        raise Invalid(_("The address of this page has a sign in it that no text can have."))


def _without_nul(given: Any) -> Any:
    """What was posted, without the NULs that somebody put in."""
    pairs = [] if given is None else list(given.items(multi=True))
    if not any(isinstance(text, str) and NUL in text for _name, text in pairs):
        return given
    return MultiDict([(name, text.replace(NUL, "") if isinstance(text, str) else text) for name, text in pairs])


def stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


class Form(FlaskForm):
    """The base of every form: shape and limits of input, no decisions."""

    refused = 0  # the status of what was refused after the form itself was right

    class Meta(FlaskForm.Meta):
        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            return _without_nul(super().wrap_formdata(form, formdata))

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

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """What is refused inside is undone and said on the form, so that a long text is not lost to an error page."""
        try:
            yield
        except Refused as refusal:
            db.session.rollback()
            self.refused = refusal.status
            self.form_errors.append(refusal.message)

    @property
    def status(self) -> int:
        """The status of the page that shows the form."""
        return self.refused or (400 if self.errors else 200)
