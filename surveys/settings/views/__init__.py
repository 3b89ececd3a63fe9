"""Pages of the settings."""

from surveys.settings.views import calendar, organisation, products, rules
from surveys.settings.views.blueprint import bp

__all__ = ["bp", "calendar", "organisation", "products", "rules"]
