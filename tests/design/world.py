"""A few rows of everything, so that every page has something to show."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from surveys.customers.models import Successor
from surveys.lib import clock
from surveys.lib.access import Role
from surveys.lib.db import db
from surveys.openlinks import actions as open_links
from surveys.openlinks import limits
from surveys.openlinks.actions import Plan, Posting
from surveys.openlinks.models import Mode, OpenLink
from surveys.settings.queries import organisation
from tests import factories

PEOPLE = (
    ("あおば物流", "佐藤 花子", "ja", 2, "改修後、打刻漏れが増えました。社内では見直しの話も出ています。"),
    ("やまびこ製作所", "鈴木 一郎", "ja", 7, "CSVの項目を並べ替えられると助かります。"),
    ("Harbor & Finch", "Hannah Whitfield", "en", 3, "Three tickets in two weeks. Support has become slow."),
    ("Northlight", "Tom Becker", "en", 10, ""),
)
TIERS = ("high_touch", "low_touch", "tech_touch")


def build() -> None:
    """Accounts, contacts, a campaign, answers with and without words, open cases, tags."""
    organisation().is_demo = True
    campaign = factories.make_campaign(name="NPS 2026")
    factories.make_tag("CSV")
    for at, (company, name, language, score, words) in enumerate(PEOPLE):
        account = factories.make_account(name=company, tier=TIERS[at % 3], phase="adoption")
        contact = factories.make_contact(account=account, name=name, language=language)
        answered_at = clock.now() - timedelta(hours=5 * at)
        answer = factories.make_response(
            score, contact=contact, campaign=campaign, comment=words, answered_at=answered_at
        )
        if score <= 3:
            factories.make_case(contact=contact, responses=[answer], due_at=clock.now() + timedelta(hours=2 - 4 * at))
    for mode in Mode:
        link = open_links.create(Plan(name=f"Channel {mode}", questionnaire="nps-default", mode=mode))
        for number in range(7):
            _answer_openly(link, number)
    factories.save(Successor(contact=contact, name="Kim Reed", email="kim@northlight.example.com", words="Ask Kim."))
    db.session.commit()


def _answer_openly(link: OpenLink, number: int) -> None:
    """One of some answers through an open link, from one network."""
    posting = Posting(
        version=link.version,
        score=number + 3,
        comment="Good, but too fast for us." if number % 2 else "",
        language="en",
        client_id=str(number),
        answered_at=clock.now(),
        network=limits.mark(link, "192.0.2.1"),
    )
    open_links.receive(link, posting)


def cookie(app: Flask, language: str) -> str:
    """The session of an administrator who reads this language."""
    name = "田中 葵" if language == "ja" else "Aoi Tanaka"
    user = factories.make_user(role=Role.ADMIN, locale=language, name=name, email=f"admin-{language}@koe.example.com")
    client = app.test_client()
    factories.log_in(client, user)
    found = client.get_cookie("koe")
    assert found
    return found.value
