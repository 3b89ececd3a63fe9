"""Pages about mails: what became of them, and who is not written to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from surveys.delivery import actions, queries
from surveys.delivery import outgoing as outgoing_mail
from surveys.delivery.forms import LiftForm, SuppressionForm
from surveys.delivery.models import Message, SenderPause, Suppression, SuppressionReason
from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db
from surveys.lib.i18n import _, _l, ngettext
from surveys.lib.paging import number_from, page

bp = Blueprint("delivery", __name__)

LISTS = {
    "unknown": queries.unknown,
    "failed": queries.failed,
    "waiting": queries.waiting,
    "overdue": queries.overdue,
}
KINDS = {
    "ask": _l("Survey"),
    "test": _l("Test mail"),
    "reply": _l("Reply"),
    "reset": _l("Password reset"),
    "invite": _l("Invitation to Koe"),
}
REASONS = {
    SuppressionReason.OPT_OUT: _l("Opted out"),
    SuppressionReason.COMPLAINT: _l("Complained"),
    SuppressionReason.HARD_BOUNCE: _l("No such mailbox"),
    SuppressionReason.MANUAL: _l("Entered by staff"),
    SuppressionReason.ERASURE: _l("Erased"),
}


@bp.app_context_processor
def _for_every_page() -> dict[str, Callable[[], SenderPause | None]]:
    """For the line on top of every page while no mail can leave."""
    return {"sender_pause": queries.pause}


@bp.get("/messages")
@guard(Permission.CAMPAIGNS)
def outgoing() -> str:
    """Mails whose fate is unknown, that were refused, that are still to go, or whose time is long past."""
    shown = request.args.get("list", "unknown")
    shown = shown if shown in LISTS else "unknown"
    counts = queries.counts()
    return render_template(
        "delivery/outgoing.html",
        page=page(LISTS[shown](), number_from(request.args.get("page")), total=counts[shown]),
        shown=shown,
        counts=counts,
        kinds=KINDS,
        said=_said,
    )


@bp.post("/messages/<int:id>/repetition")
@guard(Permission.CAMPAIGNS)
def repetition(id: int) -> Any:
    """Send the identical bytes once more."""
    message = db.get_or_404(Message, id)
    message.send_again(by=current_user())
    db.session.commit()
    flash(_("The same mail goes to %(address)s once more.", address=message.to_address))
    return redirect(url_for("delivery.outgoing"), 303)


@bp.post("/messages/<int:id>/acceptance")
@guard(Permission.CAMPAIGNS)
def acceptance(id: int) -> Any:
    message = db.get_or_404(Message, id)
    message.count_as_sent(by=current_user())
    db.session.commit()
    flash(_("The mail to %(address)s counts as sent.", address=message.to_address))
    return redirect(url_for("delivery.outgoing"), 303)


@bp.post("/messages/attempt")
@guard(Permission.CAMPAIGNS)
def attempt() -> Any:
    """Do not wait any longer for the mail server: somebody mended it."""
    actions.carry_on()
    db.session.commit()
    flash(_("Koe tries the mail server again now."))
    return redirect(url_for("delivery.outgoing", list="waiting"), 303)


@bp.post("/messages/overdue")
@guard(Permission.CAMPAIGNS)
def overdue() -> Any:
    """Decide about all that is overdue: send it now, or not at all."""
    if request.form.get("decision") == "send":
        number = actions.send_overdue(by=current_user())
        words = ngettext("%(num)s mail goes out now.", "%(num)s mails go out now.", number)
    else:
        number = actions.skip_overdue(by=current_user())
        words = ngettext("%(num)s mail is not sent.", "%(num)s mails are not sent.", number)
    db.session.commit()
    flash(words)
    return redirect(url_for("delivery.outgoing", list="waiting"), 303)


@bp.route("/suppressions", methods=["GET", "POST"])
@guard(Permission.ADMINISTER)
def suppressions() -> Any:
    form = SuppressionForm()
    if form.validate_on_submit():
        address, why = str(form.address.data), str(form.why.data)
        added = actions.suppress(address, SuppressionReason.MANUAL, note_text=why, by=current_user())
        db.session.commit()
        flash(_("Koe no longer writes to %(address)s.", address=form.address.data))
        return redirect(url_for("delivery.suppression", id=added.id), 303)
    found = page(queries.suppressions(request.args.get("address", "")), number_from(request.args.get("page")))
    written_to = queries.addresses_of([each.address_key for each in found.items])
    shown = {"page": found, "form": form, "reasons": REASONS, "written_to": written_to}
    return render_template("delivery/suppressions.html", **shown), 400 if form.errors else 200


@bp.route("/suppressions/<int:id>", methods=["GET", "POST"])
@guard(Permission.ADMINISTER)
def suppression(id: int) -> Any:
    """One address, and the way to write to it again: with a reason that stays in the record."""
    found, form = db.get_or_404(Suppression, id), LiftForm()
    if form.validate_on_submit():
        actions.lift(found, by=current_user(), why=str(form.why.data))
        db.session.commit()
        still = queries.suppressions_of(found.address_key)
        flash(_still_not(still) if still else _("Koe may write to this address again."))
        return redirect(url_for("delivery.suppressions"), 303)
    address = queries.addresses_of([found.address_key]).get(found.address_key)
    others = [each for each in queries.suppressions_of(found.address_key) if each.id != found.id]
    shown = {"suppression": found, "form": form, "reasons": REASONS, "address": address, "others": others}
    return render_template("delivery/suppression.html", **shown), 400 if form.errors else 200


def _still_not(standing: list[Suppression]) -> str:
    why = _(", ").join(str(REASONS[each.reason]) for each in standing)
    return _("This reason is gone. Koe still does not write to this address: %(why)s.", why=why)


def _said(message: Message) -> str:
    """The server's words as they came; our own in the reader's language."""
    if message.answer == outgoing_mail.NOT_KEPT:
        return _("Log-in mails are not kept in the built-in mailbox. Set up a mail server.")
    return message.answer if message.answer[:1].isdigit() else _("The connection broke.") if message.answer else ""
