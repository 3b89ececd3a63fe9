"""The blueprint all pages of the campaigns hang on."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("invitations", __name__)
