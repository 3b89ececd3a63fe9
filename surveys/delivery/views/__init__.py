"""Pages about mails; a module an idea."""

from surveys.delivery.views import mailbox, messages
from surveys.delivery.views.messages import bp

__all__ = ["bp", "mailbox", "messages"]
