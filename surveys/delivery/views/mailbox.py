"""The built-in mailbox: mails as the customer would read them, where no mail server is set up."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, make_response, render_template, request

from surveys.delivery import mail, queries
from surveys.delivery.models import MailboxMail
from surveys.delivery.views.messages import bp
from surveys.lib import clock
from surveys.lib.access import Permission, current_user, guard, may
from surveys.lib.db import db
from surveys.lib.paging import number_from, page
from surveys.lib.process import config
from surveys.settings.queries import organisation

# The mail is shut in: nothing in it runs, nothing but our own pictures loads, its links open beside it.
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


def for_readers(view: Callable[..., Any]) -> Callable[..., Any]:
    """The mailbox: open to all in the demo on this machine, else to administrators."""
    guarded = guard(Permission.ADMINISTER)(view)

    @wraps(view)
    def chosen(*args: Any, **kwargs: Any) -> Any:
        is_open = config().is_on_loopback and organisation().is_demo
        return view(*args, **kwargs) if is_open else guarded(*args, **kwargs)

    chosen.access = "public"  # type: ignore[attr-defined]
    return chosen


@bp.get("/mailbox")
@for_readers
def mailbox() -> str:
    found = page(queries.mailbox(request.args.get("q", "")), number_from(request.args.get("page")))
    is_in_use = config().mail_url is None
    on_their_way = queries.count_due(clock.now()) if is_in_use else 0
    return render_template("delivery/mailbox.html", page=found, is_in_use=is_in_use, on_their_way=on_their_way)


@bp.get("/mailbox/<int:id>")
@for_readers
def mailbox_mail(id: int) -> str:
    found = db.get_or_404(MailboxMail, id)
    as_text = request.args.get("as") == "text"
    may_list = may(current_user(), Permission.ADMINISTER)
    return render_template(
        "delivery/mailbox_mail.html", mail=found, shown=mail.read(found.raw), as_text=as_text, may_list=may_list
    )


@bp.get("/mailbox/<int:id>/html")
@for_readers
def mailbox_html(id: int) -> Response:
    """The mail itself, for the frame on its page."""
    html = mail.read(db.get_or_404(MailboxMail, id).raw).html
    head, found, rest = html.partition("<head>")
    base = '<base target="_blank">'
    answer = make_response(f"{head}{found}{base}{rest}" if found else base + html)
    answer.headers["Content-Security-Policy"] = MAIL_POLICY
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
