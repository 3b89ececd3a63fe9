"""What may happen to the queue: answers come in, people work on cases, a conversation goes on.

A module an idea; other rooms call them from here.
"""

from surveys.followups.actions.arrivals import open_by_hand as open_by_hand
from surveys.followups.actions.arrivals import revise as revise
from surveys.followups.actions.arrivals import reweigh as reweigh
from surveys.followups.actions.arrivals import triage as triage
from surveys.followups.actions.arrivals import withdraw as withdraw
from surveys.followups.actions.conversation import REPLY as REPLY
from surveys.followups.actions.conversation import log_call as log_call
from surveys.followups.actions.conversation import note as note
from surveys.followups.actions.conversation import reply as reply
from surveys.followups.actions.work import close as close
from surveys.followups.actions.work import hand_over as hand_over
from surveys.followups.actions.work import hand_to as hand_to
from surveys.followups.actions.work import invalidate as invalidate
from surveys.followups.actions.work import lift as lift
from surveys.followups.actions.work import reopen as reopen
from surveys.followups.actions.work import resolve as resolve
from surveys.followups.actions.work import snooze as snooze
from surveys.followups.actions.work import take as take
from surveys.followups.actions.work import take_next as take_next
from surveys.followups.actions.work import tick_off as tick_off
from surveys.followups.actions.work import undo_assignment as undo_assignment
from surveys.followups.actions.work import wait as wait
from surveys.followups.actions.work import wake as wake
from surveys.followups.models import REPLY_KIND as REPLY_KIND
from surveys.followups.triage import Answer as Answer
