"""Running a campaign in tests: the jobs of the timetable, and a mail server that takes, refuses or forgets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from surveys.delivery import actions as delivery
from surveys.delivery.replies import Accepted, Outcome
from surveys.delivery.transport import BeforeDot, Envelope
from surveys.invitations import actions, mails, planning, queries
from surveys.invitations.models import Campaign
from surveys.lib.db import db
from tests.factories import make_contact


class Server:
    """Takes every mail, or answers what `answers` says for its recipient."""

    def __init__(self, answers: dict[str, Outcome] | None = None) -> None:
        self.answers, self.taken = answers or {}, []

    def send(self, envelope: Envelope, before_dot: BeforeDot) -> Outcome:
        if not before_dot():
            from surveys.delivery.replies import Withheld

            return Withheld()
        self.taken.append(envelope)
        return self.answers.get(envelope.recipient, Accepted("250 queued"))

    def close(self) -> None:
        pass

    @property
    def recipients(self) -> list[str]:
        return sorted(envelope.recipient for envelope in self.taken)


def draft(**values: Any) -> Campaign:
    """A campaign to everybody, committed."""
    campaign = actions.create(values.pop("name", "Autumn"), values.pop("key", "nps-default"), **values)
    db.session.commit()
    return campaign


def launched(**values: Any) -> Campaign:
    campaign = draft(**values)
    actions.launch(campaign, skip_window=True)
    db.session.commit()
    return campaign


def until_idle(*jobs: Callable[[], bool]) -> None:
    """Every job until none of them finds anything to do."""
    while sum(job() for job in jobs):
        db.session.commit()
    db.session.commit()


def plan(also_held: Any = None) -> None:
    handed = {"also_held": also_held} if also_held else {}
    until_idle(planning.start_due_campaigns, lambda: planning.plan_next_slice(**handed))


def send_all(server: Server, also_held: Any = None) -> None:
    kinds = mails.kinds(also_held) if also_held else mails.kinds()
    until_idle(lambda: delivery.send_due(kinds, server), lambda: delivery.tell_next(kinds), planning.finish_campaigns)


def run(campaign: Campaign, server: Server | None = None) -> Server:
    """All of it, from the launch to the end."""
    server = server or Server()
    plan()
    send_all(server)
    return server


def counts(campaign: Campaign) -> queries.Counts:
    db.session.expire_all()
    return queries.counts(queries.campaign(campaign.id))


def people(number: int, **values: Any) -> list[Any]:
    return [make_contact(**values) for _ in range(number)]


def adds_up(counted: queries.Counts) -> bool:
    parts: Iterable[int] = (counted.sent, counted.held, counted.failed, counted.unknown, counted.open)
    return sum(parts) == counted.audience
