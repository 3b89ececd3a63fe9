"""Outcomes that the database could not take, kept as files until it can (R-16).

A mail that was accepted while the database is down would otherwise end as unknown. One small file an outcome, written
whole or not at all, beside the database and never in it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from surveys.delivery import replies
from surveys.delivery.replies import Outcome

_TYPES = {
    outcome.__name__: outcome for outcome in (replies.Accepted, replies.Deferred, replies.Rejected, replies.Unknown)
}


@dataclass(frozen=True)
class Entry:
    """What came of one claim of one message."""

    message_id: int
    fence: int
    outcome: Outcome

    @property
    def name(self) -> str:
        return f"{self.message_id}-{self.fence}.json"


class Journal:
    """A folder of outcomes not noted yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, message_id: int, fence: int, outcome: Outcome) -> None:
        """Write it to disk; outcomes before the dot need no keeping, the mail is planned again by itself."""
        if type(outcome).__name__ not in _TYPES:
            return
        entry = Entry(message_id, fence, outcome)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self.folder / f"{entry.name}.new"
        with draft.open("w", encoding="utf-8") as file:
            json.dump({"type": type(outcome).__name__, "values": asdict(outcome)}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.folder / entry.name)

    def kept(self) -> Iterator[Entry]:
        if not self.folder.is_dir():
            return
        for path in sorted(self.folder.glob("*-*.json")):
            message_id, _, fence = path.stem.partition("-")
            entry = json.loads(path.read_text(encoding="utf-8"))
            yield Entry(int(message_id), int(fence), _TYPES[entry["type"]](**entry["values"]))

    def forget(self, entry: Entry) -> None:
        (self.folder / entry.name).unlink(missing_ok=True)
