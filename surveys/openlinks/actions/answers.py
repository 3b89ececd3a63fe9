"""Taking in what comes through an open link, and what staff decide about what is in doubt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from surveys.auth.limits import spend
from surveys.events.actions import note
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.errors import Refused
from surveys.lib.i18n import _
from surveys.openlinks import limits, queries
from surveys.openlinks.models import Doubt, OpenAnswer, OpenLink
from surveys.questionnaires.models import Version
from surveys.settings.queries import organisation


class _Actor(Protocol):
    id: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One answer as it came in. `client_id`: what the form or device calls it; `replaces`: it says it anew."""

    version: Version
    score: int | None
    comment: str
    language: str
    client_id: str
    answered_at: datetime
    network: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()
    replaces: bool = False


def receive(link: OpenLink, posting: Posting) -> OpenAnswer:
    """Take in one answer, or find the one that was taken in under the same name before.

    Raises `TooMany` when more comes from one network, or through one link, than is taken in five minutes. The counters
    are raised first: who shares them waits for us, so that nobody is overlooked when a rush is looked for.
    """
    known = queries.answer_of(link, posting.client_id)
    if known is not None:
        return _said_anew(known, link, posting) if posting.replaces else known
    spend(limits.of_network(link), posting.network)
    spend(limits.of_link(link), str(link.id))
    number = _insert(link, posting)
    if number is None:  # the same was a moment earlier on another way
        known = queries.answer_of(link, posting.client_id)
        assert known is not None
        return known
    taken = db.session.get_one(OpenAnswer, number)
    _look_for_a_rush(link, taken)
    return taken


def accept(answer: OpenAnswer, *, by: _Actor) -> None:
    answer.accept(at=clock.now())
    note("open_answer_accepted", answer, by=by)


def exclude(answer: OpenAnswer, reason: str, *, by: _Actor) -> None:
    answer.exclude(reason, at=clock.now())
    note("open_answer_excluded", answer, by=by, reason=reason)


def accept_all(link: OpenLink, *, by: _Actor) -> int:
    """Vouch for everything that waits for a look; how many that were."""
    return _decide(link, "open_answers_accepted", by=by, doubted_at=None, accepted_at=clock.now())


def exclude_all(link: OpenLink, reason: str, *, by: _Actor) -> int:
    """Leave out everything that waits for a look; how many that were."""
    now = clock.now()
    return _decide(link, "open_answers_excluded", by=by, doubted_at=None, excluded_at=now, excluded_reason=reason)


def forget_networks() -> bool:
    """Job: after a day nobody needs to know which answers came from one network (P-15)."""
    db.session.execute(
        update(OpenAnswer)
        .where(OpenAnswer.network != "", OpenAnswer.received_at < clock.now() - limits.MARKS_KEPT)
        .values(network="")
        .execution_options(synchronize_session=False)
    )
    return False


def _insert(link: OpenLink, posting: Posting) -> int | None:
    """The number of the new row; None when one of this name was there."""
    now = clock.now()
    kind = posting.version.questionnaire.kind
    row = {
        "link_id": link.id,
        "version_id": posting.version.id,
        "layout": posting.version.layout,
        "segment": None if posting.score is None else kind.segment(posting.score).value,
        "answered_at": posting.answered_at,
        "received_at": now,
        "day": clock.local_day(posting.answered_at, organisation().timezone),
        "client_id": posting.client_id,
        "network": posting.network,
        "doubted_at": now if posting.doubts else None,
        "doubts": [each.value for each in posting.doubts],
        "excluded_reason": "",
        **_said(posting),
    }
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(OpenAnswer).values(row)
    once = statement.on_conflict_do_nothing(index_elements=["link_id", "client_id"])
    number: int | None = db.session.scalar(once.returning(OpenAnswer.id))
    return number


def _said(posting: Posting) -> dict[str, Any]:
    return {
        "score": posting.score,
        "comment": posting.comment,
        "answers": dict(posting.answers),
        "language": posting.language,
    }


def _said_anew(known: OpenAnswer, link: OpenLink, posting: Posting) -> OpenAnswer:
    """Whoever sent it says it otherwise, in the same visit."""
    spend(limits.of_network(link), posting.network)
    for name, value in _said(posting).items():
        setattr(known, name, value)
    known.segment = None if posting.score is None else known.version.questionnaire.kind.segment(posting.score)  # type: ignore[assignment]
    db.session.flush()
    return known


def _look_for_a_rush(link: OpenLink, taken: OpenAnswer) -> None:
    """X-03: put in doubt what comes more often than people answer."""
    usual = limits.usual(link)
    recent = (
        OpenAnswer.link_id == link.id,
        OpenAnswer.network == taken.network,
        OpenAnswer.answered_at > taken.answered_at - usual.span,
        OpenAnswer.answered_at <= taken.answered_at,
    )
    number = db.session.scalar(select(func.count()).where(*recent, OpenAnswer.excluded_at.is_(None))) or 0
    if number <= usual.most:
        return
    chosen = recent if usual.takes_back else (OpenAnswer.id == taken.id,)
    db.session.execute(
        update(OpenAnswer)
        .where(*chosen, *queries.counting(), OpenAnswer.accepted_at.is_(None))
        .values(doubted_at=clock.now(), doubts=[Doubt.RUSH.value])
        .execution_options(synchronize_session="fetch")
    )


def _decide(link: OpenLink, event: str, *, by: _Actor, **values: Any) -> int:
    decided = db.session.execute(
        update(OpenAnswer)
        .where(OpenAnswer.link_id == link.id, *queries.waiting())
        .values(**values)
        .returning(OpenAnswer.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not decided:
        raise Refused(_("Nothing waits for a look any more."))
    note(event, link, by=by, number=len(decided))
    return len(decided)
