"""Getting an installation ready: schema, what every installation starts with, the demo, the first administrator."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import flask_migrate
from flask import Flask

from surveys.app import create_app
from surveys.auth import actions as auth
from surveys.config import Config
from surveys.demo import actions as demo_company
from surveys.lib.db import db
from surveys.lib.i18n import speaking
from surveys.questionnaires import actions as questionnaires
from surveys.reports.health import refuse_other_keys
from surveys.settings import actions as settings
from surveys.settings.queries import organisation


def migrate(app: Flask) -> None:
    """Bring the schema up to date and see that what every installation starts with is there."""
    config: Config = app.extensions["koe.config"]
    flask_migrate.upgrade()
    refuse_other_keys()
    settings.ensure_ready(locale=config.locale, timezone=config.timezone)
    questionnaires.ensure_ready()
    db.session.commit()


def ready(config: Config, *, demo: bool, tell: Callable[[str], None]) -> list[str]:
    """Make everything ready, telling what takes long; what the person at the console should read when it is up."""
    app = create_app(config)
    with app.app_context(), speaking(config.locale):
        migrate(app)
        if demo and organisation().set_up_at is None:
            tell("Filling the demo company; this takes half a minute …")
            demo_company.seed()
            db.session.commit()
        greeting = list(_greeting(config))
        db.session.remove()
        db.engine.dispose()
    return greeting


def _greeting(config: Config) -> Iterator[str]:
    yield f"Koe is at {config.public_url}"
    if config.host in ("0.0.0.0", "::") and not config.is_https:  # noqa: S104
        yield "It speaks plain http to the network: put an https proxy before it and set KOE_BASE_URL."
    if organisation().is_demo:
        yield from demo_company.log_ins()
    code = auth.setup_code()
    db.session.commit()
    if code:
        yield f"First start: open {config.public_url}/start and enter this code once: {code}"
    yield "Ctrl-C stops it."
