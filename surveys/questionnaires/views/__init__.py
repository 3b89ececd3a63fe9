"""Pages of the questionnaires, and how customers see them."""

from surveys.questionnaires.views import further, kinds, looks, offers, pages
from surveys.questionnaires.views.room import bp

__all__ = ["bp", "further", "kinds", "looks", "offers", "pages"]
