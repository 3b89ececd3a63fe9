"""Reading open links: which there are, what came back through each, and what waits for a look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import joinedload

from surveys.lib.db import db
from surveys.lib.errors import NotFound
from surveys.lib.i18n import _
from surveys.openlinks.models import OpenAnswer, OpenLink
from surveys.questionnaires.models import Kind, Questionnaire, Version
from surveys.questionnaires.queries import versions
from surveys.scales import Summary, summary

MOST_RUSHES = 20
_SHOWN = (
    joinedload(OpenLink.questionnaire).joinedload(Questionnaire.kind),
    joinedload(OpenLink.version),
    joinedload(OpenLink.product),
    joinedload(OpenLink.brand),
)


@dataclass(frozen=True)
class Numbers:
    """What came back through a link: how many, how many of them count, wait and are left out, and the days they span.

    `summary` is of those that count; None for a question without a score.
    """

    n: int = 0
    counting: int = 0
    waiting: int = 0
    excluded: int = 0
    first: date | None = None
    last: date | None = None
    summary: Summary | None = None


class Rush(NamedTuple):
    """Answers in doubt that came from one network, and between when."""

    number: int
    first: datetime
    last: datetime


def links(*, archived: bool = False) -> Select[OpenLink]:
    """Those in use, or the archived ones; the newest first."""
    chosen = OpenLink.archived_at.is_not(None) if archived else OpenLink.archived_at.is_(None)
    return select(OpenLink).where(chosen).order_by(OpenLink.id.desc()).options(*_SHOWN)


def in_use_with(brand_id: int) -> list[str]:
    """The names of the open links of a brand that are in use."""
    found = select(OpenLink.name).where(OpenLink.brand_id == brand_id, OpenLink.archived_at.is_(None))
    return list(db.session.scalars(found.order_by(OpenLink.id)))


def link(link_id: int) -> OpenLink:
    found = known(link_id)
    if found is None:
        raise NotFound(_("There is no such open link."))
    return found


def at_address(link_id: int, edition: int) -> OpenLink | None:
    """The link of this address, unless it got another one since."""
    found = known(link_id)
    return found if found is not None and found.edition == edition else None


def known(link_id: int) -> OpenLink | None:
    return db.session.scalar(select(OpenLink).where(OpenLink.id == link_id).options(*_SHOWN))


def newer_version(found: OpenLink) -> Version | None:
    """The words the questionnaire has now, when people at this link still see earlier ones."""
    latest = db.session.scalars(versions(found.questionnaire).limit(1)).one()
    return latest if latest.id != found.version_id else None


def answers(found: OpenLink, *conditions: ColumnElement[bool]) -> Select[OpenAnswer]:
    """The answers of a link, the newest first."""
    return (
        select(OpenAnswer)
        .where(OpenAnswer.link_id == found.id, *conditions)
        .order_by(OpenAnswer.answered_at.desc(), OpenAnswer.id.desc())
        .options(joinedload(OpenAnswer.version))
    )


class InDoubt(NamedTuple):
    """A link whose answers wait for a look, and how many."""

    link_id: int
    name: str
    number: int


def in_doubt() -> list[InDoubt]:
    """All such links, archived ones too, those with the most answers first: one query."""
    number = func.count()
    rows = db.session.execute(
        select(OpenLink.id, OpenLink.name, number)
        .join(OpenAnswer, OpenAnswer.link_id == OpenLink.id)
        .where(*waiting())
        .group_by(OpenLink.id, OpenLink.name)
        .order_by(number.desc(), OpenLink.id)
    )
    return [InDoubt(*row) for row in rows]


def counting() -> tuple[ColumnElement[bool], ...]:
    return (OpenAnswer.doubted_at.is_(None), OpenAnswer.excluded_at.is_(None))


def waiting() -> tuple[ColumnElement[bool], ...]:
    return (OpenAnswer.doubted_at.is_not(None), OpenAnswer.excluded_at.is_(None))


def excluded() -> tuple[ColumnElement[bool], ...]:
    return (OpenAnswer.excluded_at.is_not(None),)


def answer(found: OpenLink, answer_id: int) -> OpenAnswer:
    row = db.session.get(OpenAnswer, answer_id)
    if row is None or row.link_id != found.id:
        raise NotFound(_("There is no such answer."))
    return row


def answer_of(found: OpenLink, client_id: str) -> OpenAnswer | None:
    """The answer that the form or device called this."""
    return db.session.scalar(
        select(OpenAnswer).where(OpenAnswer.link_id == found.id, OpenAnswer.client_id == client_id)
    )


def numbers_of(found: Sequence[OpenLink]) -> dict[int, Numbers]:
    """What came back through each of these links: one query."""
    inside, waits, out = counting(), waiting(), excluded()
    rows = db.session.execute(
        select(
            OpenAnswer.link_id,
            OpenAnswer.score,
            func.count(),
            func.count().filter(*inside),
            func.count().filter(*waits),
            func.count().filter(*out),
            func.min(OpenAnswer.day).filter(*inside),
            func.max(OpenAnswer.day).filter(*inside),
        )
        .where(OpenAnswer.link_id.in_([each.id for each in found]))
        .group_by(OpenAnswer.link_id, OpenAnswer.score)
    ).all()
    return {each.id: _numbers(each.questionnaire.kind, [row for row in rows if row[0] == each.id]) for each in found}


def _numbers(kind: Kind, rows: Sequence[Row[int, int | None, int, int, int, int, date | None, date | None]]) -> Numbers:
    by_score = {row[1]: row[3] for row in rows}
    scale = kind.scale
    n, inside, waits, out = (
        (sum(numbers) for numbers in zip(*(row[2:6] for row in rows), strict=True)) if rows else (0,) * 4
    )
    days = [day for row in rows for day in row[6:] if day]
    added_up = summary(scale, [by_score.get(score, 0) for score in scale.scores]) if scale else None
    return Numbers(n, inside, waits, out, min(days, default=None), max(days, default=None), added_up)


def numbers(found: OpenLink) -> Numbers:
    return numbers_of([found])[found.id]


def rushes(found: OpenLink) -> list[Rush]:
    """Networks of the last day from which more came than people would give, the largest first."""
    number = func.count()
    rows = db.session.execute(
        select(number, func.min(OpenAnswer.answered_at), func.max(OpenAnswer.answered_at))
        .where(OpenAnswer.link_id == found.id, OpenAnswer.network != "", *waiting())
        .group_by(OpenAnswer.network)
        .having(number > 1)
        .order_by(number.desc())
        .limit(MOST_RUSHES)
    )
    return [Rush(*row) for row in rows]
