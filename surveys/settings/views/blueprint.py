"""The blueprint all pages of the settings hang on."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("settings", __name__)
