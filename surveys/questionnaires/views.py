"""Pages of the questionnaires: the list, one of them, its words, and how customers see it."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from surveys.auth.queries import last_editor
from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db
from surveys.lib.errors import NotFound
from surveys.lib.i18n import LANGUAGES, _, language
from surveys.lib.numbers import row_number
from surveys.questionnaires import actions, previews, queries
from surveys.questionnaires.forms import NewForm, WordingForm

bp = Blueprint("questionnaires", __name__)


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
    form.like.choices = [SelectChoice(key, each.name_in(language())) for key, each in known.items()]
    if form.validate_on_submit():
        with form.keeping():
            made = actions.create(str(form.name.data), known[form.like.data], by=current_user())
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
    form = WordingForm.of(found.kind, latest.texts(_known(code)))
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
    ), form.status


@bp.get("/questionnaires/<int:id>/page/<code>")
@guard(Permission.READ)
def page(id: int, code: str) -> Response:
    """The customer's page as it looks; it answers nothing."""
    return previews.shut_in(
        previews.page(queries.questionnaire(id), _known(code), _version_number(), request.args.get("score"))
    )


@bp.get("/questionnaires/<int:id>/mail/<code>")
@guard(Permission.READ)
def mail(id: int, code: str) -> Response:
    """The letter as it looks, to an invented person."""
    return previews.shut_in(previews.mail(queries.questionnaire(id), _known(code), _version_number()))


def _known(code: str) -> str:
    if code not in LANGUAGES:
        raise NotFound(_("There is no such language."))
    return code


def _version_number() -> int | None:
    return request.args.get("version", type=row_number)


def _chosen(versions: list[Any]) -> Any:
    number = _version_number()
    return next((version for version in versions if version.number == number), versions[0])
