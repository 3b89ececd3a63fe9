"""The staff pages of the room."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("openlinks", __name__)
