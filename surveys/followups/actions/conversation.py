"""What is said in a case: notes among ourselves, calls that were made, mails that go out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from surveys.auth.models import StaffUser
from surveys.delivery import actions as delivery
from surveys.delivery.kinds import Hold, MessageKind, Verdict
from surveys.delivery.mail import Letter
from surveys.delivery.models import Message, MessageState, Rank
from surveys.followups import queries
from surveys.followups.actions.record import record
from surveys.followups.models import REPLY_KIND, CaseResponse, CaseState, Entry, EntryKind
from surveys.invitations.planning import ASK
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.errors import Invalid, Refused
from surveys.lib.i18n import _
from surveys.responses.models import Response

NOT_REACHED = "not_reached"


def note(case_id: int, text: str, *, by: StaffUser) -> Entry:
    """A note among ourselves; changes nothing else, so that it is never lost to a change by somebody else."""
    return _add(Entry(case_id=case_id, kind=EntryKind.NOTE, at=clock.now(), by_id=by.id, body=text))


def log_call(
    case_id: int, text: str, *, by: StaffUser, channel: str, result: str, at: datetime, waits: bool = False
) -> Entry:
    """A call, a visit or a meeting. It counts as first contact unless nobody was reached."""
    if at > clock.now():
        raise Invalid(_("A call to come cannot be logged yet."))
    case = queries.locked(case_id)
    entry = Entry(case_id=case.id, kind=EntryKind.CALL, name=channel, at=at, by_id=by.id, body=text)
    entry.data = {"result": result, "waits": waits}
    case.work(by=by)
    if result != NOT_REACHED:
        case.contacted(at, waits=waits)
    return _add(entry)


def reply(case_id: int, text: str, *, by: StaffUser, subject: str, seen_entry_id: int, quotes: bool = False) -> Entry:
    """Answer the customer by mail. It counts as first contact when the mail server has accepted it.

    Refused when a colleague has answered since the page was read (`seen_entry_id` is the newest entry on it).
    """
    case = queries.locked(case_id)
    overtaken = queries.answered_since(case.id, seen_entry_id, by.id)
    if overtaken is not None:
        name = overtaken.by.name if overtaken.by else ""
        raise Refused(_("%(who)s has answered in the meantime. Your text is kept; read the answer first.", who=name))
    case.work(by=by)
    entry = Entry(case_id=case.id, kind=EntryKind.MAIL_OUT, at=clock.now(), by_id=by.id, subject=subject, body=text)
    entry.data = {"quotes": quotes}
    _add(entry)
    delivery.queue(REPLY_KIND, entry.id, to=case.contact.email, rank=Rank.AWAITED)
    return entry


def compose(message: Message) -> Letter:
    """A reply as a letter: from the team's address, in the thread of the mails before it (E-65)."""
    entry = db.session.get_one(Entry, message.subject_id)
    brand, contact = queries.brand_of(entry.case), entry.case.contact
    name = brand.name_in(contact.language)
    author = " ".join(part for part in (entry.by.name if entry.by else "", f"({name})" if name else "") if part)
    return Letter(
        sender=(author, brand.sender_address),
        to=(contact.name, message.to_address),
        subject=entry.subject,
        text=_quoted(entry) if entry.data.get("quotes") else entry.body,
        reply_to=(name, brand.reply_address) if brand.reply_address else None,
        headers=_thread(entry),
    )


def may_still_send(message: Message) -> Verdict:
    return None if db.session.get(Entry, message.subject_id) else Hold("missing")


def settled(message: Message) -> None:
    """The mail server's word on a reply: accepted is a first contact, a refusal puts the case back to work."""
    entry = db.session.get(Entry, message.subject_id)
    if entry is None or entry.data.get("fate") == message.state.value:
        return
    entry.data = {**entry.data, "fate": message.state.value}
    case = queries.locked(entry.case_id)
    if message.state is MessageState.ACCEPTED:
        case.contacted(message.settled_at or clock.now(), waits=True)
    elif message.state in (MessageState.REJECTED, MessageState.CANCELLED):
        if case.state is CaseState.WAITING:
            case.wait(False)
        record(case, "reply_failed", entry_id=entry.id)


REPLY = MessageKind(
    compose=compose, may_still_send=may_still_send, settled=settled, at_least_once=True, heeds_suppression=False
)


def _add(entry: Entry) -> Entry:
    db.session.add(entry)
    db.session.flush()
    return entry


def _thread(entry: Entry) -> dict[str, str]:
    """In-Reply-To and References: the mail that asked, and our replies since."""
    asked = (
        select(Response.invitation_id)
        .join(CaseResponse, CaseResponse.response_id == Response.id)
        .where(CaseResponse.case_id == entry.case_id, Response.invitation_id.is_not(None))
    )
    replied = select(Entry.id).where(
        Entry.case_id == entry.case_id, Entry.kind == EntryKind.MAIL_OUT, Entry.id < entry.id
    )
    invitations = (Message.kind == ASK) & Message.subject_id.in_(asked)
    replies = (Message.kind == REPLY_KIND) & Message.subject_id.in_(replied)
    found = select(Message.message_id).where(invitations | replies, Message.message_id != "").order_by(Message.id)
    numbers = db.session.scalars(found).all()
    return {"In-Reply-To": numbers[-1], "References": " ".join(numbers)} if numbers else {}


def _quoted(entry: Entry) -> str:
    """The text with the customer's own words beneath, as mails quote."""
    words = [answer.said for answer in entry.case.responses if answer.said]
    lines = "\n".join(f"> {line}" for line in words[-1].splitlines()) if words else ""
    return f"{entry.body}\n\n{lines}" if lines else entry.body
