"""What we promise: first contact by tier, the window to call a sending back, how long an answer can be changed."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for

from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db
from surveys.lib.i18n import _
from surveys.settings import actions, queries
from surveys.settings.forms import RulesForm
from surveys.settings.views.blueprint import bp

TIERS = ("high_touch", "low_touch", "tech_touch")
NUMBERS = ("cancel_minutes", "cancel_above", "edit_days")


@bp.route("/settings/rules", methods=["GET", "POST"])
@guard(Permission.CAMPAIGNS)
def rules() -> Any:
    ours = queries.organisation()
    form = RulesForm(obj=ours, data=dict(ours.first_contact_hours))
    if form.validate_on_submit():
        values: dict[str, Any] = {name: form[name].data for name in NUMBERS}
        values["first_contact_hours"] = {tier: form[tier].data for tier in TIERS}
        actions.change(values, by=current_user())
        db.session.commit()
        flash(_("The rules are saved. They count for what happens from now on."))
        return redirect(url_for("settings.rules"), 303)
    return render_template("settings/rules.html", form=form, tiers=TIERS), form.status
