"""Pages to log in, about oneself, and about users."""

from surveys.auth.views import links, profile, start, users, visits
from surveys.auth.views.blueprint import bp

__all__ = ["bp", "links", "profile", "start", "users", "visits"]
