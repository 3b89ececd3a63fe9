"""Pages of the campaigns: the list, a draft on its way to its first mail, and what became of everybody."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from surveys.invitations import actions, checks, mails, pages, queries
from surveys.invitations.forms import AudienceForm, CampaignForm, LaunchForm
from surveys.invitations.models import Campaign, Outcome
from surveys.lib import clock, paging
from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db
from surveys.lib.errors import Invalid, NotFound
from surveys.lib.i18n import LANGUAGES, _, language
from surveys.questionnaires import queries as questionnaires
from surveys.questionnaires.previews import shut_in
from surveys.settings.models import Product
from surveys.settings.queries import organisation, products

bp = Blueprint("invitations", __name__)


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
        deadline=checks.usual_deadline(clock.now()),
    ), (400 if form.errors else 200)


def _saved(campaign: Campaign | None, form: CampaignForm) -> Campaign:
    asked: dict[str, Any] = {
        "product": db.session.get(Product, form.product.data),
        "deadline_on": form.deadline_on.data,
    }
    name, key = str(form.name.data), str(form.questionnaire.data)
    if campaign is None:
        campaign = actions.create(name, key, form.audience, by=current_user(), **asked)
    else:
        kept = {"contact_ids": campaign.audience["contact_ids"]} if "contact_ids" in campaign.audience else {}
        actions.arrange(campaign, name, key, form.audience | kept, **asked)
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
        return _draft(found, LaunchForm())
    return render_template("invitations/campaign.html", **pages.report(found))


def _draft(campaign: Campaign, form: LaunchForm) -> str:
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


@bp.get("/campaigns/<int:id>/mail/<code>")
@guard(Permission.CAMPAIGNS)
def mail(id: int, code: str) -> Response:
    """The mail as somebody of the audience would get it."""
    found = queries.campaign(id)
    if code not in LANGUAGES:
        raise NotFound(_("There is no such language."))
    written = mails.sample(found, code, contact=queries.somebody(found.audience, code))
    if request.args.get("part") == "text":
        return Response(written.text, mimetype="text/plain")
    return shut_in(written.html)


@bp.post("/campaigns/<int:id>/test-mail")
@guard(Permission.CAMPAIGNS)
def test_mail(id: int) -> Any:
    sent = actions.send_test(queries.campaign(id), request.form.get("language", language()), to=current_user())
    db.session.commit()
    flash(_("A test mail is on its way to %(address)s.", address=sent.user.email))
    return redirect(url_for("invitations.campaign", id=id, language=sent.language), 303)


@bp.post("/campaigns/<int:id>/sending")
@guard(Permission.CAMPAIGNS)
def sending(id: int) -> Any:
    found, form = queries.campaign(id), LaunchForm()
    if found.is_draft and not form.validate_on_submit():
        return _draft(found, form), 400
    actions.launch(found, by=current_user(), at=form.moment(organisation().timezone))
    db.session.commit()
    flash(pages.launched(found))
    return redirect(url_for("invitations.campaign", id=id), 303)


@bp.post("/campaigns/<int:id>/cancellation")
@guard(Permission.CAMPAIGNS)
def cancellation(id: int) -> Any:
    found = actions.cancel(queries.campaign(id), by=current_user())
    db.session.commit()
    flash(
        _("Taken back. Nothing has been sent.") if found.is_draft else _("Stopped. What was sent already stays sent.")
    )
    return redirect(url_for("invitations.campaign", id=id), 303)


@bp.post("/campaigns/<int:id>/deletion")
@guard(Permission.CAMPAIGNS)
def deletion(id: int) -> Any:
    found = queries.campaign(id)
    actions.remove(found, by=current_user())
    db.session.commit()
    flash(_("The draft “%(name)s” was deleted.", name=found.name))
    return redirect(url_for("invitations.campaigns"), 303)


@bp.post("/campaigns/<int:id>/unknown/<int:invitation_id>")
@guard(Permission.CAMPAIGNS)
def unknown(id: int, invitation_id: int) -> Any:
    """Decide about a mail whose fate nobody knows: send the same bytes again, or count it as sent."""
    again = request.form.get("decision") == "again"
    actions.decide(queries.campaign(id), invitation_id, send_again=again, by=current_user())
    db.session.commit()
    flash(_("The same mail goes out once more.") if again else _("It counts as sent."))
    return redirect(url_for("invitations.people", id=id, outcome=Outcome.UNKNOWN), 303)
