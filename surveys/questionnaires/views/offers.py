"""What comes with an answer: whether we may get in touch, and what the page of thanks offers."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for

from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db
from surveys.lib.i18n import _
from surveys.questionnaires import offers as thanks
from surveys.questionnaires import queries
from surveys.questionnaires.forms import ContactForm, OfferForm
from surveys.questionnaires.views.room import bp
from surveys.settings.queries import organisation


@bp.route("/questionnaires/<int:id>/offers", methods=["GET", "POST"])
@guard(Permission.CAMPAIGNS)
def offers(id: int) -> Any:
    """What comes with the answer: the question whether we may get in touch, and what the page of thanks offers."""
    found = queries.questionnaire(id)
    form = ContactForm(obj=found)
    if form.validate_on_submit():
        thanks.ask_contact(found, form.asks_contact.data, by=current_user())
        db.session.commit()
        flash(_("Saved."))
        return redirect(url_for("questionnaires.offers", id=id), 303)
    return render_template(
        "questionnaires/offers.html", questionnaire=found, form=form, offers=thanks.of(found), most=thanks.MOST_KEPT
    ), form.status


@bp.route("/questionnaires/<int:id>/offers/<int:number>", methods=["GET", "POST"])
@guard(Permission.CAMPAIGNS)
def offer(id: int, number: int) -> Any:
    """One offer, or a new one at the end of the list."""
    found = queries.questionnaire(id)
    kept = thanks.of(found)
    form = OfferForm.of(found.kind, kept[number - 1] if 1 <= number <= len(kept) else None)
    if form.validate_on_submit():
        with form.keeping():
            thanks.put(found, number, form.offer, by=current_user())
            db.session.commit()
            flash(_("Saved."))
            return redirect(url_for("questionnaires.offers", id=id), 303)
    hosts = organisation().offer_hosts
    return render_template(
        "questionnaires/offer.html", questionnaire=found, form=form, hosts=hosts, is_new=number > len(kept)
    ), form.status


@bp.post("/questionnaires/<int:id>/offers/<int:number>/removal")
@guard(Permission.CAMPAIGNS)
def offer_removal(id: int, number: int) -> Any:
    thanks.remove(queries.questionnaire(id), number, by=current_user())
    db.session.commit()
    flash(_("The offer is gone."))
    return redirect(url_for("questionnaires.offers", id=id), 303)
