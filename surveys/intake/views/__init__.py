"""The customer's pages, and the staff pages about single answers.

Every page of a customer carries its own authority, the token in its address, and needs neither cookie nor log-in.
"""

from __future__ import annotations

from surveys.intake.views import answering, leaving, receipts, staff
from surveys.intake.views.room import bp as bp
from surveys.intake.views.staff import bp as desk

__all__ = ["answering", "bp", "desk", "leaving", "receipts", "staff"]
