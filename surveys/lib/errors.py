"""The one family of refusals: a sentence for the person who asked, and the HTTP status that goes with it."""

from __future__ import annotations


class Refused(Exception):
    """What was asked may not happen; the message says why, in the language of who asked."""

    status = 409

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status or type(self).status


class Invalid(Refused):
    """The input cannot be taken as it is."""

    status = 400


class NotFound(Refused):
    status = 404


class Forbidden(Refused):
    status = 403


class TooMany(Refused):
    """Asked too often; `retry_after` in seconds."""

    status = 429

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Busy(Refused):
    """The database would not let us in within five seconds (R-25)."""

    status = 503
