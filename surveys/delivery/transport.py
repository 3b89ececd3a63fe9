"""Handing one mail to an SMTP server, with a stop before the final dot and a name for every way it can end.

Between the final dot and the server's 250 nobody can know whether the server took the mail (RFC 1047). So the caller
is asked once more right before the dot, when the whole body is over there but does not count yet, and can write down
that the dot is coming (E-42). What happens after it is accepted, deferred, rejected, or unknown: never guessed.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, NoReturn, Protocol, TypeAlias

from surveys.config import MailServer
from surveys.delivery.replies import (
    Accepted,
    Deferred,
    OperatorError,
    Outcome,
    Rejected,
    Unknown,
    Unreachable,
    Withheld,
)

MAX_REPLY_LINES: Final = 100
MAX_REPLY_LINE: Final = 8192
_REPLY_LINE: Final = re.compile(rb"[1-5]\d\d(?:[ -].*)?\r?\n", re.DOTALL)
_LEADING_DOT: Final = re.compile(rb"(?m)^\.")

BeforeDot: TypeAlias = Callable[[], bool]


@dataclass(frozen=True)
class Envelope:
    """What goes over the wire; `second_try` is the recipient to try when the server cannot read the first (E-05)."""

    sender: str
    recipient: str
    data: bytes
    second_try: str = ""
    is_confidential: bool = False


class Transport(Protocol):
    """A way out of the house. `before_dot` is called once, when nothing but the end of the mail is missing."""

    def send(self, envelope: Envelope, before_dot: BeforeDot) -> Outcome: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Timeouts:
    """In seconds (E-44): RFC 5321 wants ten minutes for the answer to the dot."""

    connect: float = 30
    command: float = 300
    dot: float = 660
    goodbye: float = 5


class Garbled(smtplib.SMTPException):
    """The server said something that is no SMTP reply."""


class _Ended(Exception):
    """The conversation ended before the dot with this outcome; the connection can be kept or not."""

    def __init__(self, outcome: Outcome, *, keep: bool = False) -> None:
        super().__init__(str(outcome))
        self.outcome, self.keep = outcome, keep


class _StrictReplies(smtplib.SMTP):
    """Replies read by the letter: smtplib takes half a line for a whole one, and an overlong one for a refusal."""

    def getreply(self) -> tuple[int, bytes]:
        lines: list[bytes] = []
        while len(lines) < MAX_REPLY_LINES:
            line = self._reply_line()
            lines.append(line[4:].strip())
            if line[3:4] != b"-":
                return int(line[:3]), b"\n".join(lines)
        self._garbled(b"a reply without end")

    def _reply_line(self) -> bytes:
        if self.file is None:
            self.file = self.sock.makefile("rb")  # type: ignore[union-attr]
        line: bytes = self.file.readline(MAX_REPLY_LINE)
        if not line:
            self.close()
            raise smtplib.SMTPServerDisconnected("the server closed the connection")
        if not _REPLY_LINE.fullmatch(line):
            self._garbled(line)
        return line

    def _garbled(self, line: bytes) -> NoReturn:
        self.close()
        raise Garbled(f"not an SMTP reply: {line[:80]!r}")


class _Plain(_StrictReplies):
    pass


class _Tls(_StrictReplies, smtplib.SMTP_SSL):
    pass


class SmtpTransport:
    """One server, one connection that is kept from mail to mail and renewed after `renew_after` of them.

    `hello` is the name we introduce ourselves with. Not safe to share between threads: each worker has its own.
    """

    def __init__(
        self, server: MailServer, *, hello: str = "localhost", timeouts: Timeouts | None = None, renew_after: int = 100
    ) -> None:
        self.server, self.hello, self.renew_after = server, hello or "localhost", renew_after
        self.timeouts = timeouts or Timeouts()
        self.tls = ssl.create_default_context()
        self._smtp: _StrictReplies | None = None
        self._used = 0

    def send(self, envelope: Envelope, before_dot: BeforeDot) -> Outcome:
        """Send one mail; the outcome says what is known. Whatever `before_dot` raises ends it before the dot."""
        try:
            smtp = self._start(envelope.sender)
            self._name_recipient(smtp, envelope)
            self._hand_over(smtp, envelope.data)
        except _Ended as ended:
            self._tidy(keep=ended.keep)
            return ended.outcome
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Deferred(0, f"the connection broke: {error}")
        if not self._may_finish(before_dot):
            return Withheld()
        return self._finish(smtp)

    def close(self) -> None:
        """Say goodbye; never raises."""
        if self._smtp is None:
            return
        with suppress(OSError, smtplib.SMTPException):
            if self._smtp.sock is not None:
                self._smtp.sock.settimeout(self.timeouts.goodbye)
            self._smtp.quit()
        self._drop()

    def _start(self, sender: str) -> _StrictReplies:
        """A connection with MAIL accepted: the kept one, or a fresh one when that has gone stale."""
        if self._smtp is not None and self._used < self.renew_after:
            with suppress(OSError, smtplib.SMTPException):
                if self._mail(self._smtp, sender):
                    return self._smtp
        self.close()
        self._smtp = smtp = self._connect()
        if not self._mail(smtp, sender):
            raise _Ended(Unreachable("the server closes every connection"))
        return smtp

    def _mail(self, smtp: _StrictReplies, sender: str) -> bool:
        """Whether the server takes mail from `sender`; False when it wants the connection to end (421)."""
        try:
            code, said = smtp.mail(sender)
        except (OSError, smtplib.SMTPException) as error:
            if self._used:
                raise
            raise _Ended(Unreachable(f"the connection broke: {error}")) from error
        reply = _text(said)
        if code == 421 and self._used:
            return False
        if code >= 500:
            raise _Ended(OperatorError(f"{code} {reply}"))
        if code >= 300:
            raise _Ended(Unreachable(f"{code} {reply}"))
        self._used += 1
        return True

    def _connect(self) -> _StrictReplies:
        try:
            return self._greeted()
        except smtplib.SMTPNotSupportedError as error:
            outcome: Outcome = OperatorError(str(error))
        except smtplib.SMTPResponseException as error:
            text = f"{error.smtp_code} {_text(error.smtp_error)}"
            outcome = OperatorError(text) if 500 <= error.smtp_code < 600 else Unreachable(text)
        except ssl.SSLCertVerificationError as error:
            outcome = OperatorError(f"the server's certificate cannot be trusted: {error.verify_message}")
        except (OSError, smtplib.SMTPException) as error:
            outcome = Unreachable(f"{self.server.host}:{self.server.port}: {error}")
        raise _Ended(outcome)

    def _greeted(self) -> _StrictReplies:
        self._used = 0
        host, port = self.server.host, self.server.port
        if self.server.tls == "ssl":
            smtp: _StrictReplies = _Tls(host, port, self.hello, timeout=self.timeouts.connect, context=self.tls)
        else:
            smtp = _Plain(host, port, self.hello, timeout=self.timeouts.connect)
        self._smtp = smtp
        assert smtp.sock is not None
        # Without this the dot waits for the receipt of the body, up to 40 ms a mail.
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        smtp.sock.settimeout(self.timeouts.command)
        if self.server.tls == "starttls":
            smtp.starttls(context=self.tls)
        smtp.ehlo_or_helo_if_needed()
        if self.server.user:
            smtp.login(self.server.user, self.server.password.get_secret_value())
        return smtp

    def _name_recipient(self, smtp: _StrictReplies, envelope: Envelope) -> None:
        code, said = smtp.rcpt(envelope.recipient)
        if code in (501, 553) and envelope.second_try:
            first = f"{code} {_text(said)}"
            code, said = smtp.rcpt(envelope.second_try)
            said = said + f"\n(before: {first})".encode() if code >= 400 else said
        if code not in (250, 251, 252):
            raise _Ended(_refusal(code, _text(said)), keep=code != 421)

    def _hand_over(self, smtp: _StrictReplies, data: bytes) -> None:
        """DATA and the whole body, but not the dot that makes it count."""
        code, said = smtp.docmd("DATA")
        if code != 354:
            raise _Ended(_refusal(code, _text(said)), keep=code >= 400 and code != 421)
        body = data if data.endswith(b"\r\n") else data + b"\r\n"
        smtp.send(_LEADING_DOT.sub(b"..", body))

    def _may_finish(self, before_dot: BeforeDot) -> bool:
        """The caller's word; without it the connection goes away, and with it the body."""
        go = False
        try:
            go = before_dot()
        finally:
            if not go:
                self._drop()
        return go

    def _finish(self, smtp: _StrictReplies) -> Outcome:
        try:
            assert smtp.sock is not None
            smtp.sock.settimeout(self.timeouts.dot)
            smtp.send(b".\r\n")
            code, said = smtp.getreply()
            smtp.sock.settimeout(self.timeouts.command)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Unknown(f"no answer after the end of the mail: {error}")
        if code == 421:
            self._drop()
        if 200 <= code < 300:
            return Accepted(_text(said))
        if code >= 400:
            return _refusal(code, _text(said))
        self._drop()
        return Unknown(f"{code} {_text(said)}")

    def _tidy(self, *, keep: bool) -> None:
        """Ready for the next mail, or gone."""
        with suppress(OSError, smtplib.SMTPException):
            if keep and self._smtp is not None and self._smtp.rset()[0] == 250:
                return
        self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None
        self._used = 0


def _refusal(code: int, reply: str) -> Outcome:
    if code >= 500:
        return Rejected(code, reply)
    return Deferred(code, reply)


def _text(said: bytes | str) -> str:
    return (said.decode("utf-8", "replace") if isinstance(said, bytes) else said).strip()
