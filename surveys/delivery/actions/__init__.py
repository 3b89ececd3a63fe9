"""What can be done with mails: plan them, send them, call them back, and stop writing to an address."""

from __future__ import annotations

from surveys.delivery.actions.plan import arrived as arrived
from surveys.delivery.actions.plan import cancel as cancel
from surveys.delivery.actions.plan import queue as queue
from surveys.delivery.actions.plan import queue_all as queue_all
from surveys.delivery.actions.plan import send_overdue as send_overdue
from surveys.delivery.actions.plan import skip_overdue as skip_overdue
from surveys.delivery.actions.recover import free_next as free_next
from surveys.delivery.actions.recover import tell_next as tell_next
from surveys.delivery.actions.send import send_due as send_due
from surveys.delivery.actions.stop import carry_on as carry_on
from surveys.delivery.actions.stop import lift as lift
from surveys.delivery.actions.stop import suppress as suppress
