"""The log: one JSON line an event on standard error, Japanese readable, control characters escaped, no secrets.

Paths are written without their query and with tokens masked, errors of the database without values (X-19).
"""

from __future__ import annotations

import logging
import re
import sys

import structlog
from structlog.typing import EventDict

# PostgreSQL's second line names the values; it ends with the message.
DETAIL = re.compile(r"\n\s*DETAIL:.*?(?=\n\[SQL|\n\nThe above exception|\n\nDuring handling|\Z)", re.DOTALL)
TOKEN = re.compile(r"(/(?:s|u|o|links)/)([^/?]{0,4})[^/?]*")


def configure(*, quiet: bool = False) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _without_values,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if quiet else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _without_values(_logger: object, _name: str, event: EventDict) -> EventDict:
    return {name: DETAIL.sub("", value) if isinstance(value, str) else value for name, value in event.items()}


def masked(path: str) -> str:
    """A path as it may stand in a log."""
    return TOKEN.sub(r"\1\2…", path)
