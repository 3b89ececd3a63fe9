"""A small client that keeps a few connections busy, in one process of its own; stricter than fast.

Every answer is read to its end and its status checked; anything unexpected ends the run.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode


@dataclass
class Result:
    """How many requests took how long (seconds each)."""

    seconds: float
    times: list[float] = field(repr=False)
    bodies: list[bytes] = field(default_factory=list, repr=False)

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds

    def quantile(self, share: float) -> float:
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@dataclass
class Line:
    """One kept connection with at most one request on its way."""

    socket: socket.socket
    buffer: bytes = b""
    since: float = 0.0


def get(path: str, host: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: load\r\n\r\n".encode()


def post(path: str, host: str, **fields: object) -> bytes:
    body = urlencode(fields).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: load\r\nContent-Type: application/x-www-form-urlencoded"
    )
    return f"{head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def run(port: int, requests: Sequence[bytes], *, status: int, lines: int = 8, keep: bool = False) -> Result:
    """Send all requests over so many connections, each its next one as soon as its answer is there."""
    waiting = iter(requests)
    result = Result(0.0, [])
    started = time.perf_counter()
    with selectors.DefaultSelector() as ready:
        for _ in range(lines):
            connection = socket.create_connection(("127.0.0.1", port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line = Line(connection)
            ready.register(connection, selectors.EVENT_READ, line)
            _next(line, waiting, ready)
        while ready.get_map():
            for key, _events in ready.select(timeout=30):
                _read(key.data, waiting, ready, result, status, keep)
    result.seconds = time.perf_counter() - started
    return result


def _next(line: Line, waiting: Iterator[bytes], ready: selectors.BaseSelector) -> None:
    request = next(waiting, None)
    if request is None:
        ready.unregister(line.socket)
        line.socket.close()
        return
    line.buffer, line.since = b"", time.perf_counter()
    line.socket.sendall(request)


def _read(
    line: Line, waiting: Iterator[bytes], ready: selectors.BaseSelector, result: Result, status: int, keep: bool
) -> None:
    part = line.socket.recv(65536)
    assert part, "the server closed a connection"
    line.buffer += part
    head, found, body = line.buffer.partition(b"\r\n\r\n")
    if not found or len(body) < _length(head):
        return
    assert head[9:12] == str(status).encode(), line.buffer[:2000].decode(errors="replace")
    result.times.append(time.perf_counter() - line.since)
    if keep:
        result.bodies.append(body)
    _next(line, waiting, ready)


def _length(head: bytes) -> int:
    low = head.lower()
    at = low.index(b"content-length:") + 15
    return int(low[at:].split(b"\r\n", 1)[0])
