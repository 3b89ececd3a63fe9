"""What comes with an answer: whether we may get in touch, and what the page of thanks offers."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import flash, redirect, render_template, url_for

from surveys.auth.queries import last_editor
from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db
from surveys.lib.i18n import _
from surveys.questionnaires import offers as thanks
from surveys.questionnaires import queries
from surveys.questionnaires.forms import ContactForm, OfferForm, OrderForm
from surveys.questionnaires.models import Questionnaire
from surveys.questionnaires.offers import Offer
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
    return _list(found, form, OrderForm(formdata=None)), form.status


@bp.post("/questionnaires/<int:id>/offers/order")
@guard(Permission.CAMPAIGNS)
def offers_order(id: int) -> Any:
    found, order = queries.questionnaire(id), OrderForm()
    if order.validate_on_submit():
        with order.keeping():
            thanks.order(found, order.wanted, by=current_user())
            db.session.commit()
            return redirect(url_for("questionnaires.offers", id=id, **order.place), 303)
    return _list(found, ContactForm(formdata=None, obj=found), order), order.status


@bp.route("/questionnaires/<int:id>/offers/new", methods=["GET", "POST"])
@guard(Permission.CAMPAIGNS)
def new_offer(id: int) -> Any:
    """A new offer, at the end of the list."""
    return _edited(queries.questionnaire(id), None)


@bp.route("/questionnaires/<int:id>/offers/<key>", methods=["GET", "POST"])
@guard(Permission.CAMPAIGNS)
def offer(id: int, key: str) -> Any:
    found = queries.questionnaire(id)
    return _edited(found, thanks.one(found, key))


@bp.post("/questionnaires/<int:id>/offers/<key>/removal")
@guard(Permission.CAMPAIGNS)
def offer_removal(id: int, key: str) -> Any:
    thanks.remove(queries.questionnaire(id), key, by=current_user())
    db.session.commit()
    flash(_("The offer is gone."))
    return redirect(url_for("questionnaires.offers", id=id), 303)


def _list(found: Questionnaire, form: ContactForm, order: OrderForm) -> str:
    shown = {"offers": thanks.of(found), "most": thanks.MOST_KEPT}
    return render_template("questionnaires/offers.html", questionnaire=found, form=form, order=order, **shown)


def _edited(found: Questionnaire, present: Offer | None) -> Any:
    form = OfferForm.of(found.kind, present)
    form.editor = partial(last_editor, found)
    if form.validate_on_submit():
        with form.keeping():
            thanks.put(found, form.offer, by=current_user())
            db.session.commit()
            flash(_("Saved."))
            return redirect(url_for("questionnaires.offers", id=found.id), 303)
    hosts = organisation().offer_hosts
    return render_template(
        "questionnaires/offer.html", questionnaire=found, form=form, hosts=hosts, present=present
    ), form.status
