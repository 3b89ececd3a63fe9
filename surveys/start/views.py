"""Start here: who asks, whom, the mail, send. Five minutes, no file, in the order in which one wonders."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug import Response

from surveys.customers import imports
from surveys.invitations import actions as invitations
from surveys.invitations import pages
from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db, reading
from surveys.lib.i18n import _, language
from surveys.lib.numbers import row_number
from surveys.lib.process import config
from surveys.start import actions, queries
from surveys.start.forms import PeopleForm, SenderForm

bp = Blueprint("start", __name__)


@bp.route("/start/sender", methods=["GET", "POST"])
@guard(Permission.ADMINISTER)
def sender() -> Any:
    form = SenderForm(data=queries.known(current_user(), language()))
    if form.validate_on_submit():
        actions.introduce(form.data, by=current_user())
        db.session.commit()
        return redirect(url_for("start.people"), 303)
    return render_template("start/sender.html", form=form), form.status


@bp.route("/start/people", methods=["GET", "POST"])
@guard(Permission.ADMINISTER)
def people() -> Any:
    form = PeopleForm()
    with reading():
        is_good = form.validate_on_submit()
    if not is_good:
        shown = {"form": form, "has_people": queries.has_people(), "problems": []}
        return render_template("start/people.html", **shown), form.status
    taken = imports.run(str(form.pasted.data), name=_("Start here"), by=current_user())
    if not taken.is_done:
        return render_template(
            "start/people.html", form=form, has_people=queries.has_people(), problems=taken.problems
        ), 400
    actions.first_campaign(by=current_user())
    db.session.commit()
    return redirect(url_for("start.mail"), 303)


@bp.get("/start/mail")
@guard(Permission.ADMINISTER)
def mail() -> Any:
    """The mail as it will go out, the same to oneself, and the button that sends it."""
    if queries.has_asked():
        return redirect(url_for("invitations.campaigns"), 303)
    draft = queries.first_draft()
    if draft is None or not queries.has_people():
        return render_template("start/mail.html", campaign=None, has_people=queries.has_people())
    return render_template(
        "start/mail.html", **pages.draft(draft), has_mail_server=config().mail_url is not None, has_people=True
    )


@bp.post("/start/campaign")
@guard(Permission.ADMINISTER)
def campaign() -> Response:
    """Make the draft that is looked at next."""
    actions.first_campaign(by=current_user())
    db.session.commit()
    return redirect(url_for("start.mail"), 303)


@bp.post("/start/test-mail")
@guard(Permission.ADMINISTER)
def test_mail() -> Response:
    draft = queries.draft(_shown())
    sent = invitations.send_test(draft, request.form.get("language", language()), to=current_user())
    db.session.commit()
    flash(_("A test mail is on its way to %(address)s.", address=sent.user.email))
    return redirect(url_for("start.mail", language=sent.language), 303)


@bp.post("/start/sending")
@guard(Permission.ADMINISTER)
def sending() -> Response:
    sent = actions.send_first(_shown(), by=current_user())
    db.session.commit()
    flash(_("Your first question is on its way. Answers appear on this page as they come."))
    return redirect(url_for("invitations.campaign", id=sent.id), 303)


def _shown() -> int:
    """The number of the draft on the page whose button was pressed."""
    return request.form.get("campaign", 0, type=row_number)
