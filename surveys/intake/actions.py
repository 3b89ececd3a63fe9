"""The one way in for an answer, whatever its source, and what staff and customers do to one later.

All that follows from an answer – its counts, its case, its words in the index – happens in the same transaction. The
counts come last: every answer of a day waits for the same few rows of them, for as short a time as can be.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from surveys.auth.models import StaffUser
from surveys.customers import wishes
from surveys.customers.models import Contact
from surveys.delivery import actions as delivery
from surveys.delivery import queries as suppressions
from surveys.delivery.models import SuppressionReason
from surveys.events.actions import note
from surveys.followups import actions as followups
from surveys.intake.queries import questions
from surveys.invitations import news
from surveys.invitations.models import Invitation, Outcome
from surveys.invitations.planning import ASK
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.errors import NotFound, Refused, TooMany
from surveys.lib.i18n import _
from surveys.measures import actions as measures
from surveys.measures.actions import Move
from surveys.questionnaires.models import Version
from surveys.questionnaires.questions import written
from surveys.responses import actions as responses
from surveys.responses import evidence, queries
from surveys.responses.actions import Recorded
from surveys.responses.evidence import Posting, Verdict
from surveys.responses.models import Change, Evidence, Response, Source
from surveys.responses.queries import Standing
from surveys.scales import gravity
from surveys.search import actions as search
from surveys.settings.models import Product
from surveys.settings.queries import organisation

POSTS_A_MINUTE: Final = 10
A_MINUTE: Final = timedelta(minutes=1)


class Closed(Refused):
    """The answer can no longer be changed."""


class TakenBack(Refused):
    """The answer that something was to be added to was withdrawn meanwhile."""

    status = 409


class SentBefore(Refused):
    """This very form was taken in before, and now says something else in words."""

    status = 409


class NotMe(StrEnum):
    """Why somebody is the wrong person to ask."""

    LEFT = "left"
    WRONG_ADDRESS = "wrong_address"


class Counted(NamedTuple):
    """Whether an answer is in the score, and with which score."""

    counts: bool
    score: int | None


def receive(
    source: Source, so_far: Standing, posting: Posting, *, by: StaffUser | None = None, most: int = POSTS_A_MINUTE
) -> Recorded | None:
    """Take in one answer, with all that follows from it; None when this very form was taken in before.

    Raises `Closed` when the time for changes is over, `TakenBack` when there is nothing left to add to, `SentBefore`
    when that form comes with new words, and `TooMany` after `most` postings in a minute.
    """
    if so_far.response_id is not None:
        so_far = _locked(so_far)
        if _is_repeat(so_far, posting, most):
            _lose_no_words(so_far.response_id, posting)
            return None
        posting = _added(so_far, posting)
    verdict = evidence.judge(posting, so_far) if source is Source.PAGE else Verdict(True, (), Evidence.VOUCHED)
    recorded = responses.record(so_far, posting, verdict, source=source, by=by)
    if recorded is None:  # another posting of this invitation was a moment earlier
        return receive(source, _again(so_far), posting, by=by, most=most)
    if recorded.change is not Change.SET_ASIDE or recorded.is_quarantined != bool(so_far.quarantined_at):
        _follow(so_far, posting, recorded)
    return recorded


def enter(contact: Contact, version: Version, product: Product, posting: Posting, *, by: StaffUser) -> int:
    """An answer given to a member of staff, marked as such; it answers the invitation that is open, when one is.

    The number of the answer, of the one stored before when this very form came in already.
    """
    stored = queries.entered(contact.id, posting.nonce)
    if stored is not None:
        return stored
    waiting = queries.unanswered(contact, version.questionnaire_id)
    so_far = _standing(waiting.id) if waiting else queries.standing_of(contact, version, product)
    recorded = receive(Source.STAFF, so_far, posting, by=by)
    assert recorded is not None
    note("response_entered", queries.response(recorded.response_id), by=by)
    return recorded.response_id


def exclude(response: Response, reason: str, *, by: StaffUser) -> None:
    """Leave an answer out of the score; who owes a conversation still owes it."""
    before = _held(response)
    responses.exclude(response, reason, by=by)
    note("response_excluded", response, by=by, reason=reason)
    _recount(response, before)


def restore(response: Response, *, by: StaffUser) -> None:
    before = _held(response)
    responses.restore(response, by=by)
    note("response_restored", response, by=by)
    _recount(response, before)


def accept(response: Response, *, by: StaffUser) -> None:
    """Vouch for an answer that a machine might have given: it counts, and is triaged as if it had just come."""
    before = _held(response)
    responses.accept(response, by=by)
    note("response_accepted", response, by=by)
    followups.triage(_facts_of(response))
    _recount(response, before)


def reject(response: Response, *, by: StaffUser) -> None:
    before = _held(response)
    responses.reject(response, by=by)
    note("response_rejected", response, by=by)
    _recount(response, before)


def withdraw(response: Response) -> None:
    """The customer takes the answer back: it neither counts nor keeps a case open. As often as it is said."""
    before = _held(response)
    if response.withdrawn_at is not None:
        return
    responses.withdraw(response)
    note("response_withdrawn", response)
    followups.withdraw(response.id)
    _recount(response, before)


def opt_out(invitation: Invitation, *, source: str, is_suspect: bool = False) -> None:
    """Never ask this person again; takes effect at once, as often as it is said (E-03)."""
    for address in {invitation.contact.email, invitation.email_key}:
        delivery.suppress(address, SuppressionReason.OPT_OUT, source=source, is_suspect=is_suspect)
    if invitation.opted_out_at is None:
        invitation.opted_out_at = clock.now()
        note("opted_out", invitation, source=source)


def opt_in(invitation: Invitation) -> None:
    """The person wants to be asked again; what somebody else ordered stays (E-30)."""
    for address in {invitation.contact.email, invitation.email_key}:
        found = suppressions.suppression_of(address)
        if found is not None and found.reason is SuppressionReason.OPT_OUT:
            note("suppression_lifted", found, reason=found.reason, why="asked for by the person")
            db.session.delete(found)
    invitation.opted_out_at = None
    note("opted_in", invitation)


def not_me(invitation: Invitation, why: str | None, named: tuple[str, str, str] | None = None) -> None:
    """We asked the wrong person, and shall not ask them again; `named`: name, address and a word of who is right."""
    contact = invitation.contact
    db.session.refresh(contact, with_for_update=True)
    if why and not contact.unreachable:
        contact.unreachable = NotMe(why)
        note("contact_unreachable", contact, why=why)
    if named:
        wishes.name_successor(contact, *named)


def tell(response: Response, text: str, *, by: StaffUser) -> None:
    """Share with its giver what became of the answer, in their language."""
    contact = response.contact
    today = clock.today(organisation().timezone)
    news.tell(contact, {contact.language: text}, happened_on=today, invitation=response.invitation, by=by)


def take_back(response: Response, number: int, *, by: StaffUser) -> None:
    told = next((each for each in news.rows_about(response.invitation_id) if each.id == number), None)
    if told is None:
        raise NotFound(_("This was taken back already."))
    news.take_back(told, by=by)


def _standing(invitation_id: int) -> Standing:
    found = queries.standing(invitation_id)
    assert found is not None
    return found


def _again(so_far: Standing) -> Standing:
    assert so_far.invitation_id is not None
    return _standing(so_far.invitation_id)


def _locked(so_far: Standing) -> Standing:
    """The same, read again under the answer's lock, so that two changes at once come one after the other."""
    assert so_far.response_id is not None
    responses.lock(so_far.response_id, so_far.invitation_id)
    return _again(so_far)


