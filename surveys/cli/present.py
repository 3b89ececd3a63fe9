"""Whether Koe runs on this data folder: each web server and worker holds a lock that ends with it, however it ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from surveys.lib.errors import Refused

FILE = "running"


@contextmanager
def running(data_dir: Path) -> Iterator[None]:
    """For as long as this process serves or works."""
    with _held(data_dir, fcntl.LOCK_SH, "A backup is being brought back just now; start Koe when that is done."):
        yield


@contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """For as long as nobody else may use the data."""
    with _held(data_dir, fcntl.LOCK_EX, "Koe is running on this data folder; stop it first."):
        yield


@contextmanager
def _held(data_dir: Path, how: int, otherwise: str) -> Iterator[None]:
    with (data_dir / FILE).open("a") as file:
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(otherwise) from None
        yield
