"""How sure we are that a person answered, and what becomes of an answer that a machine may have given (domain 3.3).

Nothing is refused here: a suspect answer is stored and quarantined, or, on top of a person's answer, set aside. One
press of one radio and one button by a real browser cannot be told from a person's; that is what passes. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from surveys.questionnaires.questions import Question, Value
from surveys.responses.models import Evidence
from surveys.responses.queries import Standing

SHORTEST_READING = timedelta(milliseconds=800)
TWO_SCORES_WITHIN = timedelta(seconds=10)
ANOTHER_VISIT_AFTER = timedelta(seconds=60)
TYPED = 3  # characters


class Suspicion(StrEnum):
    """Why a machine is suspected (E-23)."""

    FAST = "fast"
    HONEYPOT = "honeypot"
    TRAP = "trap"
    PREFETCH = "prefetch"
    TWO_SCORES = "two_scores"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One posting of the form, as it came in. `is_change`: from the receipt of the visit that wrote the answer.

    `is_more`: what was still open, from the page that thanked this visit; the score is the one that stands.
    """

    score: int | None
    comment: str
    # To the further questions that were shown, by their keys.
    answers: Mapping[str, Value] = field(default_factory=dict)
    # Those questions, by which is known what still fits when the score changes.
    questions: Sequence[Question] = ()
    wants_contact: bool | None
    language: str
    nonce: str
    issued_at: datetime
    at: datetime
    is_change: bool = False
    is_more: bool = False
    # The page showed the comment written before, so that an empty one means that it was taken out.
    replaces_comment: bool = False
    filled_honeypot: bool = False
    said_prefetch: bool = False
    was_trapped: bool = False

    @property
    def is_same_visit(self) -> bool:
        """Whether it comes from the visit that wrote the answer."""
        return self.is_change or self.is_more

    @property
    def is_typed(self) -> bool:
        return len(self.comment.strip()) >= TYPED


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a posting: whether it is applied, why the answer is in doubt then (or not), and its grade."""

    applies: bool
    reasons: tuple[Suspicion, ...]
    evidence: Evidence


def judge(posting: Posting, so_far: Standing) -> Verdict:
    """E-23 and E-24 on one posting, given where the answer stands."""
    reasons = _suspicions(posting)
    if posting.is_typed and Suspicion.HONEYPOT not in reasons:
        return Verdict(True, (), _best(so_far, Evidence.VOUCHED if reasons or so_far.quarantined_at else Evidence.SENT))
    if so_far.response_id is None:
        return Verdict(True, reasons, Evidence.SENT)
    if so_far.quarantined_at is not None:
        return _again(posting, so_far, reasons)
    return _on_top(posting, so_far, reasons)


def _suspicions(posting: Posting) -> tuple[Suspicion, ...]:
    signs = (
        (Suspicion.FAST, posting.at - posting.issued_at < SHORTEST_READING),
        (Suspicion.HONEYPOT, posting.filled_honeypot),
        (Suspicion.TRAP, posting.was_trapped),
        (Suspicion.PREFETCH, posting.said_prefetch),
    )
    return tuple(name for name, is_there in signs if is_there)


def _again(posting: Posting, so_far: Standing, reasons: tuple[Suspicion, ...]) -> Verdict:
    """A quarantined answer is vouched for by another visit a minute later; else it stays where it is.

    The form on the page of thanks is no other visit: a machine that waits there and presses on is still a machine.
    """
    assert so_far.updated_at is not None
    visited_at = posting.at if posting.is_change else posting.issued_at
    if not reasons and not posting.is_more and visited_at - so_far.updated_at >= ANOTHER_VISIT_AFTER:
        return Verdict(True, (), Evidence.VOUCHED)
    kept = tuple(Suspicion(name) for name in so_far.quarantine or ())
    return Verdict(not reasons, () if reasons else kept, _best(so_far, Evidence.SENT))


def _on_top(posting: Posting, so_far: Standing, reasons: tuple[Suspicion, ...]) -> Verdict:
    """On an answer that stands: what its own visit adds keeps its grade; two scores at once put all in doubt.

    A suspect score never takes the place of one that stands.
    """
    if posting.is_same_visit:
        return Verdict(True, (), _best(so_far, Evidence.SENT))
    doubts = (Suspicion.TWO_SCORES,) if _two_scores(posting, so_far) else ()
    return Verdict(not reasons, doubts, _best(so_far, Evidence.SENT))


def _two_scores(posting: Posting, so_far: Standing) -> bool:
    assert so_far.updated_at is not None
    lately = posting.at - so_far.updated_at <= TWO_SCORES_WITHIN
    return lately and posting.score != so_far.score and not so_far.comment and so_far.evidence != Evidence.VOUCHED


def _best(so_far: Standing, grade: Evidence) -> Evidence:
    return Evidence.VOUCHED if Evidence.VOUCHED in (so_far.evidence, grade) else Evidence.SENT
