"""Who we are, to customers."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from werkzeug import Response

from surveys.lib.access import Permission, current_user, guard, may
from surveys.lib.db import db
from surveys.lib.i18n import _
from surveys.settings import actions, queries
from surveys.settings.forms import OrganisationForm
from surveys.settings.views.blueprint import bp


@bp.get("/settings")
@guard(Permission.CAMPAIGNS)
def settings() -> Response:
    """To the first page of the settings this user may see."""
    mine = "organisation" if may(current_user(), Permission.ADMINISTER) else "rules"
    return redirect(url_for(f"settings.{mine}"), 303)


@bp.route("/settings/organisation", methods=["GET", "POST"])
@guard(Permission.ADMINISTER)
def organisation() -> Any:
    form = OrganisationForm(obj=queries.organisation())
    if form.validate_on_submit():
        values = {name: form[name].data or "" for name in ("name", "name_ja", "locale", "timezone")}
        values["asks_for_approval"] = bool(form.asks_for_approval.data)
        actions.change(values, by=current_user())
        db.session.commit()
        flash(_("The organisation is saved."))
        return redirect(url_for("settings.organisation"), 303)
    return render_template("settings/organisation.html", form=form), form.status
