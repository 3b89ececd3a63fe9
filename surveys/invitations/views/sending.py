"""On the way to the first mail: looking at it, having it approved, sending it, calling it back."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, request, url_for

from surveys.invitations import actions, approval, letters, pages, queries
from surveys.invitations.forms import LaunchForm
from surveys.invitations.models import Outcome
from surveys.invitations.views.blueprint import bp
from surveys.invitations.views.campaigns import draft_page
from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db
from surveys.lib.errors import NotFound
from surveys.lib.i18n import LANGUAGES, _, language
from surveys.questionnaires.previews import shut_in
from surveys.settings.queries import organisation


@bp.get("/campaigns/<int:id>/mail/<code>")
@guard(Permission.CAMPAIGNS)
def mail(id: int, code: str) -> Response:
    """The mail as somebody of the audience would get it."""
    found = queries.campaign(id)
    if code not in LANGUAGES:
        raise NotFound(_("There is no such language."))
    written = letters.sample(found, code, contact=queries.somebody(found.audience, code))
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
        return draft_page(found, form), 400
    actions.launch(found, by=current_user(), at=form.moment(organisation().timezone))
    db.session.commit()
    flash(pages.launched(found))
    return redirect(url_for("invitations.campaign", id=id), 303)


@bp.post("/campaigns/<int:id>/approval")
@guard(Permission.CAMPAIGNS)
def approval_given(id: int) -> Any:
    """Somebody looked at this draft as it stands and lets it go."""
    found = queries.campaign(id)
    approval.give(found, request.form.get("seen", ""), by=current_user())
    db.session.commit()
    flash(_("Approved: “%(name)s” may go, as it stands.", name=found.name))
    return redirect(url_for("invitations.campaign", id=id), 303)


@bp.post("/campaigns/<int:id>/approval/withdrawal")
@guard(Permission.CAMPAIGNS)
def approval_withdrawal(id: int) -> Any:
    approval.withdraw(queries.campaign(id), by=current_user())
    db.session.commit()
    flash(_("The approval is taken back."))
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


@bp.post("/campaigns/<int:id>/unknown/<int:invitation_id>")
@guard(Permission.CAMPAIGNS)
def unknown(id: int, invitation_id: int) -> Any:
    """Decide about a mail whose fate nobody knows: send the same bytes again, or count it as sent."""
    again = request.form.get("decision") == "again"
    actions.decide(queries.campaign(id), invitation_id, send_again=again, by=current_user())
    db.session.commit()
    flash(_("The same mail goes out once more.") if again else _("It counts as sent."))
    return redirect(url_for("invitations.people", id=id, outcome=Outcome.UNKNOWN), 303)
