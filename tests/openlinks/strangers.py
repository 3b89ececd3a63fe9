"""Somebody who found an open link: opens it, reads for a while, answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from werkzeug.test import TestResponse

from surveys.lib import clock
from surveys.lib.db import db
from surveys.openlinks import actions, pages
from surveys.openlinks.actions import Plan
from surveys.openlinks.models import Mode, OpenAnswer, OpenLink
from tests.intake.customers import nonce_on

READING = timedelta(seconds=5)


def make_link(name: str = "Reception", **said: Any) -> OpenLink:
    link = actions.create(Plan(**{"name": name, "questionnaire": "nps-default", **said}))
    db.session.commit()
    return link


def make_kiosk(name: str = "Reception tablet", **said: Any) -> OpenLink:
    return make_link(name, mode=Mode.KIOSK, **said)


def answer(client: Any, link: OpenLink, score: object = 9, comment: str = "", **given: Any) -> TestResponse:
    """Open the page, take `reading` to do so, and send the form from the address `ip`; the rest are fields."""
    reading, around = given.pop("reading", READING), {"REMOTE_ADDR": given.pop("ip", "192.0.2.1")}
    headers, path = given.pop("headers", None), pages.path(link)
    opened_at = clock.now()
    with clock.at(opened_at):
        page = client.get(path, environ_base=around, headers=headers)
    sent = {"nonce": nonce_on(page), "shown_in": "en", "score": score, "comment": comment, **given}
    with clock.at(opened_at + reading):
        return client.post(path, data=sent, environ_base=around, headers=headers)


def from_device(client: Any, link: OpenLink, **given: Any) -> TestResponse:
    """One answer as a tablet hands it in later."""
    path = given.pop("path", None) or pages.path(link)
    around = {"REMOTE_ADDR": given.pop("ip", "192.0.2.1")}
    nonce = given.pop("nonce", None) or nonce_on(client.get(path))
    made_at = given.pop("made_at", clock.now())
    sent = {
        "nonce": nonce,
        "shown_in": "en",
        "score": 8,
        "client_id": str(uuid4()),
        "made_at": made_at.isoformat().replace("+00:00", "Z"),
        **given,
    }
    return client.post(path, data=sent, environ_base=around, headers={"Accept": "application/json"})


def stored(link: OpenLink | None = None) -> list[OpenAnswer]:
    """All answers, or those of one link, in their order."""
    chosen = select(OpenAnswer).order_by(OpenAnswer.id)
    return list(db.session.scalars(chosen if link is None else chosen.where(OpenAnswer.link_id == link.id)))
