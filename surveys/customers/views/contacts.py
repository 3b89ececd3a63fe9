"""Adding and changing one contact by hand."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import joinedload

from surveys.auth.queries import last_editor
from surveys.customers import actions, queries
from surveys.customers.forms import ContactForm
from surveys.customers.models import Account, Contact
from surveys.customers.views.blueprint import bp
from surveys.lib.access import Permission, current_user, guard, may
from surveys.lib.db import db
from surveys.lib.errors import Invalid
from surveys.lib.i18n import _
from surveys.lib.numbers import row_number
from surveys.settings.queries import organisation


@bp.route("/contacts/new", methods=["GET", "POST"])
@guard(Permission.EDIT_OWN_CUSTOMERS)
def contact_new() -> Any:
    given = db.session.get(Account, request.args.get("account", type=row_number) or 0)
    form = ContactForm(data={"account": given.name if given else "", "language": organisation().locale})
    if form.validate_on_submit():
        with form.keeping():
            contact = actions.add_contact(_named(form, given), form.values(), by=current_user())
            db.session.commit()
            flash(_("Added: %(name)s.", name=contact.name or contact.email))
            return redirect(url_for("browse.contact", id=contact.id), 303)
    return render_template("customers/contact_new.html", form=form, account=given), form.status


@bp.route("/contacts/<int:id>/details", methods=["GET", "POST"])
@guard(Permission.EDIT_OWN_CUSTOMERS)
def contact_edit(id: int) -> Any:
    contact = db.get_or_404(Contact, id, options=[joinedload(Contact.account)])
    actions.guard_account(contact.account, current_user())
    form = ContactForm.of(contact)
    form.editor = partial(last_editor, contact)
    if form.validate_on_submit():
        with form.keeping():
            actions.edit_contact(contact, _named(form, contact.account), form.values(), by=current_user())
            db.session.commit()
            flash(_("Saved: %(name)s.", name=contact.name or contact.email))
            return redirect(url_for("browse.contact", id=contact.id), 303)
    return render_template("customers/contact_edit.html", form=form, contact=contact), form.status


def _named(form: ContactForm, present: Account | None) -> Account:
    """The account of that name: the present one, another one, or for those who may, a new one."""
    name = form.account.data or ""
    if present is not None and present.name == name:
        return present
    found = queries.accounts_named(name)
    if len(found) > 1:
        raise Invalid(_("Several accounts have this name. Add the contact from the page of the account."))
    if found:
        return found[0]
    if not may(current_user(), Permission.EDIT_CUSTOMERS):
        raise Invalid(_("There is no account of this name."))
    return actions.add_account({"name": name}, by=current_user())
