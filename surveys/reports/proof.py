"""The invariants of domain 7.2, proved on the rows as they stand: what `koe verify` says after a storm or any day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import exists, func, select, text

from surveys.delivery.models import Message, MessageState, Suppression
from surveys.followups.models import CaseResponse
from surveys.invitations.models import Campaign, CampaignState, Invitation, Outcome
from surveys.invitations.planning import ASK
from surveys.lib.db import db
from surveys.measures import queries as measures
from surveys.questionnaires.models import Kind, Version
from surveys.questionnaires.queries import scales
from surveys.questionnaires.questions import written as words_of
from surveys.responses.models import Response, Segment

# Least distance between two questions to one address: S-01, S-02, S-03, and S-04 as most in a year.
ANY = timedelta(days=7)
RELATIONSHIP = timedelta(days=90)
TRANSACTIONAL = timedelta(days=14)
YEAR = timedelta(days=365)
MOST_A_YEAR = 6
SHOWN = 20


@dataclass(frozen=True)
class Fault:
    """An invariant that does not hold, and where."""

    name: str
    words: str


def faults() -> list[Fault]:
    """Everything that does not add up; at most 20 of a sort are named. Empty on every good day."""
    checks = {
        "counts equal a recount": iter(measures.drift()),
        "segments follow scores": _wrong_segments(),
        "one copy a mail": _copies(),
        "nobody suppressed was mailed": _mailed_though_suppressed(),
        "every bad answer is in the queue": _forgotten(),
        "campaigns add up": _campaigns(),
        "quiet rules": _too_soon(),
        "the text index is whole": _index(),
    }
    found = []
    for name, lines in checks.items():
        for place, words in enumerate(lines):
            if place == SHOWN:
                found.append(Fault(name, "and more"))
                break
            found.append(Fault(name, words))
    return found


def _wrong_segments() -> Iterator[str]:
    rows = db.session.execute(
        select(Response.kind_key, Response.score, Response.segment, func.count())
        .where(Response.score.is_not(None))
        .group_by(Response.kind_key, Response.score, Response.segment)
    )
    known = scales()
    for kind_key, score, segment, number in rows:
        scale = known.get(kind_key)
        if scale and score is not None and scale.segment(score).value != str(segment):
            yield f"{number} answers {score} of {kind_key} are kept as {segment}"


def _copies() -> Iterator[str]:
    rows = db.session.execute(
        select(Message.message_id, func.count())
        .where(Message.state == MessageState.ACCEPTED, Message.message_id != "")
        .group_by(Message.message_id)
        .having(func.count() > 1)
    )
    yield from (f"{number} messages share {message_id}" for message_id, number in rows)


def _mailed_though_suppressed() -> Iterator[str]:
    rows = db.session.scalars(
        select(Message.id)
        .join(Suppression, Suppression.address_key == Message.address_key)
        .where(Message.kind == ASK, Message.state == MessageState.ACCEPTED, Suppression.created_at < Message.dated_at)
        .distinct()
    )
    yield from (f"message {number} went to an address that was suppressed before" for number in rows)


def _forgotten() -> Iterator[str]:
    linked = exists().where(CaseResponse.response_id == Response.id)
    rows = db.session.scalars(
        select(Response.id).where(Response.segment == Segment.BAD, ~linked, *measures.in_score()).order_by(Response.id)
    )
    yield from (f"answer {number} is bad and in nobody's queue" for number in rows)


def _campaigns() -> Iterator[str]:
    ended = (CampaignState.FINISHED, CampaignState.CANCELLED)
    still_open = db.session.execute(
        select(Campaign.name, func.count())
        .join(Invitation, Invitation.campaign_id == Campaign.id)
        .where(Campaign.state.in_(ended), Campaign.finished_at.is_not(None), Invitation.outcome == Outcome.OPEN)
        .group_by(Campaign.name)
    )
    yield from (f"“{name}” is over with {number} invitations open" for name, number in still_open)
    accepted = exists().where(
        Message.kind == ASK, Message.subject_id == Invitation.id, Message.state == MessageState.ACCEPTED
    )
    lost = db.session.scalars(select(Invitation.id).where(Invitation.outcome == Outcome.SENT, ~accepted))
    yield from (f"invitation {number} counts as sent and no mail of it was accepted" for number in lost)


def _too_soon() -> Iterator[str]:
    rows = db.session.execute(
        select(Invitation.id, Invitation.email_key, Invitation.sent_at, Invitation.product_id, Kind.is_relationship)
        .join(Kind, Kind.key == Invitation.kind_key)
        .where(Invitation.sent_at.is_not(None))
        .order_by(Invitation.email_key, Invitation.sent_at)
        .execution_options(yield_per=5000)
    )
    for _address, asked in groupby(rows, attrgetter("email_key")):
        yield from _one_person([Asked(row.id, row.sent_at, row.product_id, row.is_relationship) for row in asked])


class Asked(NamedTuple):
    """A question that went out to one address."""

    id: int
    sent_at: datetime
    product_id: int
    is_relationship: bool


def _one_person(asked: list[Asked]) -> Iterator[str]:
    """Asked twice within a distance, or too often in a year; `asked` in order of time."""
    for place, now in enumerate(asked):
        earlier = asked[:place]
        if sum(now.sent_at - before.sent_at < YEAR for before in earlier) >= MOST_A_YEAR:
            yield f"invitation {now.id} is one too many in a year (S-04)"
        for before in earlier:
            if rule := _broken(before, now):
                yield f"invitation {now.id} came too soon after {before.id} ({rule})"


def _broken(before: Asked, now: Asked) -> str:
    apart = now.sent_at - before.sent_at
    if before.is_relationship != now.is_relationship:
        return "S-01" if apart < ANY else ""
    if now.is_relationship:
        return "S-02" if apart < RELATIONSHIP and before.product_id == now.product_id else ""
    return "S-03" if apart < TRANSACTIONAL else ""


def _index() -> Iterator[str]:
    indexed = db.session.scalar(text("SELECT count(*) FROM response_text")) or 0
    written = (db.session.scalar(select(func.count()).where(Response.comment != "")) or 0) + _written_elsewhere()
    if indexed != written:
        yield f"{written} answers have words, {indexed} are in the text index"


def _written_elsewhere() -> int:
    """Answers without a comment that say something in words to a further question."""
    asked = {each.id: each.further for each in db.session.scalars(select(Version)) if each.questions}
    rows = db.session.execute(
        select(Response.version_id, Response.answers)
        .where(Response.comment == "", Response.version_id.in_(asked))
        .execution_options(yield_per=5000)
    )
    return sum(bool(words_of(asked[row.version_id], row.answers)) for row in rows)
