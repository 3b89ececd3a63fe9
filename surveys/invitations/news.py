"""What became of what a contact told us: written by the rooms above, read in the next mail and on the receipt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, Protocol

from sqlalchemy import func, select

from surveys.customers.models import Contact
from surveys.events.actions import note
from surveys.invitations.models import ContactNews, Invitation
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.errors import Invalid
from surveys.lib.i18n import _

MOST_SHOWN = 3
LONGEST = 300


class _Actor(Protocol):
    id: Any


class Line(NamedTuple):
    """One thing that happened, in the words of one language."""

    text: str
    day: date


def tell(
    contact: Contact,
    texts: Mapping[str, str],
    *,
    happened_on: date,
    invitation: Invitation | None = None,
    by: _Actor | None = None,
) -> ContactNews:
    """Tell a contact what became of it: {"en": "…", "ja": "…"}, one at least. `invitation` asked what it is about."""
    kept = {language: " ".join(text.split()) for language, text in texts.items() if text.strip()}
    if not kept:
        raise Invalid(_("Please write what became of it."))
    if any(len(text) > LONGEST for text in kept.values()):
        raise Invalid(_("Please keep it to %(most)s characters: it is one line of a mail.", most=LONGEST))
    news = ContactNews(contact_id=contact.id, texts=kept, happened_on=happened_on, created_at=clock.now())
    news.invitation_id = invitation.id if invitation else None
    news.created_by_id = by.id if by else None
    db.session.add(news)
    db.session.flush()
    note("contact_told", news, by=by, contact_id=contact.id)
    return news


def take_back(told: ContactNews, *, by: _Actor | None = None) -> None:
    """It was not right after all: neither the receipt nor a mail that is still to come shows it."""
    note("contact_news_taken_back", told, by=by, contact_id=told.contact_id)
    db.session.delete(told)
    db.session.flush()


def rows_about(invitation_id: int | None) -> Sequence[ContactNews]:
    """What was told about the answer to this invitation, the newest first, as staff see it."""
    found = select(ContactNews).where(ContactNews.invitation_id == invitation_id)
    return db.session.scalars(found.order_by(ContactNews.happened_on.desc(), ContactNews.id.desc())).all()


def since_last_answer(contact: Contact, language: str) -> list[Line]:
    """The newest lines a contact has not answered since, at most three; none for who never answered."""
    answered = select(func.max(Invitation.answered_at)).where(Invitation.contact_id == contact.id).scalar_subquery()
    found = select(ContactNews).where(ContactNews.contact_id == contact.id, ContactNews.created_at > answered)
    newest = found.order_by(ContactNews.happened_on.desc(), ContactNews.id.desc())
    return _lines(db.session.scalars(newest), language)[:MOST_SHOWN]


def about(invitation_id: int, language: str) -> list[Line]:
    """All that was told about the answer to this invitation, the newest first."""
    found = select(ContactNews).where(ContactNews.invitation_id == invitation_id)
    return _lines(db.session.scalars(found.order_by(ContactNews.happened_on.desc(), ContactNews.id.desc())), language)


def _lines(found: Iterable[ContactNews], language: str) -> list[Line]:
    return [Line(each.texts[language], each.happened_on) for each in found if each.texts.get(language)]
