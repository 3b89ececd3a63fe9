"""The list of tags, and the tags of one answer."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db
from surveys.lib.i18n import _
from surveys.lib.links import back_or
from surveys.lib.numbers import row_number
from surveys.responses.models import Response
from surveys.tags import actions, queries
from surveys.tags.forms import ResponseTagsForm, TagForm
from surveys.tags.models import Tag

bp = Blueprint("tags", __name__)


@bp.route("/tags", methods=["GET", "POST"])
@guard(Permission.TAG)
def tags() -> Any:
    form = _form()
    if form.validate_on_submit():
        added = actions.add_tag(form.name.data or "", parent=_parent(form), by=current_user())
        db.session.commit()
        flash(_("The tag %(name)s can now be set.", name=added.name))
        return redirect(url_for("tags.tags"), 303)
    return render_template("tags/tags.html", form=form, tree=queries.tree()), 400 if form.errors else 200


@bp.route("/tags/<int:id>", methods=["GET", "POST"])
@guard(Permission.TAG)
def tag(id: int) -> Any:
    found = db.get_or_404(Tag, id)
    form = _form(found)
    if form.validate_on_submit():
        actions.rename(found, form.name.data or "", parent=_parent(form), by=current_user())
        db.session.commit()
        flash(_("Saved: %(name)s.", name=found.name))
        return redirect(url_for("tags.tags"), 303)
    return render_template("tags/tag.html", form=form, tag=found), 400 if form.errors else 200


@bp.post("/tags/<int:id>/archive")
@guard(Permission.TAG)
def archive(id: int) -> Any:
    found = db.get_or_404(Tag, id)
    actions.archive(found, by=current_user())
    db.session.commit()
    flash(_("Put away: %(name)s. It stays on the answers that carry it.", name=found.name))
    return redirect(url_for("tags.tags"), 303)


@bp.post("/responses/<int:id>/tags")
@guard(Permission.TAG)
def response_tags(id: int) -> Any:
    response = db.get_or_404(Response, id)
    form = ResponseTagsForm()
    was_shown = queries.known(request.form.getlist("shown", type=row_number))
    chosen = queries.known(request.form.getlist("tags", type=row_number))
    if form.new.data:
        chosen.append(actions.add_tag(form.new.data, by=current_user()))
    actions.change_tags(response, was_shown, chosen, by=current_user())
    db.session.commit()
    flash(_("Tags saved."))
    return redirect(back_or(url_for("browse.response", id=id)), 303)


def _form(tag: Tag | None = None) -> TagForm:
    form = TagForm(obj=tag)
    first_level = [branch.tag for branch in queries.tree() if tag is None or branch.tag.id != tag.id]
    form.parent.choices = [(0, _("(first level)")), *((each.id, each.name) for each in first_level)]
    if tag is not None and not form.is_submitted():
        form.parent.data = tag.parent_id or 0
    return form


def _parent(form: TagForm) -> Tag | None:
    return db.session.get(Tag, form.parent.data) if form.parent.data else None
