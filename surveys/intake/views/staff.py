"""What staff do with a single answer: leave it out of the score, look at what a machine may have given, enter one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from surveys.customers.models import Contact
from surveys.intake import actions, queries
from surveys.intake.forms import EntryForm, ExclusionForm, NewsForm, score_in
from surveys.invitations import news
from surveys.lib import clock
from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db
from surveys.lib.i18n import _, language
from surveys.lib.links import back_or
from surveys.lib.numbers import row_number
from surveys.lib.paging import number_from, page
from surveys.questionnaires.queries import by_key, latest, questionnaires
from surveys.responses.evidence import Posting
from surveys.responses.models import Response
from surveys.responses.queries import quarantined, response
from surveys.settings.queries import default_product

bp = Blueprint("intake_desk", __name__)  # its own: what goes wrong here is told to a colleague, not to a customer


@bp.route("/responses/<int:id>/exclusion", methods=["GET", "POST"])
@guard(Permission.CAMPAIGNS)
def exclusion(id: int) -> Any:
    """Out of the score with a reason, or back into it."""
    found = response(id)
    form = ExclusionForm()
    if found.excluded_at and form.is_submitted() and "restore" in request.form:
        actions.restore(found, by=current_user())
        message = _("The answer is in the score again.")
    elif not found.excluded_at and form.validate_on_submit():
        actions.exclude(found, str(form.reason.data), by=current_user())
        message = _("The answer is left out of the score. It stays where it is, and so does its follow-up.")
    else:
        return render_template("responses/exclusion.html", answer=found, form=form), form.status
    db.session.commit()
    flash(message)
    return redirect(url_for("browse.response", id=id), 303)


@bp.get("/responses/quarantine")
@guard(Permission.READ)
def quarantine() -> str:
    """Answers a machine may have given."""
    return render_template("responses/quarantine.html", page=page(quarantined(), number_from(request.args.get("page"))))


@bp.post("/responses/<int:id>/acceptance")
@guard(Permission.CAMPAIGNS)
def acceptance(id: int) -> Any:
    actions.accept(response(id), by=current_user())
    db.session.commit()
    flash(_("Accepted: the answer counts, and is followed up like any other."))
    return redirect(url_for("intake_desk.quarantine"), 303)


@bp.post("/responses/<int:id>/rejection")
@guard(Permission.CAMPAIGNS)
def rejection(id: int) -> Any:
    actions.reject(response(id), by=current_user())
    db.session.commit()
    flash(_("Rejected: the answer does not count. The person can still answer with the link in the mail."))
    return redirect(url_for("intake_desk.quarantine"), 303)


@bp.app_template_global("told_about")
def told_about(answer: Response) -> Any:
    """What its giver was told about this answer."""
    return news.rows_about(answer.invitation_id) if answer.invitation_id else ()


@bp.route("/responses/<int:id>/news", methods=["GET", "POST"])
@guard(Permission.WORK_CASES)
def told(id: int) -> Any:
    """Share with its giver what became of an answer: the receipt shows it, and their next mail."""
    found, back = queries.told_response(id), back_or(url_for("browse.response", id=id))
    form = NewsForm()
    if form.validate_on_submit():
        with form.keeping():
            actions.tell(found, form.text.data or "", by=current_user())
            db.session.commit()
            flash(_("Shared: it stands on the page of the link now, and in the next mail."))
            return redirect(back, 303)
    return render_template("responses/told.html", answer=found, form=form, back=back), form.status


@bp.post("/responses/<int:id>/news/<int:number>/removal")
@guard(Permission.WORK_CASES)
def told_removal(id: int, number: int) -> Any:
    actions.take_back(queries.told_response(id), number, by=current_user())
    db.session.commit()
    flash(_("Taken back: nobody reads it any more."))
    return redirect(back_or(url_for("browse.response", id=id)), 303)


@bp.route("/responses/new", methods=["GET", "POST"])
@guard(Permission.WORK_CASES)
def entry() -> Any:
    """An answer on a customer's behalf, marked as entered by staff."""
    contact = queries.contact(request.args.get("contact", type=row_number))
    form = EntryForm(language=contact.language)
    form.questionnaire.choices = [
        SelectChoice(each.key, each.name_in(language())) for each in db.session.scalars(questionnaires())
    ]
    if form.validate_on_submit():
        version = latest(by_key(str(form.questionnaire.data)))
        kind = version.questionnaire.kind
        score = score_in(str(form.score.data or ""), kind.low, kind.high)
        if kind.low is None and not form.comment.data:
            form.comment.errors = [_("Please write a few words.")]
        elif kind.low is None or score is not None:
            return _entered(contact, version, score, form)
        else:
            form.score.errors = [_("Please choose a number from %(low)s to %(high)s.", low=kind.low, high=kind.high)]
    return render_template("responses/entry.html", contact=contact, form=form), form.status


def _entered(contact: Contact, version: Any, score: int | None, form: EntryForm) -> Any:
    now = clock.now()
    posting = Posting(
        score=score,
        comment=str(form.comment.data or ""),
        wants_contact={"yes": True, "no": False}.get(str(form.contact_wanted.data)),
        language=str(form.language.data),
        nonce=str(form.nonce.data or ""),
        issued_at=now,
        at=now,
    )
    number = actions.enter(contact, version, default_product(), posting, by=current_user())
    db.session.commit()
    flash(_("The answer is stored and marked as entered by you."))
    return redirect(url_for("browse.response", id=number), 303)
