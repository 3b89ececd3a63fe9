"""Pages of the campaigns."""

from surveys.invitations.views import campaigns, sending
from surveys.invitations.views.blueprint import bp

__all__ = ["bp", "campaigns", "sending"]
