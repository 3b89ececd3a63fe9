"""Forms: WTForms with CSRF, in the reader's language, stripped of stray blanks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from flask import request
from flask_wtf import CSRFProtect, FlaskForm
from sqlalchemy.orm.exc import StaleDataError
from wtforms import Field, FieldList, HiddenField, MultipleFileField, SelectMultipleField

from surveys.lib.db import db
from surveys.lib.errors import Busy, Invalid, NotFound, Refused, TooMany
from surveys.lib.i18n import _

csrf = CSRFProtect()
log = structlog.get_logger()
LONGEST_SHOWN = 80  # characters of what would be replaced
SEVERAL = (SelectMultipleField, MultipleFileField, FieldList)


def stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


class Form(FlaskForm):
    """The base of every form: shape and limits of input, no decisions."""

    status = 200  # of the page that shows the form again

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

    def refuse(self, message: str, status: int) -> None:
        """Say above the form why it was not taken; what was typed stays in it."""
        self.form_errors.append(message)
        self.status = status


@contextmanager
def refusals_in(form: Form) -> Iterator[None]:
    """What is refused inside is said above the form, and nothing of it is kept; the view goes on behind the block.

    What the form cannot mend is still refused with a page of its own: what is not there, and what is asked too often.
    """
    try:
        yield
    except (NotFound, TooMany, Busy):
        raise
    except Refused as refused:
        db.session.rollback()
        form.refuse(refused.message, refused.status)
    except StaleDataError:
        db.session.rollback()
        form.refuse(
            _("Somebody changed this at the same moment. Nothing of yours was saved; please look and try again."), 409
        )


class EditForm(Form):
    """A form about something that is there: it carries a print of what it showed, and tells of changes in between.

    Fill it by `obj=`, `data=` or keywords, also when it is sent: that is what would be replaced.
    """

    version = HiddenField()

    editor: Callable[[], str] = staticmethod(lambda: "")  # who changed it last, when that is known

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = [f"{field.name}={_plain(field.object_data)}" for field in self if _is_typed(field)]
        self._present = hashlib.sha256("\n".join(shown).encode()).hexdigest()[:32]
        self.version.data = (self.version.raw_data or [""])[0] or self._present

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        replaced = self._replaced() if self.version.data != self._present else []
        if not replaced:
            return True
        self.version.data = self._present
        told = {"who": self.editor() or _("Somebody else"), "what": " · ".join(replaced)}
        self.refuse(
            _(
                "%(who)s changed this meanwhile. Saved now: %(what)s. Save again to replace it with your entries.",
                **told,
            ),
            409,
        )
        return False

    def _replaced(self) -> list[str]:
        """What stands now where something else would be saved."""
        different = [field for field in self if _is_typed(field) and _plain(field.data) != _plain(field.object_data)]
        return [f"{field.label.text}: {_shown(field)}" for field in different]


def _is_typed(field: Any) -> bool:
    return field.type not in ("HiddenField", "CSRFTokenField")


def _plain(value: Any) -> str:
    return " ".join(("" if value is None else str(value)).split())


def _shown(field: Any) -> str:
    """What is kept, as the reader knows it."""
    if isinstance(field.object_data, bool):
        return _("Yes") if field.object_data else _("No")
    kept = _plain(field.object_data)
    choices: Any = getattr(field, "choices", None) or ()
    kept = next((str(label) for value, label, *_marks in choices if str(value) == kept), kept)
    return (kept if len(kept) <= LONGEST_SHOWN else f"{kept[:LONGEST_SHOWN]}…") or "–"
