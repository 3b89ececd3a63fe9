"""One mail as bytes: Flask-Mail's message, built the way mailbox providers read it (E-01, E-02, E-04, M1 to M4).

The bytes depend on nothing but what is handed in: Message-ID and Date come from the row, the boundary from the
Message-ID. The same row therefore always gives the same bytes.
"""

from __future__ import annotations

import re
from binascii import b2a_qp
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.header import Header
from email.headerregistry import BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, Policy, default
from email.utils import format_datetime, quote
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from flask_mail import Message

from surveys.lib import addresses

MAX_LINE: Final = 76
MAX_HEADER: Final = 998
_SPECIAL: Final = re.compile(r"""[()<>@,;:\\".\[\]]|=\?""")
_TOKENS: Final = re.compile(r"[\x21-\x7e]+(?: [\x21-\x7e]+)*")


class Unbuildable(ValueError):
    """This mail cannot be written; the row is held with this reason (R-19)."""


class TokenHeader(BaseHeader):
    """A header of ready-made ASCII tokens: never encoded here, folded only at its blanks.

    The library would write a List-Unsubscribe address longer than a line as an encoded word, which no provider reads.
    """

    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        if not _TOKENS.fullmatch(value):
            raise Unbuildable(f"not plain ASCII tokens: {value!r}")
        kwds["decoded"] = value
        kwds["parse_tree"] = None

    def fold(self, *, policy: Policy[Any]) -> str:
        first, *rest = str(self).split(" ")
        lines = [f"{self.name}: {first}"]
        for token in rest:
            if len(lines[-1]) + 1 + len(token) > MAX_LINE:
                lines.append("")
            lines[-1] += f" {token}"
        return policy.linesep.join(lines) + policy.linesep


POLICY: Final = SMTP.clone(
    header_factory=HeaderRegistry(default_class=TokenHeader, use_default_map=False),  # type: ignore[arg-type]
    max_line_length=MAX_LINE,
    cte_type="7bit",
)


class Letter(Message):
    """A text and the same thing as HTML, from one sender to one person."""

    def __init__(
        self,
        *,
        sender: tuple[str, str],
        to: tuple[str, str],
        subject: str,
        text: str,
        html: str | None = None,
        reply_to: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`sender`, `to` and `reply_to` are (name, address); the name may be empty."""
        self.to = mailbox(*to)
        self.author = mailbox(*sender)
        self.answers_to = mailbox(*reply_to) if reply_to else None
        super().__init__(
            subject=addresses.header_text(subject),
            recipients=[to],
            sender=sender[1],
            body=text,
            html=html,
            extra_headers=dict(headers or {}),
        )

    def as_sent(self, message_id: str, date: datetime) -> bytes:
        """The bytes that go over the wire, with CRLF, for ever the same for the same arguments."""
        self.msgId, self.dated = message_id, format_datetime(date.replace(microsecond=0))
        data: bytes = self._message().as_bytes(policy=POLICY)
        _check(data)
        return data

    def _message(self) -> EmailMessage:  # type: ignore[override]
        mail = EmailMessage(policy=POLICY)
        mail["From"], mail["To"] = self.author, self.to
        if self.subject:
            mail["Subject"] = words(self.subject)
        mail["Date"], mail["Message-ID"] = self.dated, self.msgId
        if self.answers_to:
            mail["Reply-To"] = self.answers_to
        for name, value in (self.extra_headers or {}).items():
            mail[name] = _one_line(value)
        self._fill(mail)
        return mail

    def _fill(self, mail: EmailMessage) -> None:
        mail["MIME-Version"] = "1.0"
        if self.html is None:
            _write(mail, self.body or "", "plain")
            return
        boundary = "koe-" + sha256(self.msgId.encode()).hexdigest()[:32]
        mail["Content-Type"] = f'multipart/alternative; boundary="{boundary}"'
        for text, subtype in ((self.body or "", "plain"), (self.html, "html")):
            part = EmailMessage(policy=POLICY)
            _write(part, text, subtype)
            mail.attach(part)


@dataclass(frozen=True)
class Shown:
    """A mail as a person reads it."""

    sender: str
    recipient: str
    subject: str
    text: str
    html: str


def read(raw: bytes) -> Shown:
    """What stands in a mail we wrote."""
    mail = message_from_bytes(raw, policy=default)
    bodies = [mail.get_body((kind,)) for kind in ("plain", "html")]
    text, html = (body.get_content().replace("\r\n", "\n") if body else "" for body in bodies)
    return Shown(str(mail["From"]), str(mail["To"]), str(mail["Subject"] or ""), text, html)


def mailbox(name: str, address: str) -> str:
    """Name and address for a header; raises `Unbuildable` when it is not exactly one address."""
    try:
        parsed = addresses.parse(address)
    except addresses.Unusable as error:
        raise Unbuildable(str(error)) from None
    shown = addresses.header_text(name, limit=100)
    if shown.isascii() and _SPECIAL.search(shown):
        shown = f'"{quote(shown)}"'
    return f"{words(shown)} <{parsed}>" if shown else str(parsed)


@lru_cache(maxsize=4096)
def words(text: str) -> str:
    """Text for a header: as it is when it is ASCII, else as encoded words with a blank between them."""
    shown = addresses.header_text(text)
    return shown if shown.isascii() else " ".join(Header(shown, "utf-8", maxlinelen=75).encode().split())


def one_click(url: str, *, mailto: str = "") -> dict[str, str]:
    """The pair of RFC 8058; a provider's button posts to `url`. The relay's DKIM signature has to cover both."""
    ways = [f"<{url}>"] + ([f"<mailto:{mailto}>"] if mailto else [])
    return {"List-Unsubscribe": ", ".join(ways), "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def list_id(name: str, identifier: str) -> dict[str, str]:
    """List-ID of RFC 2919: `identifier` is dotted ASCII such as campaign-12.example.com."""
    shown = addresses.header_text(name, limit=60).replace("<", " ").replace(">", " ")
    return {"List-ID": f"{words(shown)} <{identifier}>".strip()}


AUTOMATIC: Final = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply"}


def _write(part: EmailMessage, text: str, subtype: str) -> None:
    """Fill one part; `b2a_qp` does in C what the library's content manager does ten times slower."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").rstrip("\n") + "\n"
    part["Content-Type"] = f'text/{subtype}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload(b2a_qp(lines.encode("utf-8", "replace")).decode("ascii"))


def _one_line(value: str) -> str:
    if len(value.splitlines()) > 1:
        raise Unbuildable(f"a header of two lines: {value!r}")
    return value


def _check(data: bytes) -> None:
    head = data.split(b"\r\n\r\n", 1)[0]
    if any(len(line) > MAX_HEADER for line in head.split(b"\r\n")):
        raise Unbuildable(f"a header line is longer than {MAX_HEADER} characters")