def _is_repeat(so_far: Standing, posting: Posting, most: int) -> bool:
    assert so_far.response_id is not None
    seen = queries.earlier(so_far.response_id, posting.nonce, since=posting.at - A_MINUTE)
    if seen.is_repeat:
        return True
    if seen.lately >= most:
        raise TooMany(_("That was often in a short time. Please wait a minute and send it again."), retry_after=60)
    if so_far.is_read_only(posting.at):
        raise Closed(_("The time for changes is over."))
    return False


def _lose_no_words(response_id: int | None, posting: Posting) -> None:
    """A double press brings the same words; somebody who stopped it, wrote on and pressed again, brings others."""
    taken = queries.posted(response_id, posting.nonce)
    texts = {"": posting.comment, **posting.answers}
    before = {"": taken.comment, **taken.answers}
    if any(isinstance(text, str) and text and text != before.get(key) for key, text in texts.items()):
        raise SentBefore(
            _("Your answer was recorded when you sent it before. To change it, please send this once more.")
        )


def _added(so_far: Standing, posting: Posting) -> Posting:
    """What is only added leaves the score as it stands now: it may have been changed in another tab."""
    if not posting.is_more:
        return posting
    if so_far.withdrawn_at is not None:
        raise TakenBack(_("You withdrew your answer. To answer again, please send this once more."))
    return replace(posting, score=so_far.score)


