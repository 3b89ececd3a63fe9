"""Brands: how customers meet us, in mails, on the pages they answer on, and by law."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from werkzeug import Response

from surveys.lib.access import Permission, current_user, guard, public
from surveys.lib.db import db
from surveys.lib.headers import A_YEAR, SHUT_IN
from surveys.lib.i18n import _, language
from surveys.settings import actions, colours, faces, logos, queries
from surveys.settings.forms import BrandForm, LogoForm
from surveys.settings.models import Brand
from surveys.settings.views.blueprint import bp


@bp.get("/settings/brands")
@guard(Permission.ADMINISTER)
def brands() -> str:
    return render_template(
        "settings/brands.html",
        brands=db.session.scalars(queries.brands()).all(),
        archived=db.session.scalars(queries.archived_brands()).all(),
    )


@bp.route("/settings/brands/new", methods=["GET", "POST"])
@guard(Permission.ADMINISTER)
def new_brand() -> Any:
    form = BrandForm(obj=Brand(colour=colours.OURS))
    if form.validate_on_submit():
        added = actions.add_brand(form.values, by=current_user())
        return _saved(_("Added: %(name)s.", name=added.name), added)
    return render_template("settings/brand.html", form=form, brand=None), form.status


@bp.route("/settings/brands/<int:id>", methods=["GET", "POST"])
@guard(Permission.ADMINISTER)
def brand(id: int) -> Any:
    found = queries.brand(id)
    form = BrandForm(obj=found)
    if form.validate_on_submit():
        actions.change_brand(found, form.values, by=current_user())
        return _saved(_("Saved: %(name)s.", name=found.name), found)
    return _page(found, form, LogoForm(formdata=None)), form.status


@bp.post("/settings/brands/<int:id>/logo")
@guard(Permission.ADMINISTER)
def brand_logo(id: int) -> Any:
    found, form = queries.brand(id), LogoForm()
    if form.validate_on_submit():
        with form.keeping():
            actions.show_logo(found, logos.small(form.data_of_file), by=current_user())
            return _saved(_("The logo is saved."), found)
    return _page(found, BrandForm(formdata=None, obj=found), form), form.status


@bp.post("/settings/brands/<int:id>/logo/removal")
@guard(Permission.ADMINISTER)
def brand_logo_removal(id: int) -> Response:
    found = queries.brand(id)
    actions.change_brand(found, {"logo": ""}, by=current_user())
    return _saved(_("The logo is taken away. The name stands in its place."), found)


@bp.get("/settings/brands/<int:id>/sample")
@guard(Permission.ADMINISTER)
def brand_sample(id: int) -> Response:
    """What every mail of this brand has in common."""
    face = faces.face(queries.brand(id), language())
    response = Response(render_template("settings/email/sample.html", face=face), mimetype="text/html")
    response.headers["Content-Security-Policy"] = SHUT_IN
    return response


@bp.post("/settings/brands/<int:id>/default")
@guard(Permission.ADMINISTER)
def brand_default(id: int) -> Response:
    found = queries.brand(id)
    actions.make_default_brand(found, by=current_user())
    return _saved(_("%(name)s is the default brand.", name=found.name))


@bp.post("/settings/brands/<int:id>/archive")
@guard(Permission.ADMINISTER)
def brand_archive(id: int) -> Response:
    found = queries.brand(id)
    actions.archive_brand(found, by=current_user())
    return _saved(_("%(name)s is archived.", name=found.name))


@bp.post("/settings/brands/<int:id>/return")
@guard(Permission.ADMINISTER)
def brand_return(id: int) -> Response:
    found = queries.brand(id)
    actions.restore_brand(found, by=current_user())
    return _saved(_("%(name)s is in use again.", name=found.name))


@bp.get("/brands/<int:id>/<name>.png")
@public
def brand_picture(id: int, name: str) -> Response:
    """A logo for mails: one address for everybody, with nothing about who looks at it."""
    png = queries.logo(id, name)
    if png is None:
        abort(404)
    return Response(png, mimetype="image/png", headers={"Cache-Control": A_YEAR})


def _page(found: Brand, form: BrandForm, logo: LogoForm) -> str:
    return render_template(
        "settings/brand.html",
        form=form,
        logo=logo,
        brand=found,
        face=faces.face(found, language()),
        contrasts={
            "day": colours.contrast(found.colour, colours.PAPER),
            "night": colours.contrast(colours.dark(found.colour), colours.DARK_PAPER),
        },
        papers={"day": colours.PAPER, "night": colours.DARK_PAPER},
    )


def _saved(words: str, shown: Brand | None = None) -> Response:
    db.session.commit()
    flash(words)
    return redirect(url_for("settings.brand", id=shown.id) if shown else url_for("settings.brands"), 303)
