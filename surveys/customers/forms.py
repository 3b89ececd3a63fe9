"""What people enter about accounts and contacts, and the lists they bring."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from babel.numbers import get_currency_precision
from flask_wtf.file import FileField
from wtforms import DateField, EmailField, Field, FieldList, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from surveys.customers.imports import uploads, values
from surveys.customers.imports.columns import LABELS
from surveys.customers.imports.columns import Field as Column
from surveys.customers.imports.problems import BadValue, sentence
from surveys.customers.imports.uploads import Mapping
from surveys.customers.models import Account, Contact, ContactRole, Phase, Tier
from surveys.lib import addresses, labels
from surveys.lib.encodings import KNOWN
from surveys.lib.forms import EditForm, Form
from surveys.lib.i18n import LANGUAGES, _, _l
from surveys.lib.unreadable import Unreadable

CURRENCIES = ("JPY", "USD", "EUR", "GBP")
SHORT = [Optional(), Length(max=255)]


def _choices(words: Iterable[tuple[Any, Any]], nothing: Any = None) -> list[SelectChoice]:
    empty = [SelectChoice("", nothing)] if nothing is not None else []
    return empty + [SelectChoice(str(value), label) for value, label in words]


def _chosen(field: Any) -> Any:
    return field.data or None


class AccountForm(EditForm):
    name = StringField(_l("Name"), [InputRequired(), Length(max=255)])
    name_kana = StringField(_l("Account in kana"), SHORT)
    external_key = StringField(_l("Key of the account"), SHORT)
    tier = SelectField(_l("Tier"), choices=lambda: _choices(labels.TIERS.items(), _("Not known")))
    phase = SelectField(_l("Phase"), choices=lambda: _choices(labels.PHASES.items(), _("Not known")))
    owner = SelectField(_l("Owner"))
    go_live_on = DateField(_l("Go-live"), [Optional()])
    renewal_on = DateField(_l("Renewal"), [Optional()])

    @classmethod
    def of(cls, account: Account | None, owners: Iterable[tuple[int, str]]) -> AccountForm:
        """The form of an account as it is, or of a new one; `owners`: who can be the owner."""
        form = cls(data=_facts(account) if account else None)
        form.owner.choices = _choices(owners, _("Nobody"))
        return form

    def values(self) -> dict[str, Any]:
        return {
            "name": addresses.header_text(self.name.data or "", limit=255),
            "name_kana": addresses.header_text(self.name_kana.data or "", limit=255),
            "external_key": _chosen(self.external_key),
            "tier": Tier(self.tier.data) if self.tier.data else None,
            "phase": Phase(self.phase.data) if self.phase.data else None,
            "owner_id": int(self.owner.data) if self.owner.data else None,
            "go_live_on": self.go_live_on.data,
            "renewal_on": self.renewal_on.data,
        }


def _facts(account: Account) -> dict[str, Any]:
    names = ("name", "name_kana", "external_key", "go_live_on", "renewal_on")
    chosen = {"owner": str(account.owner_id or ""), "tier": account.tier or "", "phase": account.phase or ""}
    return {name: getattr(account, name) for name in names} | chosen


class RevenueForm(Form):
    product = SelectField(_l("Product"))
    amount = StringField(_l("MRR"), [InputRequired(), Length(max=40)])
    currency = SelectField(_l("Currency"), choices=[SelectChoice(code, code) for code in CURRENCIES])

    def offer(self, products: Iterable[tuple[int, str]]) -> None:
        self.product.choices = _choices(products)

    def validate_amount(self, field: Field) -> None:
        try:
            self.money = values.money(field.data, times=1, currency=self.currency.data)
        except BadValue as bad:
            raise ValidationError(sentence(bad.code, bad.values)) from None


TEXTS = ("name", "name_kana", "honorific", "department", "title")


class ContactForm(EditForm):
    email = EmailField(_l("E-mail address"), [InputRequired(), Length(max=254)])
    name = StringField(_l("Name"), SHORT)
    name_kana = StringField(_l("Name in kana"), SHORT)
    honorific = StringField(_l("Honorific"), [Optional(), Length(max=30)])
    language = SelectField(_l("Language"), choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()])
    account = StringField(_l("Account"), [InputRequired(), Length(max=255)])
    department = StringField(_l("Department"), SHORT)
    title = StringField(_l("Job title"), SHORT)
    role = SelectField(_l("Role"), choices=lambda: _choices(labels.CONTACT_ROLES.items(), _("Not known")))
    external_key = StringField(_l("Key of the contact"), SHORT)

    def validate_email(self, field: Field) -> None:
        if not addresses.is_usable(field.data or ""):
            raise ValidationError(_("This is not an e-mail address we can write to."))

    @classmethod
    def of(cls, contact: Contact) -> ContactForm:
        names = (*TEXTS, "email", "language", "external_key")
        chosen = {"account": contact.account.name, "role": contact.role or ""}
        return cls(data={name: getattr(contact, name) for name in names} | chosen)

    def values(self) -> dict[str, Any]:
        texts = {name: addresses.header_text(self[name].data or "", limit=255) for name in TEXTS}
        return texts | {
            "email": self.email.data,
            "language": self.language.data,
            "role": ContactRole(self.role.data) if self.role.data else None,
            "external_key": _chosen(self.external_key),
        }


class SuccessorForm(Form):
    """Who was named, as a new contact."""

    name = StringField(_l("Name"), SHORT)
    email = EmailField(_l("E-mail address"), [InputRequired(), Length(max=254)])
    language = SelectField(_l("Language"), choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()])

    def validate_email(self, field: Field) -> None:
        if not addresses.is_usable(field.data or ""):
            raise ValidationError(_("This is not an e-mail address we can write to."))

    def values(self) -> dict[str, Any]:
        name = addresses.header_text(self.name.data or "", limit=255)
        return {"name": name, "email": self.email.data, "language": self.language.data}


class HoldForm(Form):
    reason = TextAreaField(_l("Why is nobody to be asked?"), [InputRequired(), Length(max=500)])
    until = DateField(_l("On hold until"), [InputRequired()])

    def validate_until(self, field: Field) -> None:
        if field.data is None:  # what was written is no day, and said to be none
            return
        if field.data < self.today:
            raise ValidationError(_("This day is over already."))
        if (field.data - self.today).days > 366:
            raise ValidationError(_("A hold lasts a year at most; it can be renewed."))

    today: Any = None

    def values(self) -> tuple[str, Any]:
        return self.reason.data or "", self.until.data


class UploadForm(Form):
    """A file or pasted cells; recognised while it is validated, so that what cannot be read is said beside it."""

    file = FileField(_l("File (CSV or Excel)"), render_kw={"accept": ".csv,.tsv,.txt,.xlsx"})
    pasted = TextAreaField(_l("Or paste cells from a spreadsheet, or a list of addresses"), [Optional()])

    defaults: Mapping = Mapping()
    content: bytes = b""
    mapping: Mapping = Mapping()

    @property
    def list_name(self) -> str:
        return (self.file.data.filename if self.file.data else "") or _("Pasted cells")

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        source: Any = self.file if self.file.data else self.pasted
        if not source.data:
            self.file.errors = [_("Choose a file or paste something.")]
            return False
        return self._recognised(source)

    def _recognised(self, source: Any) -> bool:
        is_pasted = source is self.pasted
        data = source.data.encode() if is_pasted else source.data.read()
        self.content = uploads.packed(data)
        try:
            self.mapping = uploads.recognise(self.content, replace(self.defaults, is_pasted=is_pasted))
        except Unreadable as error:
            source.errors = [error.message]
            return False
        return True


class ColumnsForm(Form):
    columns = FieldList(SelectField(choices=lambda: _choices(LABELS.items())))
    encoding = SelectField(_l("Read the text as"), choices=_choices(KNOWN.items()))
    currency = SelectField(_l("Currency of amounts without one"), choices=_choices((c, c) for c in CURRENCIES))
    product = SelectField(_l("Product of the amounts"))
    language = SelectField(_l("Language of contacts that give no hint"), choices=_choices(LANGUAGES.items()))

    def offer(self, mapping: Mapping, products: Iterable[tuple[int, str]]) -> None:
        """Show the columns as they were recognised."""
        self.product.choices = _choices(products)
        if mapping.encoding not in KNOWN:
            del self.encoding
        if self.is_submitted():
            return
        for column in mapping.fields:
            self.columns.append_entry(column.value)
        self.currency.data, self.language.data = mapping.currency, mapping.language
        self.product.data = str(mapping.product_id)
        if mapping.encoding in KNOWN:
            self.encoding.data = mapping.encoding

    def chosen(self, mapping: Mapping) -> Mapping:
        """The mapping with what was chosen; a column nobody said anything about stays as it was."""
        given = [Column(entry.data) for entry in self.columns.entries]
        return replace(
            mapping,
            fields=[*given, *mapping.fields[len(given) :]][: len(mapping.fields)],
            currency=self.currency.data,
            product_id=int(self.product.data),
            language=self.language.data,
        )

    def validate_columns(self, field: Any) -> None:
        kept = (Column.PROPERTY, Column.ACCOUNT_PROPERTY, Column.IGNORE)
        once = [entry.data for entry in field.entries if entry.data not in kept]
        twice = next((name for name in once if once.count(name) > 1), None)
        if twice:
            raise ValidationError(_("Two columns cannot both be “%(field)s”.", field=LABELS[Column(twice)]))


def amount(minor: int, currency: str) -> str:
    """An amount as one would type it."""
    digits = get_currency_precision(currency)
    return f"{minor / 10**digits:.{digits}f}" if digits else str(minor)
