"""Products: what questions are about."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from werkzeug import Response

from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db
from surveys.lib.i18n import _
from surveys.settings import actions, queries
from surveys.settings.forms import ProductForm
from surveys.settings.models import Product
from surveys.settings.views.blueprint import bp


@bp.get("/settings/products")
@guard(Permission.CAMPAIGNS)
def products() -> str:
    return render_template(
        "settings/products.html",
        products=db.session.scalars(queries.products()).all(),
        archived=db.session.scalars(queries.archived_products()).all(),
    )


@bp.route("/settings/products/new", methods=["GET", "POST"])
@guard(Permission.CAMPAIGNS)
def new_product() -> Any:
    form = ProductForm()
    if form.validate_on_submit():
        actions.add_product(str(form.name.data), form.name_ja.data or "", by=current_user())
        return _saved(_("Added: %(name)s.", name=form.name.data))
    return render_template("settings/product.html", form=form, product=None), form.status


@bp.route("/settings/products/<int:id>", methods=["GET", "POST"])
@guard(Permission.CAMPAIGNS)
def product(id: int) -> Any:
    found = db.get_or_404(Product, id)
    form = ProductForm(obj=found)
    if form.validate_on_submit():
        actions.rename_product(found, str(form.name.data), form.name_ja.data or "", by=current_user())
        return _saved(_("Saved: %(name)s.", name=found.name))
    return render_template("settings/product.html", form=form, product=found), form.status


@bp.post("/settings/products/<int:id>/default")
@guard(Permission.CAMPAIGNS)
def product_default(id: int) -> Response:
    found = db.get_or_404(Product, id)
    actions.make_default(found, by=current_user())
    return _saved(_("%(name)s is the default product.", name=found.name))


@bp.post("/settings/products/<int:id>/archive")
@guard(Permission.CAMPAIGNS)
def product_archive(id: int) -> Response:
    found = db.get_or_404(Product, id)
    actions.archive_product(found, by=current_user())
    return _saved(_("%(name)s is archived.", name=found.name))


@bp.post("/settings/products/<int:id>/return")
@guard(Permission.CAMPAIGNS)
def product_return(id: int) -> Response:
    found = db.get_or_404(Product, id)
    actions.restore_product(found, by=current_user())
    return _saved(_("%(name)s is in use again.", name=found.name))


def _saved(words: str) -> Response:
    db.session.commit()
    flash(words)
    return redirect(url_for("settings.products"), 303)
