"""What people enter to log in, and about users."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import EmailField, Field, HiddenField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import EqualTo, InputRequired, Length, Optional, ValidationError

from surveys.auth import passwords
from surveys.auth.models import StaffUser
from surveys.lib.access import Role
from surveys.lib.forms import EditForm, Form
from surveys.lib.i18n import LANGUAGES, _l

ROLES = {
    Role.ADMIN: _l("Administrator: everything, users and settings included"),
    Role.LEAD: _l("Lead: campaigns, customers, exports and all cases"),
    Role.AGENT: _l("Agent: cases and replies, edits the own accounts"),
    Role.PRODUCT: _l("Product: reads everything, tags, ideas"),
    Role.VIEWER: _l("Viewer: reads, without contact details"),
}
WORD = [InputRequired(), Length(max=passwords.LONGEST)]
NAME = [InputRequired(), Length(max=200)]
ADDRESS = [InputRequired(), Length(max=254)]


def _language(label: Any) -> RadioField:
    return RadioField(label, choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()])


def _role() -> RadioField:
    return RadioField(_l("Role"), choices=[SelectChoice(role.value, label) for role, label in ROLES.items()])


class LogInForm(Form):
    email = EmailField(_l("E-mail address"), ADDRESS, render_kw={"autocomplete": "username"})
    password = PasswordField(_l("Password"), WORD, render_kw={"autocomplete": "current-password"})


class ResetForm(Form):
    email = EmailField(_l("E-mail address"), ADDRESS, render_kw={"autocomplete": "username"})


class NewPasswordForm(Form):
    about: Sequence[str] = ()  # words that others could guess: names, addresses

    password = PasswordField(_l("New password"), WORD, render_kw={"autocomplete": "new-password"})
    again = PasswordField(
        _l("The same password again"),
        [InputRequired(), EqualTo("password", _l("The two passwords are not the same."))],
        render_kw={"autocomplete": "new-password"},
    )

    def validate_password(self, field: Field) -> None:
        problem = passwords.problem(field.data or "", self.about)
        if problem:
            raise ValidationError(problem)


class PasswordForm(NewPasswordForm):
    current = PasswordField(_l("Present password"), WORD, render_kw={"autocomplete": "current-password"})


class ProfileForm(Form):
    name = StringField(_l("Name"), NAME, render_kw={"autocomplete": "name"})
    department = StringField(_l("Department"), [Optional(), Length(max=100)])
    locale = _language(_l("Language of the pages"))


class SetUpForm(NewPasswordForm):
    code = StringField(
        _l("One-time code"), [InputRequired(), Length(max=60)], render_kw={"autocomplete": "one-time-code"}
    )
    name = StringField(_l("Your name"), NAME, render_kw={"autocomplete": "name"})
    email = EmailField(_l("Your e-mail address"), ADDRESS, render_kw={"autocomplete": "username"})


class WhoForm(Form):
    name = StringField(_l("Name"), NAME)
    department = StringField(_l("Department"), [Optional(), Length(max=100)])
    role = _role()


class UserForm(EditForm, WhoForm):
    successor = SelectField(_l("Who takes over"), [Optional()])

    def offer(self, successors: Iterable[StaffUser]) -> None:
        """Say who could take over, should the new role need somebody to."""
        self.successor.choices = [
            SelectChoice("", "–"),
            *(SelectChoice(str(each.id), each.name) for each in successors),
        ]


class InviteForm(WhoForm):
    email = EmailField(_l("E-mail address"), ADDRESS)
    locale = _language(_l("Language of the pages"))


class DepartureForm(Form):
    successor = SelectField(_l("Who takes over"), coerce=int, validate_choice=True)


class LanguageForm(Form):
    next = HiddenField()
    language = SelectField(choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()])
