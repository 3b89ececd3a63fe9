"""What is written in a case: a note, a call, a reply."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, url_for

from surveys.followups import actions, queries, words
from surveys.followups.forms import CallForm, NoteForm, ReplyForm
from surveys.followups.models import Case
from surveys.followups.views.blueprint import bp
from surveys.followups.views.case import panel
from surveys.lib import clock
from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db
from surveys.lib.i18n import _
from surveys.lib.links import back_or
from surveys.settings.queries import organisation


@bp.post("/cases/<int:id>/notes")
@guard(Permission.WORK_CASES)
def notes(id: int) -> Any:
    db.get_or_404(Case, id)
    form = NoteForm()
    if not form.validate_on_submit():
        return render_template("followups/case.html", shown=panel(id, note=form)), 400
    actions.note(id, form.note.data or "", by=current_user())
    db.session.commit()
    flash(_("Note saved."))
    return _back(id)


@bp.post("/cases/<int:id>/replies")
@guard(Permission.WORK_CASES)
def replies(id: int) -> Any:
    form = ReplyForm()
    if not form.validate_on_submit():
        return render_template("followups/case.html", shown=panel(id, reply=form)), 400
    overtaken = queries.answered_since(id, form.seen_entry_id, current_user().id)
    if overtaken is not None:
        return _overtaken(id, form, overtaken.by.name if overtaken.by else "")
    with form.keeping():
        entry = actions.reply(
            id,
            form.reply.data or "",
            by=current_user(),
            subject=form.subject.data or "",
            seen_entry_id=form.seen_entry_id,
            quotes=form.quotes.data,
        )
        db.session.commit()
    if form.refused:
        return _refused(id, form)
    flash(_("Your reply to %(who)s is on its way.", who=entry.case.contact.name or entry.case.account.name))
    return _back(id)


@bp.route("/cases/<int:id>/calls", methods=["GET", "POST"])
@guard(Permission.WORK_CASES)
def calls(id: int) -> Any:
    zone = ZoneInfo(organisation().timezone)
    form = CallForm(at=clock.now().astimezone(zone).replace(tzinfo=None, second=0, microsecond=0))
    if form.validate_on_submit():
        with form.keeping():
            actions.log_call(
                id,
                form.text.data or "",
                by=current_user(),
                channel=form.channel.data,
                result=form.result.data,
                at=form.moment(zone),
                waits=form.waits.data,
            )
            db.session.commit()
        if not form.refused:
            flash(_("Logged: %(what)s.", what=words.CHANNELS[form.channel.data]))
            return _back(id)
    return render_template("followups/call.html", form=form, story=queries.story(id)), form.status


def _overtaken(id: int, form: ReplyForm, name: str) -> Any:
    """A colleague answered while this was being written: the text is kept, and a second press sends it."""
    shown = panel(id, reply=form, overtaken_by=name)
    form.seen.data = str(shown.story.newest_entry_id)
    return render_template("followups/case.html", shown=shown), 409


def _refused(id: int, form: ReplyForm) -> Any:
    """The case is not as it was when the reply was begun: all that was written stands on the page, and why."""
    shown = panel(id, reply=form)
    form.seen.data = str(shown.story.newest_entry_id)
    return render_template("followups/case.html", shown=shown), form.status


def _back(id: int) -> Any:
    return redirect(back_or(url_for("followups.case", id=id)), 303)
