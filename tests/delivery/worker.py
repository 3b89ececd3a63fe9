"""A worker process for the fault tests: what `koe worker` does for mails, with leases of seconds instead of minutes.

It is meant to be killed. The processes are forked from one that has imported everything, so that each is there at once.
"""

from __future__ import annotations

import os
import signal
import time
from datetime import timedelta
from pathlib import Path

from surveys.app import create_app
from surveys.config import Config, MailServer
from surveys.delivery.actions import free_next, line, send, send_due
from surveys.delivery.journal import Journal
from surveys.delivery.transport import SmtpTransport, Timeouts
from surveys.lib.db import db
from tests.delivery.rooms import Room


class Mortal(SmtpTransport):
    """Dies with the mail in its hand, before it even connects."""

    def send(self, envelope, before_dot):
        os.kill(os.getpid(), signal.SIGKILL)


def main(ready, url: str, data_dir: str, port: int, lease: float, dies: bool = False) -> None:
    line.LEASE, send.LEASE_AT_DOT = timedelta(seconds=lease), timedelta(seconds=lease + 1)
    app = create_app(Config(data_dir=Path(data_dir), database_url=url, base_url="http://localhost"))
    kinds = {"survey": Room().kind, "reply": Room(at_least_once=True, heeds_suppression=False).kind}
    way_out = (Mortal if dies else SmtpTransport)(
        MailServer(host="127.0.0.1", port=port, tls="none"), timeouts=Timeouts(connect=5, command=5, dot=5, goodbye=1)
    )
    journal = Journal(Path(data_dir) / "outcomes")
    with app.app_context():
        ready.set()
        while True:
            busy = send_due(kinds, way_out, worker=str(os.getpid()), journal=journal) or free_next(kinds)
            db.session.remove()
            if not busy:
                time.sleep(0.05)
