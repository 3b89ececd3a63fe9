"""Where links on customers' pages may lead: the hosts that offers are allowed to name (X-08)."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for

from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db
from surveys.lib.i18n import _
from surveys.settings import actions, queries
from surveys.settings.forms import HostsForm
from surveys.settings.views.blueprint import bp


@bp.route("/settings/hosts", methods=["GET", "POST"])
@guard(Permission.ADMINISTER)
def hosts() -> Any:
    form = HostsForm(data={"hosts": "\n".join(queries.organisation().offer_hosts)})
    if form.validate_on_submit():
        actions.change({"offer_hosts": form.listed}, by=current_user())
        db.session.commit()
        flash(_("The hosts are saved."))
        return redirect(url_for("settings.hosts"), 303)
    return render_template("settings/hosts.html", form=form), form.status
