"""Pages of the further questions: their list in its order, and one of them."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from surveys.auth.queries import last_editor
from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db
from surveys.lib.i18n import _
from surveys.questionnaires import actions, queries
from surveys.questionnaires.forms import OrderForm, QuestionForm, allowed, kind_names
from surveys.questionnaires.models import Questionnaire, Version
from surveys.questionnaires.views.room import bp


@bp.route("/questionnaires/<int:id>/questions", methods=["GET", "POST"])
@guard(Permission.CAMPAIGNS)
def questions(id: int) -> Any:
    """The further questions; a POST sets their order."""
    found = queries.questionnaire(id)
    latest = queries.latest(found)
    form = OrderForm()
    if form.validate_on_submit():
        with form.keeping():
            actions.order_further(found, form.wanted, by=current_user())
            db.session.commit()
            return redirect(url_for("questionnaires.questions", id=id, **form.place), 303)
    shown = {"questionnaire": found, "version": latest, "form": form, "kinds": kind_names()}
    return render_template("questionnaires/questions.html", **shown), form.status


@bp.route("/questionnaires/<int:id>/questions/new", methods=["GET", "POST"])
@guard(Permission.CAMPAIGNS)
def new_question(id: int) -> Any:
    return _edited(id, "new", request.args.get("kind", "text"))


@bp.route("/questionnaires/<int:id>/questions/<key>", methods=["GET", "POST"])
@guard(Permission.CAMPAIGNS)
def question(id: int, key: str) -> Any:
    return _edited(id, key)


@bp.post("/questionnaires/<int:id>/questions/<key>/removal")
@guard(Permission.CAMPAIGNS)
def question_removal(id: int, key: str) -> Any:
    """No longer asked; what was answered stays with the version that asked."""
    found = queries.questionnaire(id)
    latest = queries.latest(found)
    form = QuestionForm.of(found.kind, latest, key, formdata=None)
    if form.present:
        with form.keeping():
            actions.remove_further(found, key, by=current_user())
            db.session.commit()
            flash(_("The question is removed. Answers that were given stay."))
            return redirect(url_for("questionnaires.questions", id=id), 303)
    return _shown(found, latest, form, key)


def _edited(id: int, key: str, kind: str = "") -> Any:
    found = queries.questionnaire(id)
    latest = queries.latest(found)
    form = QuestionForm.of(found.kind, latest, key, kind)
    form.editor = partial(last_editor, found)
    if form.validate_on_submit():
        with form.keeping():
            saved = actions.put_further(found, form.question, is_new=form.present is None, by=current_user())
            db.session.commit()
            flash(_("Saved. New campaigns ask this, from version %(number)s on.", number=saved.number))
            return redirect(url_for("questionnaires.questions", id=id), 303)
    return _shown(found, latest, form, key)


def _shown(found: Questionnaire, latest: Version, form: QuestionForm, key: str) -> Any:
    return render_template(
        "questionnaires/question.html",
        questionnaire=found,
        version=latest,
        form=form,
        key=key,
        kind_name=kind_names()[form.kind],
        allowed=allowed("further"),
    ), form.status
