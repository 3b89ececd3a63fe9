"""Pages of the settings."""

from surveys.settings.views import brands, calendar, hosts, organisation, products, rules
from surveys.settings.views.blueprint import bp

__all__ = ["bp", "brands", "calendar", "hosts", "organisation", "products", "rules"]
