"""The open links: the list, one of them with what came back, and making and changing them."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from flask import flash, redirect, render_template, request, url_for
from werkzeug import Response
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from surveys.auth.queries import last_editor
from surveys.lib import clock, paging
from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db
from surveys.lib.i18n import _, language
from surveys.lib.process import config
from surveys.openlinks import actions, limits, pages, queries, words
from surveys.openlinks.actions import Plan
from surveys.openlinks.forms import LinkForm, ReasonForm
from surveys.openlinks.models import OpenLink
from surveys.openlinks.views.blueprint import bp
from surveys.questionnaires.queries import questionnaires
from surveys.settings.models import Brand, Product
from surveys.settings.queries import brands, organisation, products

VIEWS: Final = {"": queries.counting, "waiting": queries.waiting, "excluded": queries.excluded}
ANSWERS_A_PAGE: Final = 25


@bp.get("/open-links")
@guard(Permission.READ)
def open_links() -> str:
    archived = request.args.get("view") == "archived"
    page = paging.page(queries.links(archived=archived), paging.number_from(request.args.get("page")))
    return render_template(
        "openlinks/links.html",
        page=page,
        archived=archived,
        numbers=queries.numbers_of(page.items),
        today=clock.today(organisation().timezone),
        words=words,
    )


@bp.route("/open-links/new", methods=["GET", "POST"])
@guard(Permission.CAMPAIGNS)
def new() -> Any:
    form = LinkForm(questionnaire=request.args.get("questionnaire", "nps-default"), mode="link")
    _choose(form)
    if form.validate_on_submit():
        with form.keeping():
            made = actions.create(_plan(form), by=current_user())
            db.session.commit()
            flash(_("Made. Everybody who has the address can answer."))
            return redirect(url_for("openlinks.open_link", id=made.id), 303)
    return render_template("openlinks/edit.html", form=form, link=None, a_room=limits.A_ROOM), form.status


@bp.route("/open-links/<int:id>/details", methods=["GET", "POST"])
@guard(Permission.CAMPAIGNS)
def details(id: int) -> Any:
    found = queries.link(id)
    form = LinkForm.of(found)
    form.editor = partial(last_editor, found)
    _choose(form, found)
    if form.validate_on_submit():
        with form.keeping():
            actions.change(found, _plan(form), by=current_user())
            db.session.commit()
            flash(_("Saved."))
            return redirect(url_for("openlinks.open_link", id=id), 303)
    return render_template("openlinks/edit.html", form=form, link=found, a_room=limits.A_ROOM), form.status


def _plan(form: LinkForm) -> Plan:
    return form.plan(db.session.get(Product, form.product.data), db.session.get(Brand, form.brand.data))


def _choose(form: LinkForm, link: OpenLink | None = None) -> None:
    """What there is to choose from; what a link has already stays, also when it was archived since."""
    known = {each.key: each for each in db.session.scalars(questionnaires())}
    sold = {each.id: each for each in db.session.scalars(products())}
    shown = {each.id: each for each in db.session.scalars(brands())}
    if link is not None:
        known.setdefault(link.questionnaire.key, link.questionnaire)
        sold.setdefault(link.product_id, link.product)
        shown.setdefault(link.brand_id, link.brand)
    form.questionnaire.choices = [SelectChoice(key, each.name_in(language())) for key, each in known.items()]
    form.product.choices = [SelectChoice(key, each.name_in(language())) for key, each in sold.items()]
    form.brand.choices = [SelectChoice(key, each.name_in(language())) for key, each in shown.items()]


@bp.get("/open-links/<int:id>")
@guard(Permission.READ)
def open_link(id: int) -> str:
    return one(queries.link(id), ReasonForm())


def one(found: OpenLink, form: ReasonForm) -> str:
    """A link with what came back: the answers that count, those that wait for a look, or those left out."""
    numbers = queries.numbers(found)
    view = request.args.get("view", "")
    view = view if view in VIEWS else ""
    shown = queries.answers(found, *VIEWS[view]())
    today = clock.today(organisation().timezone)
    return render_template(
        "openlinks/link.html",
        link=found,
        form=form,
        address=config().public_url + pages.path(found),
        state=found.state_on(today),
        numbers=numbers,
        rushes=queries.rushes(found) if numbers.waiting else [],
        newer=queries.newer_version(found),
        view=view,
        page=paging.page(shown, paging.number_from(request.args.get("page")), ANSWERS_A_PAGE),
        words=words,
        further_of=pages.in_words,
    )


@bp.post("/open-links/<int:id>/wording")
@guard(Permission.CAMPAIGNS)
def wording(id: int) -> Response:
    """Ask in the questionnaire's present words from now on."""
    version = actions.take_newest_words(queries.link(id), by=current_user())
    return _done(id, _("People see version %(number)s from now on.", number=version.number))


@bp.post("/open-links/<int:id>/address")
@guard(Permission.CAMPAIGNS)
def address(id: int) -> Response:
    actions.renew_address(queries.link(id), by=current_user())
    return _done(id, _("The old address is shut. Use the new one, and print the code anew."))


@bp.post("/open-links/<int:id>/archive")
@guard(Permission.CAMPAIGNS)
def archive(id: int) -> Response:
    actions.archive(queries.link(id), by=current_user())
    return _done(id, _("Archived. Nobody can answer any more; what came back stays."))


@bp.post("/open-links/<int:id>/return")
@guard(Permission.CAMPAIGNS)
def restoration(id: int) -> Response:
    actions.restore(queries.link(id), by=current_user())
    return _done(id, _("In use again, with the same address."))


def _done(link_id: int, message: str) -> Response:
    db.session.commit()
    flash(message)
    return redirect(url_for("openlinks.open_link", id=link_id), 303)