def _follow(so_far: Standing, posting: Posting, now: Recorded) -> None:
    """All that a recorded answer moves: the queue, the index, and the counts."""
    was_standing = so_far.response_id is not None and not (so_far.quarantined_at or so_far.withdrawn_at)
    words = _words(so_far, posting, now)
    if not now.is_quarantined:
        facts = _facts(so_far, now, words, posting.at)
        followups.revise(facts) if was_standing else followups.triage(facts)
    elif was_standing:
        followups.withdraw(now.response_id)
    _index(so_far, now, words)
    if so_far.outcome is not Outcome.SENT and so_far.invitation_id is not None:
        delivery.arrived([ASK], so_far.invitation_id)  # an answer proves that its mail came (E-43)
    before = Counted(so_far.counts, so_far.score)
    after = Counted(not now.is_quarantined and so_far.excluded_at is None, now.score)
    measures.count(_moves(so_far, now, posting, before, after))


def _words(so_far: Standing, posting: Posting, now: Recorded) -> list[str]:
    """All that was written in one's own words."""
    asked = (posting.questions or questions(so_far.version_id)) if now.answers else ()
    return [text for text in (now.comment, *written(asked, now.answers)) if text]


def _index(so_far: Standing, now: Recorded, words: list[str]) -> None:
    """All its words, for whoever looks for one of them."""
    had_words = bool(so_far.comment or so_far.answers)
    if had_words or words:
        search.index(now.response_id, *words, is_new=not had_words)


def _facts(so_far: Standing, now: Recorded, words: list[str], at: datetime) -> followups.Answer:
    return followups.Answer(
        response_id=now.response_id,
        contact_id=so_far.contact_id,
        account_id=so_far.account_id,
        kind_key=so_far.kind_key,
        score=now.score,
        segment=now.segment,
        said="\n".join(words),
        tier=so_far.tier,
        role=so_far.role,
        owner_id=so_far.owner_id,
        mrr=so_far.mrr,
        currency=so_far.currency or "",
        answered_at=at,
        wants_contact=bool(now.wants_contact),
        gravity=gravity(so_far.segments, now.score),
        revision=so_far.revision,
    )


def _moves(so_far: Standing, now: Recorded, posting: Posting, before: Counted, after: Counted) -> list[Move]:
    """On its first day and under its first facts, wherever those stand today."""
    day = so_far.day or clock.local_day(posting.at, so_far.timezone)
    tier = so_far.tier if so_far.response_id is None else so_far.response_tier
    language = so_far.response_language or posting.language
    scored = measures.group(day, so_far.kind_key, so_far.product_id, tier=tier, language=language)
    moves = _of_score(scored, before, after)
    if now.sent_on and before.counts != after.counts:
        sent = measures.group(
            now.sent_on, so_far.kind_key, so_far.product_id, tier=now.sent_tier, language=so_far.language
        )
        moves.append(Move(sent, "answered", after.counts - before.counts))
    return moves


def _of_score(group: measures.Group, before: Counted, after: Counted) -> list[Move]:
    out = [Move(group, f"c{before.score}", -1)] if before.counts and before.score is not None else []
    return out + ([Move(group, f"c{after.score}", 1)] if after.counts and after.score is not None else [])


def _held(response: Response) -> Counted:
    """The answer as it is now that nobody else may change it, in the row and as what it counts for."""
    responses.lock(response.id, response.invitation_id)
    db.session.refresh(response)
    if response.invitation is not None:
        db.session.refresh(response.invitation)
    return _counted(response)


def _counted(response: Response) -> Counted:
    return Counted(response.counts, response.score)


def _recount(response: Response, before: Counted) -> None:
    after = _counted(response)
    group = measures.group(
        response.day, response.kind_key, response.product_id, tier=response.tier, language=response.language
    )
    moves = _of_score(group, before, after)
    sent = response.invitation
    if sent is not None and sent.sent_on is not None and before.counts != after.counts:
        of_sending = measures.group(
            sent.sent_on, sent.kind_key, sent.product_id, tier=sent.tier, language=sent.language
        )
        moves.append(Move(of_sending, "answered", after.counts - before.counts))
    db.session.flush()
    measures.count(moves)


def _facts_of(response: Response) -> followups.Answer:
    return followups.Answer(
        response_id=response.id,
        contact_id=response.contact_id,
        account_id=response.account_id,
        kind_key=response.kind_key,
        score=response.score,
        segment=response.segment,
        said=response.said,
        tier=response.tier,
        role=response.role,
        owner_id=response.owner_id,
        mrr=response.mrr,
        currency=response.currency,
        answered_at=clock.now(),
        wants_contact=bool(response.wants_contact),
        gravity=response.gravity,
    )
