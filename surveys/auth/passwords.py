"""Passwords: argon2id hashes, and which passwords are not taken (X-14, X-16).

Hashing takes about 80 ms and 64 MiB: never inside a transaction, and only two at a time in one process.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from surveys.lib.i18n import _

SHORTEST = 12
LONGEST = 256
AT_ONCE = 2

_hasher = PasswordHasher()
_turns = threading.BoundedSemaphore(AT_ONCE)
_LIST = Path(__file__).with_name("common_passwords.txt")
_LEET = str.maketrans("013457@$!", "oleastasi")
_ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")
# Hash of a random password nobody knows, so that an unknown user takes as long as a known one.
_DUMMY = "$argon2id$v=19$m=65536,t=3,p=4$fj9wANDviXp9KBSlFC+dxQ$DSpJS9ROP2ZqRe4dn7JTl9CX/voL/LKJMfFlB23NBNQ"


def hashed(password: str) -> str:
    with _turns:
        return _hasher.hash(_bytes(password))


def is_right(kept: str, password: str) -> bool:
    """Whether this is the password behind the hash; as slow for no hash at all."""
    with _turns:
        try:
            _hasher.verify(kept or _DUMMY, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False
    return bool(kept)


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with weaker parameters than those of today."""
    return _hasher.check_needs_rehash(kept)


def problem(password: str, about: Iterable[str] = ()) -> str | None:
    """Why this password is not taken, in the reader's language; `about` are words that others could guess.

    Length and guessability only: no rules about kinds of characters, and no expiry.
    """
    if len(password) < SHORTEST:
        return str(_("Please use at least %(n)s characters. Three or four words are easy to remember.", n=SHORTEST))
    if len(password) > LONGEST:
        return str(_("Please use at most %(n)s characters.", n=LONGEST))
    if is_common(password):
        return str(_("This password is on the lists that attackers try first. Please choose another."))
    if _is_about(password, about):
        return str(_("This password is too close to a name or an address that others know. Please choose another."))
    return None


def is_common(password: str) -> bool:
    """On the list as it is, or a listed word with digits and signs around it, or one thing over and over."""
    text = _folded(password)
    unit = _unit(text)
    forms = {text, unit, _core(text), _core(text.translate(_LEET)), _core(unit)}
    return len(unit) < 6 or _is_run(text) or _is_short_number(text) or not (forms - {""}).isdisjoint(_common())


def _is_short_number(text: str) -> bool:
    """Digits and signs only, and not many of them: dates, telephone numbers, and their like."""
    return not _core(text) and len(text) < 20


def _is_about(password: str, about: Iterable[str]) -> bool:
    """Whether little is left of it without the words that belong to the person or the company."""
    text = _folded(password)
    rest = text
    for word in sorted({part for each in about for part in re.split(r"[\W_]+", _folded(each))}, key=len, reverse=True):
        if len(word) >= 3:
            rest = rest.replace(word, "")
    core = _core(rest)
    return rest != text and (len(core) < 6 or core in _common())


def _is_run(text: str) -> bool:
    """Whether almost all of it counts up or down, as in 123456789012 or abcdefghijkl."""
    steps = [ord(second) - ord(first) for first, second in pairwise(text)]
    return max(steps.count(1), steps.count(-1)) >= len(steps) * 0.75


def _unit(text: str) -> str:
    """The shortest piece whose repetition makes the text, as far as it goes."""
    for size in range(1, len(text) // 2 + 1):
        if (text[:size] * (len(text) // size + 1))[: len(text)] == text:
            return text[:size]
    return text


def _core(text: str) -> str:
    return _ENDS.sub("", text)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _bytes(password: str) -> bytes:
    """The same bytes however the keyboard composes accents and full-width letters."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


@cache
def _common() -> frozenset[str]:
    return frozenset(_LIST.read_text(encoding="utf-8").splitlines())
