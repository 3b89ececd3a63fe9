"""Reading across rooms: answers by any filter, and the whole story of an account or a contact.

Filters look at the facts that were frozen with the answer (tier, phase), so a list of last year's answers does not
change because a customer did.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from surveys.customers.models import Account, Contact, Phase, Tier
from surveys.events.models import Event
from surveys.followups.models import Case, CaseResponse
from surveys.invitations.models import Invitation
from surveys.lib.db import db
from surveys.questionnaires.queries import scales
from surveys.responses.models import Response, Segment
from surveys.scales import Scale, Summary, summary
from surveys.search.queries import mentions
from surveys.tags.models import ResponseTag, Tag


@dataclass(frozen=True)
class Selection:
    """Which answers are looked at; everything empty is all of them. Both days belong to the period."""

    words: str = ""
    segment: Segment | None = None
    kind: str = ""
    product_id: int | None = None
    tag_id: int | None = None
    tier: Tier | None = None
    phase: Phase | None = None
    language: str = ""
    first: date | None = None
    last: date | None = None
    campaign_id: int | None = None
    account_id: int | None = None
    contact_id: int | None = None
    with_comment: bool = False


@dataclass(frozen=True)
class Numbers:
    """How the answers of one kind in a selection add up; `summary` is None for the kind without a score."""

    kind_key: str
    n: int
    summary: Summary | None


def answers(selection: Selection, zone: str) -> Select[Response]:
    """The answers of a selection, the newest first, with what a row of the list shows."""
    return (
        select(Response)
        .where(*conditions(selection, zone))
        .order_by(Response.answered_at.desc(), Response.id.desc())
        .options(*map(joinedload, (Response.contact, Response.account, Response.kind, Response.version)))
    )


def numbers(selection: Selection, zone: str) -> tuple[int, list[Numbers]]:
    """How many answers there are, and per kind what those that count add up to: two queries."""
    does_count = Response.excluded_at.is_(None)
    rows = db.session.execute(
        select(Response.kind_key, Response.score, func.count(), func.count().filter(does_count))
        .where(*conditions(selection, zone))
        .group_by(Response.kind_key, Response.score)
    ).all()
    counts: dict[str, dict[int | None, int]] = defaultdict(dict)
    for kind_key, score, _shown, counted in rows:
        counts[kind_key][score] = counted
    known = scales() if rows else {}
    added = [_added_up(key, known.get(key), by_score) for key, by_score in sorted(counts.items())]
    return sum(shown for _, _, shown, _ in rows), added


def _added_up(kind_key: str, scale: Scale | None, by_score: dict[int | None, int]) -> Numbers:
    n = sum(by_score.values())
    if scale is None:
        return Numbers(kind_key, n, None)
    return Numbers(kind_key, n, summary(scale, [by_score.get(score, 0) for score in scale.scores]))


def conditions(selection: Selection, zone: str) -> list[ColumnElement[bool]]:
    """A selection as conditions on `Response`; what is quarantined or withdrawn is in no list of answers."""
    chosen = {
        Response.segment: selection.segment,
        Response.kind_key: selection.kind or None,
        Response.product_id: selection.product_id,
        Response.tier: selection.tier,
        Response.phase: selection.phase,
        Response.language: selection.language or None,
        Response.campaign_id: selection.campaign_id,
        Response.account_id: selection.account_id,
        Response.contact_id: selection.contact_id,
    }
    return [
        Response.quarantined_at.is_(None),
        Response.withdrawn_at.is_(None),
        *(column == value for column, value in chosen.items() if value is not None),
        *_in_period(selection, zone),
        *_about(selection),
    ]


def _in_period(selection: Selection, zone: str) -> list[ColumnElement[bool]]:
    found = []
    if selection.first:
        found.append(Response.answered_at >= _midnight(selection.first, zone))
    if selection.last:
        found.append(Response.answered_at < _midnight(selection.last + timedelta(days=1), zone))
    return found


def _about(selection: Selection) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if selection.words:
        found.append(mentions(selection.words))
    if selection.with_comment:
        found.append(Response.comment != "")
    if selection.tag_id:
        inside = select(Tag.id).where((Tag.id == selection.tag_id) | (Tag.parent_id == selection.tag_id))
        found.append(Response.id.in_(select(ResponseTag.response_id).where(ResponseTag.tag_id.in_(inside))))
    return found


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


def cases_of(response_ids: Sequence[int]) -> dict[int, Case]:
    """The case each of these answers belongs to: one query."""
    if not response_ids:
        return {}
    rows = db.session.execute(
        select(CaseResponse.response_id, Case)
        .join(Case, Case.id == CaseResponse.case_id)
        .where(CaseResponse.response_id.in_(response_ids))
        .order_by(Case.id)
    )
    return {row.response_id: row.Case for row in rows}


def contacts_of(account: Account) -> Select[Contact]:
    return select(Contact).where(Contact.account_id == account.id).order_by(Contact.name, Contact.id)


def cases_about(*, account_id: int | None = None, contact_id: int | None = None) -> Select[Case]:
    """Cases of an account or a contact, the newest first."""
    return (
        select(Case)
        .where(Case.account_id == account_id if account_id else Case.contact_id == contact_id)
        .order_by(Case.opened_at.desc(), Case.id.desc())
        .options(joinedload(Case.contact), joinedload(Case.assignee))
    )


def invitations_to(contact: Contact) -> Select[Invitation]:
    """All askings of a contact, the newest first: why they were asked, and why not."""
    return (
        select(Invitation)
        .where(Invitation.contact_id == contact.id)
        .order_by(Invitation.id.desc())
        .options(joinedload(Invitation.campaign))
    )


def last_choice(contact: Contact) -> Event | None:
    """When the person last chose how to be asked, and whether that may have been a machine."""
    chosen = (Event.subject_kind == "contact", Event.subject_id == contact.id, Event.kind == "preferences_changed")
    return db.session.scalar(select(Event).where(*chosen).order_by(Event.id.desc()).limit(1))


def last_answers(contact_ids: Sequence[int]) -> dict[int, list[Response]]:
    """The answers of each of these contacts, oldest first, for the line of dots: one query."""
    found: dict[int, list[Response]] = defaultdict(list)
    if contact_ids:
        rows = db.session.scalars(
            select(Response)
            .where(
                Response.contact_id.in_(contact_ids), Response.quarantined_at.is_(None), Response.withdrawn_at.is_(None)
            )
            .order_by(Response.answered_at)
            .options(joinedload(Response.kind))
        )
        for response in rows:
            found[response.contact_id].append(response)
    return found
