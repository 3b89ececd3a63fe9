"""The invariants: silent over sound rows, and each fault that is planted is found and named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from surveys.delivery.models import Message, MessageState, Suppression, SuppressionReason
from surveys.invitations.models import CampaignState, Invitation
from surveys.lib import clock
from surveys.lib.db import db
from surveys.measures.actions import rebuild
from surveys.measures.models import Measure
from surveys.reports.proof import SHOWN, faults
from surveys.responses.models import Response, Segment
from surveys.search import actions as search
from tests import factories

TEXT = {"key": "q1", "kind": "text", "words": {"en": {"text": "One wish?"}}}


def mail(invitation: Invitation, **values: object) -> Message:
    """The mail behind an invitation, as if the server had taken it."""
    now = clock.now()
    defaults = {
        "kind": "ask",
        "subject_id": invitation.id,
        "state": MessageState.ACCEPTED,
        "not_before": now,
        "created_at": now,
        "dated_at": now,
        "to_address": invitation.contact.email,
        "address_key": f"key of {invitation.id}",
        "message_id": f"<ask.{invitation.id}@minato.example.com>",
    }
    return factories.save(Message(**{**defaults, **values}))


@pytest.fixture
def answer(app) -> Response:
    """A sound house: one person was asked, answered badly, is in the queue, counted and can be found."""
    case = factories.make_case()
    found = case.responses[0]
    found.comment = "The export breaks."
    search.index(found.id, found.comment, is_new=True)
    mail(found.invitation)
    rebuild()
    db.session.commit()
    return found


def test_a_sound_house_has_no_fault(answer):
    assert faults() == []


def test_words_of_further_answers_that_can_be_found_are_no_fault(answer):
    answer.version.questions = [TEXT, {"key": "q2", "kind": "yes_no", "words": {"en": {"text": "And?"}}}]
    for given in ({"q1": "A wish", "q2": "yes"}, {"q2": "no"}):
        other = factories.make_response(7, answers=given, version_id=answer.version_id)
        mail(other.invitation)
        search.index(other.id, given.get("q1", ""), is_new=True)
    rebuild()
    db.session.commit()
    assert faults() == []


def miscount(_answer: Response) -> None:
    db.session.scalars(select(Measure)).one().c10 += 1


def mislabel(answer: Response) -> None:
    answer.segment = Segment.MIDDLE


def duplicate(answer: Response) -> None:
    twin = factories.make_invitation(sent_at=None)
    mail(twin, message_id=f"<ask.{answer.invitation_id}@minato.example.com>")


def suppress(answer: Response) -> None:
    before = clock.now() - timedelta(days=1)
    key = f"key of {answer.invitation_id}"
    db.session.add(Suppression(address_key=key, reason=SuppressionReason.OPT_OUT, created_at=before))


def forget(_answer: Response) -> None:
    invitation = factories.make_invitation()
    mail(invitation)
    factories.make_response(1, invitation=invitation)
    rebuild()


def leave_open(_answer: Response) -> None:
    campaign = factories.make_campaign(state=CampaignState.FINISHED, finished_at=clock.now(), name="Autumn")
    factories.make_invitation(campaign=campaign, outcome="open", sent_at=None)


def lose_the_mail(answer: Response) -> None:
    db.session.execute(update(Message).values(state=MessageState.REJECTED))


def ask_again(answer: Response) -> None:
    mail(factories.make_invitation(contact=answer.contact, sent_at=clock.now()))
    rebuild()


def lose_words(answer: Response) -> None:
    search.index(answer.id, "", is_new=False)


def lose_further_words(answer: Response) -> None:
    answer.version.questions = [TEXT]
    mute = factories.make_response(7, answers={"q1": "Words of its own"}, version_id=answer.version_id)
    mail(mute.invitation)
    rebuild()


@pytest.mark.parametrize(
    ("plant", "name", "says"),
    [
        (miscount, "counts equal a recount", "c10: 1 kept, 0 counted"),
        (mislabel, "segments follow scores", "1 answers 2 of nps are kept as middle"),
        (duplicate, "one copy a mail", "2 messages share <ask."),
        (suppress, "nobody suppressed was mailed", "went to an address that was suppressed before"),
        (forget, "every bad answer is in the queue", "is bad and in nobody's queue"),
        (leave_open, "campaigns add up", "“Autumn” is over with 1 invitations open"),
        (lose_the_mail, "campaigns add up", "counts as sent and no mail of it was accepted"),
        (ask_again, "quiet rules", "came too soon after"),
        (lose_words, "the text index is whole", "1 answers have words, 0 are in the text index"),
        (lose_further_words, "the text index is whole", "2 answers have words, 1 are in the text index"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_planted_fault_is_found_and_named(answer, plant: Callable[[Response], None], name: str, says: str):
    plant(answer)
    db.session.commit()
    found = faults()
    assert {fault.name for fault in found} == {name}, found
    assert says in found[0].words


def test_a_seventh_question_in_a_year_is_one_too_many(answer):
    for number in range(6):
        at = clock.now() - timedelta(days=50 * (number + 1))
        transactional = factories.make_campaign(key="csat-default")
        mail(factories.make_invitation(contact=answer.contact, campaign=transactional, sent_at=at))
    rebuild()
    db.session.commit()
    assert [fault.words.partition(" is ")[2] for fault in faults()] == ["one too many in a year (S-04)"]


def test_of_many_faults_the_first_are_named(answer):
    for number in range(SHOWN + 5):
        campaign = factories.make_campaign(state=CampaignState.FINISHED, finished_at=clock.now(), name=f"C{number}")
        factories.make_invitation(campaign=campaign, outcome="open", sent_at=None)
    found = faults()
    assert (len(found), found[-1].words) == (SHOWN + 1, "and more")


def test_whoever_got_no_mail_is_no_fault(answer):
    factories.make_invitation(outcome="held", held_rule="S-02", sent_at=None)
    assert faults() == []


def test_a_bad_answer_that_does_not_count_need_not_be_in_the_queue(answer):
    invitation = factories.make_invitation()
    mail(invitation)
    factories.make_response(1, invitation=invitation, excluded_at=clock.now(), excluded_reason="A test of ours.")
    rebuild()
    db.session.commit()
    assert faults() == []
