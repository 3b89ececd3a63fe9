"""Whatever happens in whatever order: sent + held + failed + unknown + open = audience, and nobody is mailed twice."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from surveys.delivery import actions as delivery
from surveys.delivery.models import Message, SuppressionReason
from surveys.delivery.replies import Accepted, Deferred, Rejected, Unknown
from surveys.invitations import actions, mails, planning
from surveys.invitations.models import Campaign, Invitation, Outcome
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.errors import Refused
from tests.factories import make_account, make_contact
from tests.invitations.lines import Server, adds_up, counts, draft, until_idle

ANSWERS = [Accepted("250 ok")] * 5 + [Rejected(550, "5.1.1"), Unknown("lost"), Deferred(451, "later")]


class Moody(Server):
    """Answers at random."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.chance = chance

    def send(self, envelope, before_dot):
        if not before_dot():
            return super().send(envelope, lambda: False)
        self.taken.append(envelope)
        return self.chance.choice(ANSWERS)


def opt_out(chance: random.Random) -> None:
    message = chance.choice(db.session.scalars(select(Message.to_address)).all() or ["nobody@x.jp"])
    delivery.suppress(message, SuppressionReason.OPT_OUT)
    db.session.commit()


def stop(campaign: Campaign) -> None:
    try:
        actions.cancel(campaign)
        db.session.commit()
    except Refused:
        db.session.rollback()


def decide(chance: random.Random, campaign: Campaign) -> None:
    unknown = select(Invitation.id).where(Invitation.outcome == Outcome.UNKNOWN)
    found = db.session.scalars(unknown.where(Invitation.campaign_id == campaign.id)).all()
    if found:
        try:
            actions.decide(campaign, chance.choice(found), send_again=chance.random() < 0.5)
            db.session.commit()
        except Refused:  # it is on its way again already
            db.session.rollback()


def hold(chance: random.Random) -> None:
    invitation = chance.choice(db.session.scalars(select(Invitation)).all() or [None])
    if invitation:
        invitation.account.hold_until = clock.today("Asia/Tokyo") + timedelta(days=chance.randint(0, 30))
        db.session.commit()


@pytest.mark.parametrize("seed", range(8))
def test_counts_add_up_through_random_sequences(app, monkeypatch, seed):
    chance = random.Random(seed)
    monkeypatch.setattr(planning, "SLICE", 3)
    account = make_account()
    for number in range(12):
        shared = {"account": account} if number % 3 == 0 else {}
        make_contact(
            email="broken" if number == 5 else f"c{number}@x.jp", language="fr" if number == 7 else "en", **shared
        )
    campaigns = [draft(name=name, key=key) for name, key in (("A", "nps-default"), ("B", "csat-default"))]
    for campaign in campaigns:
        actions.launch(campaign, skip_window=True)
        db.session.commit()
    kinds, server = mails.kinds(), Moody(chance)
    steps = [
        planning.start_due_campaigns,
        planning.plan_next_slice,
        planning.plan_next_slice,
        lambda: delivery.send_due(kinds, server, span=timedelta(0)),
        lambda: delivery.send_due(kinds, server, span=timedelta(0)),
        lambda: delivery.send_due(kinds, server, span=timedelta(0)),
        lambda: delivery.tell_next(kinds),
        planning.finish_campaigns,
        lambda: opt_out(chance),
        lambda: hold(chance),
        lambda: decide(chance, chance.choice(campaigns)),
    ]
    moment = clock.now()
    for number in range(60):
        with clock.at(moment + timedelta(minutes=10 * number)):
            chance.choice(steps)()
            db.session.commit()
            if number == 40 and seed % 2:
                stop(campaigns[0])
            check_now(campaigns)
    with clock.at(moment + timedelta(days=4)):
        while any(delivery.send_due(kinds, server) or delivery.tell_next(kinds) for _ in range(3)):
            db.session.commit()
        until_idle(planning.start_due_campaigns, planning.plan_next_slice, planning.finish_campaigns)
        while delivery.send_due(kinds, server) or delivery.tell_next(kinds):
            db.session.commit()
        until_idle(planning.finish_campaigns)
    check_end(campaigns, server)


def check_now(campaigns: list[Campaign]) -> None:
    for campaign in campaigns:
        told = counts(campaign)
        assert adds_up(told), told
        assert told.audience == 12 or campaign.is_draft, told


def check_end(campaigns: list[Campaign], server: Server) -> None:
    """Nobody was asked by both, every mail's end is its invitation's, and held ones say why."""
    db.session.expire_all()
    for invitation in db.session.scalars(select(Invitation)):
        assert (invitation.outcome is Outcome.HELD) == bool(invitation.held_rule)
    sent = db.session.scalars(select(Invitation.email_key).where(Invitation.outcome == Outcome.SENT)).all()
    assert max(Counter(sent).values(), default=1) == 1
    for campaign in campaigns:
        waiting = counts(campaign).open
        assert (campaign.finished_at is None) == bool(waiting or campaign.planned_at is None)
