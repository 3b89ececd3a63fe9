"""The process we run in: its settings, for views and mails that need an address or a switch."""

from __future__ import annotations

from flask import current_app

from surveys.config import Config


def config() -> Config:
    """The settings this application was made with."""
    kept: Config = current_app.extensions["koe.config"]
    return kept
