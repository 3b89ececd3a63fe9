"""The whole application on a port of its own, its worker, and a browser for each person."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import select
from werkzeug.serving import make_server

from surveys.delivery import mail
from surveys.delivery.models import MailboxMail
from surveys.jobs import timetable
from surveys.lib.access import Role
from surveys.lib.db import db
from surveys.lib.i18n import catalog
from surveys.lib.jobs import run_until_idle
from tests import factories

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

PATIENCE = 60_000  # milliseconds: many tests share few processors


@dataclass
class House:
    """The application as people meet it: pages at an address, mails, and a worker that works when it is told to."""

    app: Flask
    address: str
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)

    def work(self) -> None:
        """All that is due in the background."""
        with self.app.app_context():
            run_until_idle(timetable())

    def mails_to(self, address: str) -> list[mail.Shown]:
        """What lies in the built-in mailbox for somebody, the newest last."""
        with self.app.app_context():
            wanted = select(MailboxMail).where(MailboxMail.recipient == address).order_by(MailboxMail.id)
            return [mail.read(each.raw) for each in db.session.scalars(wanted)]

    def visitor(self, **settings: Any) -> Page:
        """A browser that was never here."""
        usual = {"viewport": {"width": 1280, "height": 900}, "base_url": self.address}
        context = self.browser.new_context(**{**usual, **settings})
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        return context.new_page()

    def staff(self, role: Role, language: str = "en") -> Page:
        """A colleague's browser, logged in."""
        with self.app.app_context():
            user = factories.make_user(role=role, locale=language, name=f"{role.title()} {language}")
            client = self.app.test_client()
            factories.log_in(client, user)
            found = client.get_cookie("koe")
        assert found
        page = self.visitor()
        page.context.add_cookies([{"name": "koe", "value": found.value, "url": self.address}])
        return page

    def close(self) -> None:
        for context in self.contexts:
            context.close()


@pytest.fixture
def house(make_app: Callable[..., Flask], database_url: str, browser: Browser) -> Iterator[House]:
    """An installation that may send, with its forms guarded as on any other day."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, _nothing, threaded=True)
    address = f"http://127.0.0.1:{server.server_port}"
    server.app = app = make_app(database_url, base_url=address, csrf=True)
    with app.app_context():
        factories.make_ready()
        db.session.commit()
        db.session.remove()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    here = House(app, address, browser)
    expect.set_options(timeout=PATIENCE)
    yield here
    here.close()
    server.shutdown()
    thread.join()
    server.server_close()


def say(words: str, language: str) -> str:
    """A text of ours as it reads in this language."""
    return str(catalog(language).gettext(words))


def _nothing(_environ: Any, _start: Any) -> Any:
    raise AssertionError("nobody is served before the application stands")
