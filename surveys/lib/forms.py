"""Forms: WTForms with CSRF, in the reader's language, stripped of stray blanks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from flask import Flask, request
from flask_wtf import CSRFProtect, FlaskForm
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import MultiDict
from wtforms import Field, FieldList, HiddenField, MultipleFileField, SelectMultipleField

from surveys.lib.db import db
from surveys.lib.errors import Busy, Invalid, NotFound, Refused, TooMany
from surveys.lib.headers import TOKEN_PAGES
from surveys.lib.i18n import _

csrf = CSRFProtect()
log = structlog.get_logger()
NUL = "\0"
LONGEST_SHOWN = 80  # characters of what would be replaced
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
        is_fine = bool(super().validate(extra_validators))
        return not self._blank() and is_fine

    def _blank(self) -> list[str]:
        """The required texts of which nothing was left without their blanks; each says so."""
        found = [field for field in self if field.flags.required and field.data == "" and not field.errors]
        for field in found:
            field.errors = [_("Please write something here; blanks alone do not count.")]
        return [field.name for field in found]

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """What is refused inside is undone and said above the form with all that was typed; the view goes on behind it.

        What the form cannot mend is refused with a page of its own: what is not there, what is asked too often.
        """
        try:
            yield
        except (NotFound, TooMany, Busy):
            raise
        except Refused as refusal:
            db.session.rollback()
            self.refuse(refusal.message, refusal.status)
        except StaleDataError:
            db.session.rollback()
            self.refuse(
                _("Somebody changed this at the same moment. Nothing of yours was saved; please look and try again."),
                409,
            )

    def refuse(self, message: str, status: int) -> None:
        """Say above the form why it was not taken; what was typed stays in it."""
        self.form_errors.append(message)
        self.refused = status

    @property
    def status(self) -> int:
        """The status of the page that shows the form."""
        return self.refused or (400 if self.errors else 200)


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
