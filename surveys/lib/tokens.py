"""What our links carry: a row number and proof that we wrote it, bound to one purpose (X-01).

A token is derived, never stored, so a mail that is sent again is the same to the byte. The keys live in a versioned
file of their own in the data folder; old versions go on being read, and the address key never changes (E-30).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from flask import current_app

from surveys.config import Misconfigured

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
MAC_LENGTH = 22  # base64 characters: 132 bits
LONGEST = 64
GONE = (0, 0)
LOOK_AGAIN = 1.0  # seconds for which the keys are not looked for anew


class Purpose(StrEnum):
    """What a token may be used for, and nothing else."""

    SURVEY = "survey"
    OPT_OUT = "opt-out"
    FORM = "form"
    BOUNCE = "bounce"
    LINK = "link"
    OPEN = "open"


@dataclass(frozen=True)
class Keyring:
    """Signing keys by version, the newest last, and the key that hides addresses; where and when they were written."""

    keys: tuple[bytes, ...]
    address: bytes
    path: Path
    written: tuple[int, int]


def keyring(path: Path) -> Keyring:
    """The keys in `path`; made, owner-only, when there are none. Raises `Misconfigured` when they cannot be read."""
    if not path.exists():
        _make(path)
    written = _written(path)
    try:
        kept = json.loads(path.read_text())
        keys, address = tuple(bytes.fromhex(key) for key in kept["keys"]), bytes.fromhex(kept["address"])
    except (ValueError, KeyError, TypeError):
        keys, address = (), b""
    if not all((keys, *keys, address)):
        raise Misconfigured(
            f"KOE_DATA_DIR: the key file {path.name} in the data folder is damaged; bring it back from a backup"
        )
    return Keyring(keys, address, path, written)


def forget_signed() -> None:
    """A new signing key instead of the old ones: nothing signed until now opens anything. The address key stays."""
    ring = _ring()
    _draft(ring.path, address=ring.address.hex()).replace(ring.path)
    current_app.extensions["koe.keyring"] = keyring(ring.path)


def _make(path: Path) -> None:
    """Whole under its name or not there at all; of two processes that make one, the first wins."""
    draft = _draft(path, address=secrets.token_hex(32))
    try:
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()


def _draft(path: Path, *, address: str) -> Path:
    """A key file beside `path`, with a new signing key, readable by its owner only."""
    handle, draft = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    with os.fdopen(handle, "w") as file:
        json.dump({"keys": [secrets.token_hex(32)], "address": address}, file)
        file.flush()
        os.fsync(file.fileno())
    return Path(draft)


def token(purpose: Purpose, row_id: int) -> str:
    ring = _ring()
    return f"{_base62(row_id)}.{_mac(ring.keys[-1], purpose, str(row_id))}"


def read_token(purpose: Purpose, text: str) -> int | None:
    """The row number in a token of this purpose; None for every kind of bad one, in the same time."""
    number, _, mac = text[:LONGEST].partition(".")
    row_id = _number(number)
    return row_id if is_signed(purpose, str(row_id), mac) and row_id and len(text) <= LONGEST else None


def renewable(purpose: Purpose, row_id: int, edition: int) -> str:
    """A token that can be taken back: a row's next edition has another one."""
    return f"{_base62(row_id)}-{_base62(edition)}.{sign(purpose, f'{row_id}-{edition}')}"


def read_renewable(purpose: Purpose, text: str) -> tuple[int, int] | None:
    """The row number and the edition in such a token; whether that is the row's present one, the row knows."""
    numbers, _, mac = text[:LONGEST].partition(".")
    row_id, edition = (_number(part) for part in numbers.partition("-")[::2])
    right = is_signed(purpose, f"{row_id}-{edition}", mac)
    return (row_id, edition) if right and row_id and edition and len(text) <= LONGEST else None


def sign(purpose: Purpose, text: str) -> str:
    """A short proof that we wrote `text` for this purpose."""
    return _mac(_ring().keys[-1], purpose, text)


def derived(purpose: Purpose, seed: str) -> str:
    """A secret of 256 bits that follows from a random seed and our key; neither alone gives it."""
    digest = hmac.digest(_ring().keys[-1], f"{purpose}\x1f{seed}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def is_signed(purpose: Purpose, text: str, mac: str) -> bool:
    """Whether this is the proof, in a time that tells nothing about it."""
    sent = mac.encode(errors="replace")
    return any(hmac.compare_digest(_mac(key, purpose, text).encode(), sent) for key in _ring().keys)


def hidden(address: str) -> str:
    """An address nobody can read back, equal for equal addresses; survives the erasure of the person (E-30)."""
    return hmac.new(_ring().address, address.encode(), hashlib.sha256).hexdigest()


def address_mark() -> str:
    """What tells the key that hides addresses from every other, and gives none of it away."""
    return hashlib.sha256(b"address key\x1f" + _ring().address).hexdigest()


def fingerprint(secret: str) -> str:
    """How a random secret of 128 bits and more is kept: hashed, so that a stolen table opens nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _ring() -> Keyring:
    """The keys as they stood in their file a moment ago: another process may have renewed them."""
    kept = current_app.extensions
    ring: Keyring = kept["koe.keyring"]
    now = time.monotonic()
    if now - kept.get("koe.keyring_seen", 0.0) >= LOOK_AGAIN:
        kept["koe.keyring_seen"] = now
        if _written(ring.path) not in (ring.written, GONE):
            ring = kept["koe.keyring"] = keyring(ring.path)
    return ring


def _written(path: Path) -> tuple[int, int]:
    """Which writing of the file this is; `GONE` when it is not there."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return GONE
    return found.st_ino, found.st_mtime_ns


def _mac(key: bytes, purpose: Purpose, text: str) -> str:
    digest = hmac.digest(key, f"{purpose}\x1f{text}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode()[:MAC_LENGTH]


def _base62(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, 62)
        text = DIGITS[digit] + text
    return text or "0"


def _number(text: str) -> int:
    """The number in base 62; 0, which no row has, for anything else."""
    if not 1 <= len(text) <= 10 or (text[0] == "0"):
        return 0
    number = 0
    for character in text:
        digit = DIGITS.find(character)
        if digit < 0:
            return 0
        number = number * 62 + digit
    return number
