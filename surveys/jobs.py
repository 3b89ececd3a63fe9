"""The timetable: every background job, how often, and what upper rooms hand to lower ones.

`delivery` sends mails without knowing what they are about: each room that has mails hands over how they are written,
asked about and ended. The quiet rules of `invitations` ask `followups` who has an open case the same way.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from surveys.auth import actions as auth
from surveys.auth import limits
from surveys.auth import mails as auth_mails
from surveys.auth.duties import Duty
from surveys.customers import actions as customers
from surveys.customers import queries as customer_queries
from surveys.delivery import actions as delivery
from surveys.delivery.journal import Journal
from surveys.delivery.kinds import Kinds, MessageKind
from surveys.delivery.models import Message, MessageState
from surveys.delivery.outgoing import transport
from surveys.followups import actions as followups
from surveys.followups import queries as followup_queries
from surveys.followups.actions import conversation
from surveys.followups.models import REPLY_KIND
from surveys.followups.queries import contacts_with_open_case
from surveys.invitations import intents, planning
from surveys.invitations import mails as invitation_mails
from surveys.lib.i18n import ngettext
from surveys.lib.jobs import Job, forget_old_runs
from surveys.lib.process import config
from surveys.measures.actions import count_delivered
from surveys.openlinks import actions as openlinks

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def message_kinds() -> Kinds:
    """Every kind of mail Koe sends."""
    invitations = invitation_mails.kinds(also_held=contacts_with_open_case)
    asked = invitations[planning.ASK]
    return {
        **invitations,
        planning.ASK: replace(asked, settled=partial(_settle_and_count, asked)),
        REPLY_KIND: conversation.REPLY,
        **auth_mails.MESSAGE_KINDS,
    }


def timetable() -> Sequence[Job]:
    """The jobs of one worker, the most urgent first."""
    kinds, settings = message_kinds(), config()
    worker = f"{socket.gethostname()}:{os.getpid()}"
    send = partial(
        delivery.send_due, kinds, transport(settings), worker=worker, journal=Journal(settings.data_dir / "journal")
    )
    return (
        Job("take back from dead workers", partial(delivery.free_next, kinds), MINUTE),
        Job("send mails that are due", send, burst=4),
        Job("tell rooms what became of their mails", partial(delivery.tell_next, kinds)),
        Job("start due campaigns", planning.start_due_campaigns),
        Job("plan the next invitations", partial(planning.plan_next_slice, contacts_with_open_case)),
        Job("finish campaigns", planning.finish_campaigns),
        Job("take in customer lists", customers.import_next, burst=5),
        Job("forget the rows of old imports", customers.forget_old_imports, HOUR),
        Job("weigh open cases anew", _reweigh, HOUR),
        Job("forget dead sessions and links", auth.forget_dead_rows, HOUR),
        Job("forget old score links", intents.forget_old, HOUR),
        Job("forget old tries", limits.forget_old_tries, HOUR),
        Job("forget the networks of open links", openlinks.forget_networks, HOUR),
        Job("forget old runs of jobs", forget_old_runs, HOUR),
    )


def duties() -> Sequence[Duty]:
    """What a staff user may be in charge of, for whoever deactivates one."""
    return (
        Duty(
            label=lambda num: ngettext("%(num)s account", "%(num)s accounts", num),
            count=customer_queries.count_owned,
            hand_over=customers.hand_over,
        ),
        Duty(
            label=lambda num: ngettext("%(num)s open case", "%(num)s open cases", num),
            count=followup_queries.count_open_of_user,
            hand_over=followups.hand_over,
        ),
    )


def _settle_and_count(asked: MessageKind, message: Message) -> None:
    """What became of an invitation, and the day's count of delivered ones, in one transaction."""
    asked.settled(message)
    if message.state is MessageState.ACCEPTED:
        count_delivered(message.subject_id)


def _reweigh() -> bool:
    """Priorities change as renewals come near; all open cases in one go."""
    followups.reweigh()
    return False
