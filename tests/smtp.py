"""An SMTP server on loopback that stores what arrives and fails wherever a test wants it to.

    with SmtpServer() as server:
        server.at("dot", closes())            # once: take the mail, then close without an answer
        server.at("rcpt", says("450 4.2.0 later"))
        …
        assert server.mails[0].recipient == "taro@example.com"

Phases, in the order in which a mail meets them: connect, ehlo, auth, mail, rcpt, data, body, dot, rset, quit. What
is planned for a phase is played once, first come first served; `always` plays it every time.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from surveys.config import MailServer

ANSWERS = {
    "connect": b"220 test ESMTP\r\n",
    "ehlo": b"250-test\r\n250-AUTH PLAIN\r\n250-8BITMIME\r\n250 SIZE 10000000\r\n",
    "auth": b"235 2.7.0 welcome\r\n",
    "mail": b"250 2.1.0 ok\r\n",
    "rcpt": b"250 2.1.5 ok\r\n",
    "data": b"354 go on\r\n",
    "body": b"",
    "rset": b"250 2.0.0 ok\r\n",
    "quit": b"221 2.0.0 bye\r\n",
}
VERBS = {
    b"EHLO": "ehlo",
    b"HELO": "ehlo",
    b"AUTH": "auth",
    b"MAIL": "mail",
    b"RCPT": "rcpt",
    b"DATA": "data",
    b"RSET": "rset",
    b"QUIT": "quit",
}


class Hangup(Exception):
    """The server closes this connection."""


Act = Callable[[], bytes]


@dataclass
class Mail:
    sender: str
    recipient: str
    data: bytes
    connection: int = 0
    at: float = field(default_factory=time.time)


def says(*lines: str, stores: bool = False) -> Act:
    """Answer with these lines; a 4xx or 5xx at the dot does not store the mail unless told to."""

    def act() -> bytes:
        return "".join(f"{line}\r\n" for line in lines).encode()

    act.refuses = lines[-1][:1] in "45" and not stores  # type: ignore[attr-defined]
    return act


def sends(raw: bytes) -> Act:
    """These bytes exactly, then the connection closes."""

    def act() -> bytes:
        raise Hangup(raw)

    return act


def closes() -> Act:
    return sends(b"")


def waits(seconds: float, then: bytes | None = None) -> Act:
    def act() -> bytes:
        time.sleep(seconds)
        if then is None:
            raise Hangup(b"")
        return then

    return act


def calls(function: Callable[[], object], *, then_closes: bool = True) -> Act:
    """Do something of the test's (kill a worker, say), then close or go on as usual."""

    def act() -> bytes:
        function()
        if then_closes:
            raise Hangup(b"")
        return b"\x00usual"

    return act


class SmtpServer:
    """One thread a connection; `mails` holds what was taken, in order."""

    def __init__(self, certificate: Path | None = None, *, tls: str = "none") -> None:
        """`tls` is none, starttls or ssl, with this certificate."""
        self.tls = tls
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if certificate:
            self._context.load_cert_chain(certificate)
        self.mails: list[Mail] = []
        self.connections = 0
        self.offers_auth = True
        self._once: dict[str, list[Act]] = defaultdict(list)
        self._always: dict[str, Act] = {}
        self._lock = threading.Lock()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._open: set[socket.socket] = set()

    def __enter__(self) -> SmtpServer:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Close the door and every conversation."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes whoever waits for the next connection
        self._socket.close()
        for connection in list(self._open):
            connection.close()

    @property
    def mail_server(self) -> MailServer:
        return MailServer(host="127.0.0.1", port=self.port, tls=self.tls)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?tls={self.tls}"

    def at(self, phase: str, *acts: Act) -> None:
        with self._lock:
            self._once[phase].extend(acts)

    def always(self, phase: str, act: Act | None) -> None:
        with self._lock:
            if act is None:
                self._always.pop(phase, None)
            else:
                self._always[phase] = act

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self.connections += 1
                self._open.add(connection)
                number = self.connections
            threading.Thread(target=self._serve, args=(connection, number), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            with connection:
                if self.tls == "ssl":
                    connection = self._encrypted(connection)
                self._talk(connection, number)
        except Hangup as hangup:
            del hangup
        except OSError:
            pass
        finally:
            self._open.discard(connection)

    def _talk(self, connection: socket.socket, number: int) -> None:
        lines = connection.makefile("rb")
        self._play("connect", connection)
        sender = recipient = ""
        while line := lines.readline():
            verb = line[:4].upper()
            if verb == b"STAR" and self.tls == "starttls":
                connection.sendall(b"220 2.0.0 go on\r\n")
                connection = self._encrypted(connection)
                lines = connection.makefile("rb")
                continue
            phase = VERBS.get(verb)
            if phase is None:
                connection.sendall(b"500 5.5.2 what?\r\n")
                continue
            self._play(phase, connection)
            if phase == "mail":
                sender = _address(line)
            elif phase == "rcpt":
                recipient = _address(line)
            elif phase == "data":
                self._take(connection, lines, Mail(sender, recipient, b"", number))
            elif phase == "quit":
                return

    def _encrypted(self, connection: socket.socket) -> socket.socket:
        encrypted = self._context.wrap_socket(connection, server_side=True)
        self._open.add(encrypted)
        return encrypted

    def _take(self, connection: socket.socket, lines: object, mail: Mail) -> None:
        if self._last_refused:
            return
        first = lines.readline()  # type: ignore[attr-defined]
        self._play("body", connection)
        body = []
        while first not in (b".\r\n", b""):
            body.append(first[1:] if first.startswith(b".") else first)
            first = lines.readline()  # type: ignore[attr-defined]
        if first == b"":
            raise Hangup(b"")
        mail.data = b"".join(body)
        self._at_dot(connection, mail)

    def _at_dot(self, connection: socket.socket, mail: Mail) -> None:
        act = self._next("dot")
        if act is None or not getattr(act, "refuses", False):
            with self._lock:
                self.mails.append(mail)
                number = len(self.mails)
        else:
            number = 0
        self._perform(act, connection, f"250 2.0.0 Ok: queued as Q{number:05}\r\n".encode())

    def _play(self, phase: str, connection: socket.socket) -> None:
        usual = ANSWERS[phase]
        if phase == "ehlo" and not self.offers_auth:
            usual = b"250 test\r\n"
        if phase == "ehlo" and self.tls == "starttls":
            usual = usual.replace(b"250-test\r\n", b"250-test\r\n250-STARTTLS\r\n")
        self._perform(self._next(phase), connection, usual)

    def _perform(self, act: Act | None, connection: socket.socket, usual: bytes) -> None:
        self._last_refused = False
        if act is None:
            answer = usual
        else:
            try:
                answer = act()
            except Hangup as hangup:
                if hangup.args[0]:
                    connection.sendall(hangup.args[0])
                connection.shutdown(socket.SHUT_RDWR)
                raise
            answer = usual if answer == b"\x00usual" else answer
            self._last_refused = answer[:1] in b"45"
        if answer:
            connection.sendall(answer)

    def _next(self, phase: str) -> Act | None:
        with self._lock:
            if self._once[phase]:
                return self._once[phase].pop(0)
            return self._always.get(phase)


def _address(line: bytes) -> str:
    return line.split(b"<", 1)[1].split(b">", 1)[0].decode()
