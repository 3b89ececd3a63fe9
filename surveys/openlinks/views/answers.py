"""What staff do with the answers of a link: vouch for those in doubt, leave out what is none, take them as a file."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Response, flash, redirect, request, url_for

from surveys.lib import clock
from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db
from surveys.lib.downloads import download
from surveys.lib.i18n import _, ngettext
from surveys.openlinks import actions, exports, queries
from surveys.openlinks.forms import ReasonForm
from surveys.openlinks.views.blueprint import bp
from surveys.openlinks.views.links import one
from surveys.settings.queries import organisation

bp.add_app_template_global(queries.in_doubt, "open_answers_in_doubt")


@bp.post("/open-links/<int:id>/answers/<int:answer_id>/acceptance")
@guard(Permission.CAMPAIGNS)
def acceptance(id: int, answer_id: int) -> Any:
    """Into the score: one that waited for a look, or one that was left out."""
    actions.accept(queries.answer(queries.link(id), answer_id), by=current_user())
    return _done(id, _("Accepted: the answer is in the score of this link."))


@bp.post("/open-links/<int:id>/answers/<int:answer_id>/exclusion")
@guard(Permission.CAMPAIGNS)
def exclusion(id: int, answer_id: int) -> Any:
    found, form = queries.answer(queries.link(id), answer_id), ReasonForm()
    if not form.validate_on_submit():
        return one(queries.link(id), form), 400
    actions.exclude(found, str(form.reason.data), by=current_user())
    return _done(id, _("Left out of the score. It stays in the list of those left out."))


@bp.post("/open-links/<int:id>/acceptance")
@guard(Permission.CAMPAIGNS)
def acceptances(id: int) -> Any:
    number = actions.accept_all(queries.link(id), by=current_user())
    return _done(id, ngettext("%(num)s answer accepted.", "%(num)s answers accepted.", number))


@bp.post("/open-links/<int:id>/exclusion")
@guard(Permission.CAMPAIGNS)
def exclusions(id: int) -> Any:
    found, form = queries.link(id), ReasonForm()
    if not form.validate_on_submit():
        return one(found, form), 400
    number = actions.exclude_all(found, str(form.reason.data), by=current_user())
    return _done(id, ngettext("%(num)s answer left out.", "%(num)s answers left out.", number))


@bp.get("/open-links/<int:id>/answers.csv")
@guard(Permission.EXPORT)
def export(id: int) -> Response:
    name = f"koe-open-link-{queries.link(id).id}-{clock.today(organisation().timezone).isoformat()}.csv"
    return download(partial(exports.csv_file, id, bom="bom" in request.args), name, "text/csv; charset=utf-8")


def _done(link_id: int, message: str) -> Any:
    db.session.commit()
    flash(message)
    return redirect(url_for("openlinks.open_link", id=link_id, view=request.args.get("view") or None), 303)
