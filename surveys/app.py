"""The application: the only module that knows all rooms. It wires; it decides nothing.

The models are named one by one because a table that nobody imported would be missing from the schema.
"""

from __future__ import annotations

import hashlib
import threading
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

import surveys.auth.models  # noqa: F401
import surveys.customers.models  # noqa: F401
import surveys.delivery.models  # noqa: F401
import surveys.events.models  # noqa: F401
import surveys.followups.models  # noqa: F401
import surveys.invitations.models  # noqa: F401
import surveys.measures.models  # noqa: F401
import surveys.openlinks.models  # noqa: F401
import surveys.questionnaires.models  # noqa: F401
import surveys.responses.models  # noqa: F401
import surveys.search.models  # noqa: F401
import surveys.settings.models  # noqa: F401
import surveys.tags.models  # noqa: F401
from surveys import frame, jobs
from surveys.auth import duties, sessions
from surveys.auth.views import bp as auth
from surveys.browse.views import bp as browse
from surveys.config import ROOT, Config, from_process, prepared
from surveys.customers.views import bp as customers
from surveys.delivery.views import bp as delivery
from surveys.demo.views import bp as demo
from surveys.followups.views import bp as followups
from surveys.help.views import bp as help_pages
from surveys.intake import door
from surveys.intake.views import bp as intake
from surveys.intake.views import desk as intake_desk
from surveys.invitations import answers, intents
from surveys.invitations.queries import running_with
from surveys.invitations.views import bp as invitations
from surveys.lib import db as database
from surveys.lib import forms, headers, i18n, logs, numbers, origin, refusals, tokens
from surveys.openlinks.queries import in_use_with
from surveys.openlinks.views import bp as openlinks
from surveys.openlinks.views import door as openlinks_door
from surveys.questionnaires.views import bp as questionnaires
from surveys.reports import charts
from surveys.reports.queries import answers_in_score
from surveys.reports.views import bp as reports
from surveys.settings import usage
from surveys.settings.views import bp as settings
from surveys.start.views import bp as start
from surveys.tags.views import bp as tags

BLUEPRINTS: tuple[Blueprint, ...] = (
    auth,
    settings,
    delivery,
    customers,
    questionnaires,
    invitations,
    tags,
    followups,
    intake,
    intake_desk,
    openlinks,
    openlinks_door,
    browse,
    reports,
    demo,
    help_pages,
    start,
)
# Forms that need no log-in and prove themselves otherwise: by the token in their address, or by doing no harm.
OPEN_FORMS = (
    "intake.answer_posted",
    "intake.withdrawal_posted",
    "intake.leaving_posted",
    "intake.not_me_posted",
    "openlinks_door.answer_posted",
    "openlinks_door.kiosk_posted",
    "auth.link",
    "auth.language",
)
LARGEST_UPLOAD = 21 * 1024 * 1024  # bytes: a list of 20 MB and the form around it
LARGEST_FIELD = 20 * 1024 * 1024
LONGEST_STATEMENT = timedelta(seconds=5)  # of a page; workers and commands may take their time


def create_app(config: Config | None = None) -> Flask:
    """The application for these settings, or for those of the environment."""
    config = prepared(config or from_process())
    logs.configure()
    app = Flask("surveys", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.extensions["koe.config"] = config
    app.extensions["koe.keyring"] = tokens.keyring(config.data_dir / "token-keys.json")
    app.config.update(flask_settings(config))
    door.install(app, https=config.is_https)
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    database.install(app)
    i18n.install(app)
    forms.install(app)
    origin.install(app, public_url=config.public_url, exempt=OPEN_FORMS)
    app.url_map.converters["int"] = numbers.RowNumber
    Migrate(app, database.db, directory=str(ROOT / "migrations"), render_as_batch=True)
    headers.install(app, https=config.is_https)
    refusals.install(app)
    sessions.install(app)
    duties.install(app, jobs.duties())
    answers.install(app, answers_in_score)
    usage.install(app, running_with, in_use_with)
    frame.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.url_defaults(_with_version)
    return app


def serve() -> Flask:
    """The application for a web server: what charts need is loaded aside, so that the first one is not slow."""
    app = create_app()
    with app.app_context():
        database.limit_statements(database.db.engine, LONGEST_STATEMENT)
    intents.install(app)
    threading.Thread(target=charts.prepare, name="prepare-charts", daemon=True).start()
    return app


def flask_settings(config: Config) -> dict[str, Any]:
    """What Flask and its extensions want to know of our settings."""
    return {
        "SECRET_KEY": config.secret_key.get_secret_value(),
        "SQLALCHEMY_DATABASE_URI": config.database,
        "SQLALCHEMY_ENGINE_OPTIONS": database.engine_options(config.database),
        "BABEL_DEFAULT_LOCALE": config.locale,
        "BABEL_DEFAULT_TIMEZONE": "UTC",
        "SESSION_COOKIE_NAME": "__Host-koe" if config.is_https else "koe",
        "SESSION_COOKIE_SECURE": config.is_https,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "MAX_CONTENT_LENGTH": LARGEST_UPLOAD,
        "MAX_FORM_MEMORY_SIZE": LARGEST_FIELD,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session
        "WTF_CSRF_SSL_STRICT": True,
        "TEMPLATES_AUTO_RELOAD": False,
    }


@cache
def static_version(folder: str) -> str:
    """Changes when any static file changes, so that browsers may keep them for ever."""
    digest = hashlib.sha256()
    for path in sorted(Path(folder).rglob("*")):
        if path.is_file():
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:10]


def _with_version(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and "v" not in values:
        values["v"] = static_version(str(ROOT / "static"))
