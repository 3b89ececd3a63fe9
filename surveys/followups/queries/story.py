"""A case's whole story on one page: what was said, by whom, and who stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from surveys.auth.models import StaffUser
from surveys.auth.queries import workers
from surveys.customers.models import Account
from surveys.delivery.models import Message, Suppression
from surveys.delivery.queries import suppression_of
from surveys.followups.models import REPLY_KIND, Case, CaseResponse, Entry, EntryKind
from surveys.followups.queries.weighing import revenue_of
from surveys.invitations.models import Campaign
from surveys.lib.db import db
from surveys.lib.errors import NotFound
from surveys.lib.i18n import _
from surveys.responses.models import Response
from surveys.settings.models import Brand
from surveys.settings.queries import default_brand

EARLIER = 12  # answers shown as dots
OTHERS = 5  # other cases of the contact shown


@dataclass(frozen=True)
class Moment:
    """One item of the timeline: an answer of the customer, or an entry with the fate of its mail."""

    at: datetime
    answer: Response | None = None
    entry: Entry | None = None
    mail: Message | None = None


@dataclass(frozen=True)
class Story:
    """What the case page shows."""

    case: Case
    timeline: list[Moment]
    earlier: list[Response]
    others: Sequence[Case]
    suppression: Suppression | None
    names: dict[int, str]

    @property
    def answers(self) -> list[Response]:
        return list(self.case.responses)

    @property
    def answer(self) -> Response | None:
        """The newest answer: what the page opens with."""
        return self.case.responses[-1] if self.case.responses else None

    @property
    def revenue(self) -> tuple[int, str]:
        return revenue_of(self.case.account)

    @property
    def newest_entry_id(self) -> int:
        return max((moment.entry.id for moment in self.timeline if moment.entry), default=0)

    @property
    def has_been_answered(self) -> bool:
        return any(moment.entry and moment.entry.kind is EntryKind.MAIL_OUT for moment in self.timeline)


def story(case_id: int) -> Story:
    """Everything about a case, in a fixed number of queries."""
    case = db.session.scalars(_whole(case_id)).unique().one_or_none()
    if case is None:
        raise NotFound(_("There is no such case."))
    others = select(Case).where(Case.contact_id == case.contact_id, Case.id != case.id)
    return Story(
        case=case,
        timeline=_timeline(case),
        earlier=_earlier(case),
        others=db.session.scalars(others.order_by(Case.opened_at.desc()).limit(OTHERS)).all(),
        suppression=suppression_of(case.contact.email),
        names=_names(case),
    )


def brand_of(case: Case) -> Brand:
    """Under whose name we answer: the brand of the campaign that asked last, else the default one."""
    asked = (
        select(Brand)
        .join(Campaign, Campaign.brand_id == Brand.id)
        .join(Response, Response.campaign_id == Campaign.id)
        .join(CaseResponse, CaseResponse.response_id == Response.id)
        .where(CaseResponse.case_id == case.id)
    )
    newest = asked.order_by(Response.answered_at.desc(), Response.id.desc()).limit(1)
    return db.session.scalars(newest).one_or_none() or default_brand()


def answered_since(case_id: int, entry_id: int, user_id: int) -> Entry | None:
    """A colleague's answer to the customer that came after this entry of the timeline."""
    return db.session.scalars(
        select(Entry)
        .where(
            Entry.case_id == case_id,
            Entry.kind == EntryKind.MAIL_OUT,
            Entry.id > entry_id,
            Entry.by_id != user_id,
        )
        .order_by(Entry.id)
        .limit(1)
    ).one_or_none()


def last_handing(case_id: int) -> Entry | None:
    """The newest entry that says into whose hands a case went, and from whose."""
    names = ("taken", "handed", "put_back")
    statement = select(Entry).where(Entry.case_id == case_id, Entry.kind == EntryKind.EVENT, Entry.name.in_(names))
    last = db.session.scalars(statement.order_by(Entry.id.desc()).limit(1)).one_or_none()
    return last if last is not None and "from_state" in last.data else None


def colleagues() -> Sequence[StaffUser]:
    """Who may be given a case."""
    return db.session.scalars(workers()).all()


def _whole(case_id: int) -> Select[Case]:
    return (
        select(Case)
        .where(Case.id == case_id)
        .options(
            joinedload(Case.contact),
            joinedload(Case.account).options(joinedload(Account.owner), selectinload(Account.contracts)),
            joinedload(Case.assignee),
            selectinload(Case.responses).options(*map(joinedload, (Response.product, Response.kind, Response.version))),
            selectinload(Case.entries).joinedload(Entry.by),
        )
    )


def _timeline(case: Case) -> list[Moment]:
    """Answers and entries by time; what was asked and answered stands before what it set in motion."""
    sent = [entry.id for entry in case.entries if entry.kind is EntryKind.MAIL_OUT]
    mails = select(Message).where(Message.kind == REPLY_KIND, Message.subject_id.in_(sent))
    by_entry = {mail.subject_id: mail for mail in db.session.scalars(mails)} if sent else {}
    moments = [Moment(answer.answered_at, answer=answer) for answer in case.responses]
    moments += [Moment(entry.at, entry=entry, mail=by_entry.get(entry.id)) for entry in case.entries]
    return sorted(moments, key=lambda moment: (moment.at, moment.entry.id if moment.entry else 0))


def _earlier(case: Case) -> list[Response]:
    """The contact's last answers, oldest first."""
    statement = (
        select(Response)
        .where(
            Response.contact_id == case.contact_id,
            Response.score.is_not(None),
            Response.withdrawn_at.is_(None),
            Response.quarantined_at.is_(None),
        )
        .order_by(Response.answered_at.desc(), Response.id.desc())
        .limit(EARLIER)
    )
    return list(reversed(db.session.scalars(statement).all()))


def _names(case: Case) -> dict[int, str]:
    """Names of the colleagues that entries mention by number."""
    mentioned = {entry.data["to_id"] for entry in case.entries if entry.data.get("to_id")}
    found = select(StaffUser.id, StaffUser.name).where(StaffUser.id.in_(mentioned))
    return dict(db.session.execute(found).all()) if mentioned else {}
