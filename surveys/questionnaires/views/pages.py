"""Pages of the questionnaires: the list, one of them, its words."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from surveys.auth.queries import last_editor
from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db
from surveys.lib.i18n import LANGUAGES, _, language
from surveys.questionnaires import actions, previews, queries
from surveys.questionnaires.forms import NewForm, WordingForm, allowed
from surveys.questionnaires.views.room import bp, known, version_number

OF_KIND = "kind:"  # before the key of a kind that has no questionnaire yet


@bp.get("/questionnaires")
@guard(Permission.READ)
def questionnaires() -> str:
    found = list(db.session.scalars(queries.questionnaires()))
    return render_template(
        "questionnaires/questionnaires.html", questionnaires=found, versions=queries.version_counts()
    )


@bp.route("/questionnaires/new", methods=["GET", "POST"])
@guard(Permission.CAMPAIGNS)
def new() -> Any:
    form = NewForm(like=request.args.get("like"))
    known = {each.key: each for each in db.session.scalars(queries.questionnaires())}
    free = {f"{OF_KIND}{kind.key}": kind for kind in queries.kinds_without_questionnaire()}
    form.like.choices = [SelectChoice(key, each.name_in(language())) for key, each in known.items()]
    form.like.choices += [
        SelectChoice(key, _("%(kind)s: the question is still to write", kind=kind.name_in(language())))
        for key, kind in free.items()
    ]
    if form.validate_on_submit():
        with form.keeping():
            name, like = str(form.name.data), form.like.data
            made = (
                actions.create_of_kind(name, free[like], by=current_user())
                if like in free
                else actions.create(name, known[like], by=current_user())
            )
            db.session.commit()
            flash(_("Created. Now write it in your own words, or use it as it is."))
            return redirect(url_for("questionnaires.wording", id=made.id, code=language()), 303)
    return render_template("questionnaires/new.html", form=form), form.status


@bp.get("/questionnaires/<int:id>")
@guard(Permission.READ)
def questionnaire(id: int) -> str:
    found = queries.questionnaire(id)
    versions = list(db.session.scalars(queries.versions(found)))
    shown = _chosen(versions)
    said = {code: shown.said(code, {}) for code in LANGUAGES}
    missing = {code: shown.missing(code) for code in LANGUAGES}
    return render_template(
        "questionnaires/questionnaire.html",
        questionnaire=found,
        versions=versions,
        version=shown,
        said=said,
        missing=missing,
        names=previews.names(),
    )


@bp.route("/questionnaires/<int:id>/wording/<code>", methods=["GET", "POST"])
@guard(Permission.CAMPAIGNS)
def wording(id: int, code: str) -> Any:
    found = queries.questionnaire(id)
    latest = queries.latest(found)
    form = WordingForm.of(found.kind, latest.texts(known(code)))
    form.editor = partial(last_editor, found)
    if form.validate_on_submit():
        saved = actions.reword(found, code, form.texts, by=current_user())
        db.session.commit()
        flash(
            _("Saved as version %(number)s. What was asked before keeps its words.", number=saved.number)
            if saved.number != latest.number
            else _("Wording saved.")
        )
        return redirect(url_for("questionnaires.wording", id=id, code=code), 303)
    return render_template(
        "questionnaires/wording.html",
        questionnaire=found,
        version=latest,
        form=form,
        code=code,
        missing=latest.missing(code),
        lent=latest.whole_texts(code),
        allowed=allowed,
    ), form.status


def _chosen(versions: list[Any]) -> Any:
    number = version_number()
    return next((version for version in versions if version.number == number), versions[0])
