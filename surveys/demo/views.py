"""Removing the demo: one page that says what goes, one press that does it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from surveys.auth import actions as auth
from surveys.demo import actions
from surveys.lib.access import Permission, guard
from surveys.lib.db import db
from surveys.lib.errors import NotFound
from surveys.lib.forms import Form
from surveys.lib.i18n import _
from surveys.settings.queries import organisation

bp = Blueprint("demo", __name__)


@bp.route("/settings/demo", methods=["GET", "POST"])
@guard(Permission.ADMINISTER)
def removal() -> Any:
    """Whoever removed the demo starts for real: the code for the first administrator stands on the page."""
    form = Form()
    if form.validate_on_submit():
        actions.remove()
        code = auth.setup_code()
        db.session.commit()
        return render_template("demo/removed.html", code=code)
    if not organisation().is_demo:
        raise NotFound(_("This is no demo."))
    return render_template("demo/removal.html", form=form)
