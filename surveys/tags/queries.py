"""Reading tags."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from surveys.lib.db import db
from surveys.tags.models import ResponseTag, Tag


@dataclass(frozen=True)
class Branch:
    """A tag of the first level, how many answers carry it, and the tags under it."""

    tag: Tag
    count: int
    children: list[Branch]


def tree() -> list[Branch]:
    """All tags in use, in two levels, each with its number of answers: one query."""
    counted = select(ResponseTag.tag_id, func.count().label("n")).group_by(ResponseTag.tag_id).subquery()
    rows = db.session.execute(
        select(Tag, func.coalesce(counted.c.n, 0))
        .outerjoin(counted, counted.c.tag_id == Tag.id)
        .where(Tag.archived_at.is_(None))
        .order_by(Tag.name)
    ).all()
    branches = {tag.id: Branch(tag, count, []) for tag, count in rows}
    for branch in branches.values():
        if branch.tag.parent_id in branches:
            branches[branch.tag.parent_id].children.append(branch)
    return [branch for branch in branches.values() if branch.tag.parent_id not in branches]


def choices() -> list[tuple[Tag, list[Tag]]]:
    """What may be set on an answer: tags of the first level, each with those under it."""
    return [(branch.tag, [child.tag for child in branch.children]) for branch in tree()]


def of(response_ids: Collection[int]) -> dict[int, list[Tag]]:
    """The tags of each of these answers: one query, whatever their number."""
    found: dict[int, list[Tag]] = defaultdict(list)
    if response_ids:
        rows = db.session.execute(
            select(ResponseTag.response_id, Tag)
            .join(Tag)
            .where(ResponseTag.response_id.in_(response_ids))
            .order_by(Tag.name)
        )
        for response_id, tag in rows:
            found[response_id].append(tag)
    return found


@dataclass(frozen=True)
class Movement:
    """How often a tag was set on the answers of a period, and of the period before."""

    tag: Tag
    now: int
    before: int
    accounts: int


def movements(since: date, middle: date, last: date, *, most: int = 5) -> list[Movement]:
    """The tags of the answers from `middle` to `last`, the most frequent first; before: from `since` to `middle`."""
    is_now = ResponseTag.day >= middle
    counted = (
        select(
            ResponseTag.tag_id,
            func.count().filter(is_now).label("now"),
            func.count().filter(~is_now).label("before"),
            func.count(func.distinct(ResponseTag.account_id)).filter(is_now).label("accounts"),
        )
        .where(ResponseTag.day.between(since, last))
        .group_by(ResponseTag.tag_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Tag, counted.c.now, counted.c.before, counted.c.accounts)
        .join(counted, counted.c.tag_id == Tag.id)
        .order_by(counted.c.now.desc(), Tag.name)
        .limit(most)
    )
    return [Movement(tag, now, before, accounts) for tag, now, before, accounts in rows]


def known(ids: Collection[int]) -> list[Tag]:
    """The tags with these numbers, those that were put away included."""
    return list(db.session.scalars(select(Tag).where(Tag.id.in_(ids)))) if ids else []
