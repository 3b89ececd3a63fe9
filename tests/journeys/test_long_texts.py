"""A long reply outlives what goes wrong around it: an ended log-in, a case that was resolved meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from surveys.auth import passwords
from surveys.auth.models import StaffSession
from surveys.followups.models import Case, CaseState
from surveys.lib import clock
from surveys.lib.access import Role
from surveys.lib.db import db
from tests import factories
from tests.journeys.conftest import House

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "correct horse battery staple"
LONG = "We have found the cause.\n\nIt is mended in the version of tomorrow."
BACK = "This is what you had written here before. It has not been sent or saved."


def test_a_reply_written_longer_than_the_log_in_lasts_stands_in_its_box_again(house: House):
    with house.app.app_context():
        kept = passwords.hashed(PASSWORD)
        factories.make_user(role=Role.AGENT, email="agent@minato.example.com", password_hash=kept)
        first, _second = factories.make_case().id, factories.make_case().id
        db.session.remove()
    page = house.visitor()
    page.goto(f"/cases/{first}")
    page.get_by_label("Mail address").fill("agent@minato.example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_label("Your reply").fill(LONG)
    with house.app.app_context():
        db.session.execute(update(StaffSession).values(seen_at=clock.now() - timedelta(minutes=31)))
        db.session.commit()
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_text("Your log-in had ended")).to_be_visible()
    page.get_by_label("Mail address").fill("agent@minato.example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(f"{house.address}/cases/{first}")
    expect(page.get_by_text(BACK)).to_be_visible()
    expect(page.get_by_label("Your reply")).to_have_value(LONG)

    with house.app.app_context():
        db.session.execute(update(Case).values(state=CaseState.RESOLVED, resolved_at=clock.now()))
        db.session.commit()
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_text("This case is no longer open. Reopen it first.")).to_be_visible()
    expect(page.get_by_label("Your reply")).to_have_value(LONG)
    page.get_by_role("button", name="Reopen").click()
    expect(page.get_by_text(BACK)).to_be_visible()
    expect(page.get_by_label("Your reply")).to_have_value(LONG)

    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_text("is on its way")).to_be_visible()
    page.goto(f"/cases/{first}")
    expect(page.get_by_label("Your reply")).not_to_have_value(LONG)
    expect(page.get_by_text(BACK)).to_have_count(0)
