"""Pages of the queue: the list, a case, and what is done with it; a module an idea."""

from surveys.followups.views import case, queue, rests, steps, writing
from surveys.followups.views.blueprint import bp

__all__ = ["bp", "case", "queue", "rests", "steps", "writing"]
