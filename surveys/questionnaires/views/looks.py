"""How customers will see a questionnaire: as it is saved, and, while somebody writes, as it would be."""

from __future__ import annotations

from flask import Response, request

from surveys.lib.access import Permission, guard
from surveys.questionnaires import previews, queries
from surveys.questionnaires.forms import QuestionForm, WordingForm
from surveys.questionnaires.previews import Shown
from surveys.questionnaires.views.room import bp, known, version_number


@bp.get("/questionnaires/<int:id>/page/<code>")
@guard(Permission.READ)
def page(id: int, code: str) -> Response:
    """The customer's page as it looks; it answers nothing."""
    shown = Shown.of(queries.version(queries.questionnaire(id), version_number()), known(code))
    return previews.shut_in(previews.page(shown, request.args.get("score")))


@bp.get("/questionnaires/<int:id>/mail/<code>")
@guard(Permission.READ)
def mail(id: int, code: str) -> Response:
    """The letter as it looks, to an invented person."""
    shown = Shown.of(queries.version(queries.questionnaire(id), version_number()), known(code))
    return previews.shut_in(previews.mail(shown))


@bp.post("/questionnaires/<int:id>/wording/<code>/page")
@guard(Permission.CAMPAIGNS)
def written_page(id: int, code: str) -> Response:
    """The page with the words that stand in the form; nothing is saved."""
    return previews.shut_in(previews.page(_written(id, code), None))


@bp.post("/questionnaires/<int:id>/wording/<code>/mail")
@guard(Permission.CAMPAIGNS)
def written_mail(id: int, code: str) -> Response:
    return previews.shut_in(previews.mail(_written(id, code)))


@bp.post("/questionnaires/<int:id>/questions/<key>/page/<code>")
@guard(Permission.CAMPAIGNS)
def asked_page(id: int, key: str, code: str) -> Response:
    """The page with the further question that stands in the form; nothing is saved."""
    found = queries.questionnaire(id)
    latest = queries.latest(found)
    form = QuestionForm.of(found.kind, latest, key, request.args.get("kind", ""))
    shown = Shown.of(latest, known(code)).asking(form.placed_in(latest))
    return previews.shut_in(previews.page(shown, request.args.get("score")))


def _written(id: int, code: str) -> Shown:
    found = queries.questionnaire(id)
    latest = queries.latest(found)
    texts = latest.texts(known(code))
    return Shown.of(latest, code).saying(texts | WordingForm.of(found.kind, texts).texts)
