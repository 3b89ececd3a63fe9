"""Kinds of scored questions: those delivered, and those of one's own."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for

from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db
from surveys.lib.i18n import _, language
from surveys.questionnaires import actions, queries
from surveys.questionnaires.forms import KindForm
from surveys.questionnaires.kinds import KEYS
from surveys.questionnaires.views.room import bp


@bp.get("/settings/kinds")
@guard(Permission.ADMINISTER)
def kinds() -> str:
    return render_template("questionnaires/kinds.html", kinds=queries.kinds(), counts=queries.kind_counts())


@bp.route("/settings/kinds/new", methods=["GET", "POST"])
@guard(Permission.ADMINISTER)
def new_kind() -> Any:
    form = KindForm.of(None)
    if form.validate_on_submit():
        with form.keeping():
            made = actions.add_kind(str(form.key.data), form.values(), by=current_user())
            db.session.commit()
            flash(_("Added: %(name)s.", name=made.name_in(language())))
            return redirect(url_for("questionnaires.kinds"), 303)
    return render_template("questionnaires/kind.html", form=form, kind=None), form.status


@bp.route("/settings/kinds/<name>", methods=["GET", "POST"])
@guard(Permission.ADMINISTER)
def kind(name: str) -> Any:
    found = queries.kind(name)
    is_fixed = found.key in KEYS or queries.is_used(found)
    form = KindForm.of(found, is_used=is_fixed)
    if form.validate_on_submit():
        with form.keeping():
            actions.change_kind(found, form.values(), by=current_user())
            db.session.commit()
            flash(_("Saved: %(name)s.", name=found.name_in(language())))
            return redirect(url_for("questionnaires.kinds"), 303)
    shown = {"form": form, "kind": found, "is_fixed": is_fixed, "is_free": not queries.kind_counts().get(found.key)}
    return render_template("questionnaires/kind.html", **shown), form.status


@bp.post("/settings/kinds/<name>/removal")
@guard(Permission.ADMINISTER)
def kind_removal(name: str) -> Any:
    found = queries.kind(name)
    words = _("Removed: %(name)s.", name=found.name_in(language()))
    actions.remove_kind(found, by=current_user())
    db.session.commit()
    flash(words)
    return redirect(url_for("questionnaires.kinds"), 303)
