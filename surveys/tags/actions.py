"""Tagging, and looking after the list of tags."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from sqlalchemy import delete, select, update

from surveys.auth.models import StaffUser
from surveys.events.actions import note
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.errors import Invalid
from surveys.lib.i18n import _
from surveys.responses.models import Response
from surveys.tags.models import ResponseTag, Tag

LONGEST_NAME = 60  # letters


def key_of(name: str) -> str:
    """The form in which names of tags are compared: 「ＣＳＶ」 and "csv" are one tag."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def change_tags(response: Response, shown: Iterable[Tag], chosen: Iterable[Tag], *, by: StaffUser) -> None:
    """Set what was chosen and not shown, take away what was shown and not chosen.

    What a colleague did since, and what was put away, stays; who set a tag that stays, stays known.
    """
    seen, marked = {tag.id for tag in shown}, {tag.id for tag in chosen}
    present = set(db.session.scalars(select(ResponseTag.tag_id).where(ResponseTag.response_id == response.id)))
    wanted = (present - (seen - marked)) | (marked - seen)
    if gone := present - wanted:
        db.session.execute(
            delete(ResponseTag).where(ResponseTag.response_id == response.id, ResponseTag.tag_id.in_(gone))
        )
    for tag_id in sorted(wanted - present):
        db.session.add(ResponseTag.on(response, tag_id, by_id=by.id))
    if wanted != present:
        note("tagged", response, by=by, tags=sorted(wanted))
    db.session.flush()


def add_tag(name: str, *, parent: Tag | None = None, by: StaffUser | None = None) -> Tag:
    """A new tag; the one of that name when there is one already, brought back if it had been put away."""
    name = _checked(name)
    found = db.session.scalar(select(Tag).where(Tag.key == key_of(name)))
    if found is not None:
        found.archived_at = None
        return found
    if parent is not None and parent.parent_id is not None:
        raise Invalid(_("Tags have two levels: choose a tag of the first level to put this one under."))
    tag = Tag(name=name, key=key_of(name), parent=parent)
    db.session.add(tag)
    db.session.flush()
    note("tag_added", tag, by=by)
    return tag


def rename(tag: Tag, name: str, *, parent: Tag | None, by: StaffUser) -> None:
    """Give a tag another name or another place in the list."""
    name = _checked(name)
    twin = db.session.scalar(select(Tag).where(Tag.key == key_of(name), Tag.id != tag.id))
    if twin is not None:
        raise Invalid(_("There is already a tag of this name: %(name)s.", name=twin.name))
    if parent is not None and (parent.id == tag.id or parent.parent_id is not None or _has_children(tag)):
        raise Invalid(_("Tags have two levels: choose a tag of the first level to put this one under."))
    tag.name, tag.key, tag.parent = name, key_of(name), parent
    note("tag_renamed", tag, by=by)
    db.session.flush()


def archive(tag: Tag, *, by: StaffUser) -> None:
    """Put a tag away: it stays on its answers and can no longer be chosen. What stood under it moves up."""
    db.session.execute(update(Tag).where(Tag.parent_id == tag.id).values(parent_id=None))
    tag.archived_at = clock.now()
    note("tag_archived", tag, by=by)
    db.session.flush()


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not key_of(name):
        raise Invalid(_("A tag needs a name."))
    if len(name) > LONGEST_NAME:
        raise Invalid(_("A tag's name has at most %(n)s letters.", n=LONGEST_NAME))
    return name


def _has_children(tag: Tag) -> bool:
    return db.session.scalar(select(Tag.id).where(Tag.parent_id == tag.id).limit(1)) is not None
