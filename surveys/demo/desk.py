"""How the demo's team follows up: cases are taken, called about, resolved and told; light items are ticked off."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from surveys.auth.models import StaffUser
from surveys.customers.models import Contact
from surveys.demo.clockwork import Story
from surveys.followups import actions as followups
from surveys.followups import queries
from surveys.followups.models import Case, CaseState, Entry, EntryKind, Lane, Outcome
from surveys.lib import clock
from surveys.lib.db import db

STILL_OPEN: Final = timedelta(days=4)  # what came in since then is mostly still open
CALLS: Final = {
    "ja": (
        "お電話でお話を伺いました。現場の状況を確認し、対応の予定をお伝えしました。",
        "折り返しのお電話で、設定を一緒に確認しました。",
        "定例会で状況を伺いました。",
    ),
    "en": (
        "Called and listened. Agreed what we look into first.",
        "Walked through the settings on the phone.",
        "Talked it over in the regular meeting.",
    ),
}
DONE: Final = {
    "ja": (
        "設定を見直し、手順書をお送りしました。",
        "修正版を案内し、動作をご確認いただきました。",
        "要望として製品チームに渡し、予定をお伝えしました。",
    ),
    "en": (
        "Changed the setting and sent a short guide.",
        "Fixed in the update; the customer has checked it.",
        "Passed on to product and said when to expect news.",
    ),
}
CAUSES: Final = (
    *("product.performance", "product.missing", "product.defect", "product.usability"),
    *("support.speed", "onboarding.training", "commercial.price"),
)
ENDS: Final = {Outcome.SATISFIED: 60, Outcome.IMPROVEMENT: 22, Outcome.NO_REPLY: 12, Outcome.NOT_SATISFIED: 6}
AUTO_REPLY: Final = (
    "【自動応答】\n3月末で退職いたしました。後任は総務課の遠藤が務めます。"
    "ご連絡は soumu@kaede.example.com までお願いいたします。"
)


def expect(story: Story, response_id: int) -> None:
    """Plan what the team does about a bad answer, when it opened something."""
    case = queries.open_item_with(response_id)
    if case is None or len(case.responses) > 1:
        return
    now, dice = clock.now(), story.world.dice
    case_id, language = case.id, case.contact.language
    if case.lane is Lane.LIGHT:
        if now < story.end - STILL_OPEN or dice.random() < 0.3:
            moment = _working(story, now + timedelta(hours=dice.uniform(6, 60)))
            story.at(moment, lambda: _tick_off(story, case_id))
        return
    if now > story.end - STILL_OPEN and dice.random() < 0.55:
        return
    agent = _agent(story, case)
    first = _working(story, now + timedelta(hours=dice.choice((1, 2, 3, 5, 20))))
    story.at(first, lambda: _talk(story, case_id, agent, language))
    if now < story.end - STILL_OPEN:
        story.at(first + timedelta(days=dice.randint(1, 6)), lambda: _resolve(story, case_id, agent, language))


def _agent(story: Story, case: Case) -> StaffUser:
    staff = {user.id: user for user in story.world.staff.values()}
    return staff[case.account.owner_id or story.world.staff["agent"].id]


def _working(story: Story, moment: datetime) -> datetime:
    return story.days.next_open(moment)


def _tick_off(story: Story, case_id: int) -> None:
    followups.tick_off([case_id], by=story.world.staff["agent3"])


def _talk(story: Story, case_id: int, agent: StaffUser, language: str) -> None:
    if not _is_open(case_id):
        return
    followups.take(case_id, by=agent)
    words = story.world.dice.choice(CALLS[language])
    followups.log_call(case_id, words, by=agent, channel="phone", result="talked", at=clock.now())


def _resolve(story: Story, case_id: int, agent: StaffUser, language: str) -> None:
    if not _is_open(case_id):
        return
    dice = story.world.dice
    outcome = dice.choices(
        (Outcome.SATISFIED, Outcome.IMPROVEMENT, Outcome.NO_REPLY, Outcome.NOT_SATISFIED), (60, 22, 12, 6)
    )[0]
    followups.resolve(
        case_id,
        by=agent,
        cause=dice.choice(CAUSES),
        outcome=outcome,
        what_was_done=dice.choice(DONE[language]),
        customer_told=outcome is not Outcome.NO_REPLY,
    )


def _is_open(case_id: int) -> bool:
    case = db.session.get(Case, case_id)
    return case is not None and case.is_open


def set_the_scene(story: Story) -> None:
    """The desk as one finds it this morning: the case on top, one asleep, one that waits, an answering machine."""
    world = story.world
    top = _open_case_of(world.cast.champions["aoba"])
    if top is not None:
        top.due_at = clock.now() + timedelta(hours=2)
        top.first_contact_at = None
        if top.assignee_id is not None:
            top.assignee_id, top.state = None, CaseState.NEW
    others = [case for case in _open_cases() if top is None or case.id != top.id]
    if others:
        followups.snooze(others[-1].id, clock.now() + timedelta(days=3), by=world.staff["agent"])
    if len(others) > 1:
        followups.take(others[0].id, by=world.staff["agent"])
    _answering_machine(story, world.cast.champions["kaede"])


def _answering_machine(story: Story, contact_id: int) -> None:
    if _open_case_of(contact_id) is not None:
        return
    agent = story.world.staff["agent3"]
    case = followups.open_by_hand(
        db.session.get_one(Contact, contact_id), by=agent, why="自動応答で退職のご連絡。後任の方を確認する。"
    )
    db.session.add(
        Entry(
            case_id=case.id,
            kind=EntryKind.MAIL_IN,
            at=clock.now() - timedelta(hours=5),
            subject="自動応答",
            body=AUTO_REPLY,
        )
    )


def _open_case_of(contact_id: int) -> Case | None:
    return next(
        (case for case in db.session.scalars(queries.cases_of_contact(contact_id)).unique() if case.is_open), None
    )


def _open_cases() -> list[Case]:
    return [case for case in queries.waiting_people(50) if case.is_open]
