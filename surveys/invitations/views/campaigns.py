"""Pages of the campaigns: the list, a draft on its way to its first mail, and what became of everybody."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from surveys.invitations import actions, letters, pages, queries
from surveys.invitations.forms import AudienceForm, CampaignForm, LaunchForm
from surveys.invitations.models import Campaign, Outcome
from surveys.invitations.views.blueprint import bp
from surveys.lib import clock, paging
from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db
from surveys.lib.errors import Invalid, NotFound
from surveys.lib.i18n import _, language
from surveys.questionnaires import queries as questionnaires
from surveys.settings.models import Brand, Product
from surveys.settings.queries import brands, products


@bp.get("/campaigns")
@guard(Permission.READ)
def campaigns() -> str:
    page = paging.page(queries.campaigns(), paging.number_from(request.args.get("page")))
    return render_template(
        "invitations/campaigns.html", page=page, standings=queries.counts_of(page.items), words=pages
    )


@bp.route("/campaigns/new", methods=["GET", "POST"])
@guard(Permission.CAMPAIGNS)
def new() -> Any:
    form = CampaignForm(questionnaire=request.args.get("questionnaire", "nps-default"))
    return _edited(None, form)


@bp.route("/campaigns/<int:id>/plan", methods=["GET", "POST"])
@guard(Permission.CAMPAIGNS)
def plan(id: int) -> Any:
    campaign = queries.campaign(id)
    return _edited(campaign, CampaignForm.of(campaign))


def _edited(campaign: Campaign | None, form: CampaignForm) -> Any:
    known = db.session.scalars(questionnaires.questionnaires())
    form.questionnaire.choices = [SelectChoice(each.key, each.name_in(language())) for each in known]
    form.product.choices = [SelectChoice(each.id, each.name_in(language())) for each in db.session.scalars(products())]
    form.brand.choices = _brands(campaign)
    if form.validate_on_submit():
        try:
            return redirect(url_for("invitations.campaign", id=_saved(campaign, form).id), 303)
        except Invalid as error:
            form.name.errors = [error.message]
    return render_template(
        "invitations/plan.html",
        campaign=campaign,
        form=form,
        properties=queries.property_names(),
        people=None if form.errors else queries.audience_size(actions.chosen(form.audience)),
        deadline=letters.usual_deadline(clock.now()),
    ), (400 if form.errors else 200)


def _brands(campaign: Campaign | None) -> list[SelectChoice]:
    """Brands in use, and the one this campaign has."""
    known = list(db.session.scalars(brands()))
    if campaign is not None and campaign.brand not in known:
        known.append(campaign.brand)
    return [SelectChoice(each.id, each.name_in(language())) for each in known]


def _saved(campaign: Campaign | None, form: CampaignForm) -> Campaign:
    asked: dict[str, Any] = {
        "product": db.session.get(Product, form.product.data),
        "brand": db.session.get(Brand, form.brand.data),
        "deadline_on": form.deadline_on.data,
    }
    name, key = str(form.name.data), str(form.questionnaire.data)
    if campaign is None:
        campaign = actions.create(name, key, form.audience, by=current_user(), **asked)
    else:
        kept = {"contact_ids": campaign.audience["contact_ids"]} if "contact_ids" in campaign.audience else {}
        actions.arrange(campaign, name, key, form.audience | kept, by=current_user(), **asked)
    db.session.commit()
    flash(_("Saved. Nothing has been sent yet."))
    return campaign


@bp.get("/campaigns/audience")
@guard(Permission.CAMPAIGNS)
def audience() -> Response:
    """How many people a form's audience has, while it is being filled in."""
    form = AudienceForm(request.args, meta={"csrf": False})
    people = queries.audience_size(actions.chosen(form.audience))
    return jsonify(people=people, words=pages.people(people))


@bp.get("/campaigns/<int:id>")
@guard(Permission.READ)
def campaign(id: int) -> str:
    found = queries.campaign(id)
    if found.is_draft:
        return draft_page(found, LaunchForm())
    return render_template("invitations/campaign.html", **pages.report(found))


def draft_page(campaign: Campaign, form: LaunchForm) -> str:
    return render_template("invitations/draft.html", **pages.draft(campaign), form=form)


@bp.get("/campaigns/<int:id>/people")
@guard(Permission.CONTACT_DETAILS)
def people(id: int) -> str:
    found = queries.campaign(id)
    outcome = _outcome(request.args.get("outcome", ""))
    wanted = queries.people(found, outcome, request.args.get("rule", ""))
    page = paging.page(wanted, paging.number_from(request.args.get("page")))
    return render_template(
        "invitations/people.html",
        campaign=found,
        standing=queries.counts(found),
        outcome=outcome,
        page=page,
        words=pages,
    )


def _outcome(text: str) -> Outcome | None:
    if text and text not in set(Outcome):
        raise NotFound(_("There is no such state."))
    return Outcome(text) if text else None


@bp.post("/campaigns/<int:id>/deletion")
@guard(Permission.CAMPAIGNS)
def deletion(id: int) -> Any:
    found = queries.campaign(id)
    actions.remove(found, by=current_user())
    db.session.commit()
    flash(_("The draft “%(name)s” was deleted.", name=found.name))
    return redirect(url_for("invitations.campaigns"), 303)
