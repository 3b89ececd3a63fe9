"""Changing an account: its facts, what it pays, and holding it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, url_for
from sqlalchemy.orm import joinedload

from surveys.auth.queries import last_editor
from surveys.customers import actions, queries
from surveys.customers.forms import AccountForm, HoldForm, RevenueForm, amount
from surveys.customers.models import Account, Contract
from surveys.customers.views.blueprint import bp
from surveys.lib import clock
from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db
from surveys.lib.i18n import _, language
from surveys.settings.models import Product
from surveys.settings.queries import organisation, products

USUAL_HOLD = timedelta(days=30)


def _account(id: int) -> Account:
    """The account, when the one who asks may change it."""
    loading = [joinedload(Account.contracts).joinedload(Contract.product)]
    account = db.get_or_404(Account, id, options=loading)
    actions.guard_account(account, current_user())
    return account


def _owners(account: Account | None = None) -> list[tuple[int, str]]:
    """Who can be owner, and who is it now, even if she could not become it any more."""
    found = {user.id: user.name for user in queries.owners()}
    if account is not None and account.owner is not None:
        found.setdefault(account.owner.id, account.owner.name)
    return list(found.items())


def _back(account: Account) -> Any:
    return redirect(url_for("browse.account", id=account.id), 303)


@bp.route("/accounts/new", methods=["GET", "POST"])
@guard(Permission.EDIT_CUSTOMERS)
def account_new() -> Any:
    form = AccountForm.of(None, _owners())
    if form.validate_on_submit():
        with form.keeping():
            account = actions.add_account(form.values(), by=current_user())
            db.session.commit()
            flash(_("Added: %(name)s.", name=account.name))
            return _back(account)
    return render_template("customers/account_new.html", form=form), form.status


@bp.route("/accounts/<int:id>/details", methods=["GET", "POST"])
@guard(Permission.EDIT_OWN_CUSTOMERS)
def account_edit(id: int) -> Any:
    account = _account(id)
    form = AccountForm.of(account, _owners(account))
    form.editor = partial(last_editor, account)
    if form.validate_on_submit():
        with form.keeping():
            actions.edit_account(account, form.values(), by=current_user())
            db.session.commit()
            flash(_("Saved: %(name)s.", name=account.name))
            return _back(account)
    today = clock.today(organisation().timezone)
    return render_template("customers/account_edit.html", account=account, form=form, today=today), form.status


@bp.route("/accounts/<int:id>/revenue", methods=["GET", "POST"])
@guard(Permission.EDIT_OWN_CUSTOMERS)
def account_revenue(id: int) -> Any:
    account = _account(id)
    form = RevenueForm()
    offered = db.session.scalars(products()).all()
    form.offer((product.id, product.name_in(language())) for product in offered)
    if form.validate_on_submit():
        product = db.session.get_one(Product, int(form.product.data))
        actions.set_revenue(account, product, *form.money, by=current_user())
        db.session.commit()
        flash(_("Saved: %(name)s.", name=account.name))
        return _back(account)
    if not form.is_submitted() and account.contracts:
        first = account.contracts[0]
        form.product.data, form.currency.data = str(first.product_id), first.currency
        form.amount.data = amount(first.mrr, first.currency)
    return render_template("customers/account_revenue.html", account=account, form=form), form.status


@bp.route("/accounts/<int:id>/hold", methods=["GET", "POST"])
@guard(Permission.EDIT_OWN_CUSTOMERS)
def account_hold(id: int) -> Any:
    account = _account(id)
    form = HoldForm(data={"until": account.hold_until, "reason": account.hold_reason})
    form.today = clock.today(organisation().timezone)
    if form.validate_on_submit():
        actions.hold(account, *form.values(), by=current_user())
        db.session.commit()
        flash(_("%(name)s is on hold: nobody there is asked anything until that day has passed.", name=account.name))
        return _back(account)
    if form.until.data is None:
        form.until.data = form.today + USUAL_HOLD
    return render_template("customers/account_hold.html", account=account, form=form, today=form.today), form.status


@bp.post("/accounts/<int:id>/release")
@guard(Permission.EDIT_OWN_CUSTOMERS)
def account_release(id: int) -> Any:
    account = _account(id)
    actions.release(account, by=current_user())
    db.session.commit()
    flash(_("The hold of %(name)s has ended.", name=account.name))
    return _back(account)
