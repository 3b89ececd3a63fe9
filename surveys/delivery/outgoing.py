"""Which way mails leave: through the SMTP server of the settings, or into the built-in mailbox."""

from __future__ import annotations

from email.parser import BytesHeaderParser
from email.policy import default
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.dialects.postgresql import insert

from surveys.config import Config
from surveys.delivery.models import MailboxMail
from surveys.delivery.replies import Accepted, Outcome, Rejected, Withheld
from surveys.delivery.transport import BeforeDot, Envelope, SmtpTransport, Transport
from surveys.lib import clock
from surveys.lib.prepared import Write

NOT_KEPT = "log-in mails are not kept in the built-in mailbox"


def transport(config: Config) -> Transport:
    """The way out for one worker; its owner closes it."""
    if config.mail_url is None:
        return MailboxTransport()
    return SmtpTransport(config.mail_url, hello=urlsplit(config.public_url).hostname or "localhost")


class MailboxTransport:
    """Puts mails where staff can read them as the customer would; log-in mails it refuses to keep.

    The row and the outcome are written in the same transaction, so here a mail is there exactly once.
    """

    def send(self, envelope: Envelope, before_dot: BeforeDot) -> Outcome:
        if envelope.is_confidential:
            return Rejected(0, NOT_KEPT)
        if not before_dot():
            return Withheld()
        _KEPT.run(**_mail(envelope))
        return Accepted("kept in the built-in mailbox")

    def close(self) -> None:
        pass


def _mail(envelope: Envelope) -> dict[str, Any]:
    head = BytesHeaderParser(policy=default).parsebytes(envelope.data)
    return {
        "message_id": str(head["Message-ID"]),
        "received_at": clock.now(),
        "sender": str(head["From"]),
        "recipient": envelope.recipient,
        "subject": str(head["Subject"] or ""),
        "raw": envelope.data,
    }


_COLUMNS = [column.key for column in MailboxMail.__table__.columns if column.key != "id"]
# PostgreSQL's "on conflict" is SQLite's as well.
_KEPT = Write(insert(MailboxMail).on_conflict_do_nothing(index_elements=["message_id"]), sets=_COLUMNS)
