"""A second person's approval, where the installation asks for one: of exactly what would be sent."""

from __future__ import annotations

import re
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from surveys.auth.models import StaffUser
from surveys.events.models import Event
from surveys.invitations import actions, approval, queries
from surveys.lib import clock
from surveys.lib.access import Role
from surveys.lib.db import db
from surveys.lib.errors import Refused
from surveys.questionnaires import actions as questionnaires
from surveys.questionnaires.queries import by_key, latest
from surveys.settings.queries import default_brand, organisation
from tests.factories import make_brand, make_contact
from tests.invitations.lines import draft


@pytest.fixture
def yui(app, log_in):
    organisation().asks_for_approval = True
    make_contact()
    return log_in(Role.LEAD, name="Yui")


@pytest.fixture
def ren(log_in):
    return log_in(Role.LEAD, name="Ren")


@pytest.fixture
def campaign(yui):
    return draft(by=yui.user)


def shown(client, campaign):
    """The print that the page's own button sends."""
    page = client.get(f"/campaigns/{campaign.id}").text
    found = re.search(r'name="seen" value="(\w+)"', page)
    return found[1] if found else None


def approve(client, campaign):
    return client.post(f"/campaigns/{campaign.id}/approval", data={"seen": shown(client, campaign) or ""})


def send(client, campaign):
    return client.post(f"/campaigns/{campaign.id}/sending", data={"when": "now"})


def holds(campaign):
    db.session.expire_all()
    return approval.holds(queries.campaign(campaign.id))


def events(kind):
    db.session.rollback()
    return [event.actor_id for event in db.session.scalars(select(Event).where(Event.kind == kind))]


def test_nobody_is_asked_unless_the_installation_wants_it(app, lead):
    make_contact()
    campaign = draft(by=lead.user)
    assert 'id="approval"' not in lead.get(f"/campaigns/{campaign.id}").text
    assert send(lead, campaign).status_code == 303


def test_an_administrator_switches_it_on(admin):
    ours = {"name": "Minato", "name_ja": "", "locale": "en", "timezone": "Asia/Tokyo"}
    admin.post("/settings/organisation", data=ours | {"asks_for_approval": "y"})
    assert organisation().asks_for_approval is True
    admin.post("/settings/organisation", data=ours)
    assert organisation().asks_for_approval is False


def test_without_it_nothing_goes_and_the_page_says_what_to_do(yui, campaign):
    assert send(yui, campaign).status_code == 409
    page = yui.get(f"/campaigns/{campaign.id}").text
    assert ("Somebody other than Yui" in page, "Give a colleague the address" in page, "disabled" in page) == (
        True,
    ) * 3
    assert queries.campaign(campaign.id).is_draft


def test_whoever_changed_it_last_cannot_approve_it(yui, campaign):
    assert shown(yui, campaign) is None
    seen = approval.print_of(queries.campaign(campaign.id))
    answer = yui.post(f"/campaigns/{campaign.id}/approval", data={"seen": seen})
    assert (answer.status_code, holds(campaign)) == (403, False)


@pytest.mark.parametrize("who", [Role.AGENT, Role.PRODUCT, Role.VIEWER])
def test_only_who_may_run_campaigns_approves(campaign, log_in, who):
    seen = approval.print_of(queries.campaign(campaign.id))
    assert log_in(who).post(f"/campaigns/{campaign.id}/approval", data={"seen": seen}).status_code == 403


def test_the_second_person_sees_the_same_page_approves_and_either_sends(yui, ren, campaign):
    assert "/mail/en" in ren.get(f"/campaigns/{campaign.id}").text
    assert approve(ren, campaign).status_code == 303
    page = yui.get(f"/campaigns/{campaign.id}").text
    assert ("Approved" in page, "Ren, " in page) == (True, True)
    assert send(yui, campaign).status_code == 303
    assert events("campaign_approved") == [ren.user.id]
    assert "Ren, " in yui.get(f"/campaigns/{campaign.id}").text


CHANGES = {
    "the people": lambda c: actions.arrange(c, c.name, "nps-default", {"tier": ["high_touch"]}, deadline_on=c.deadline_on),
    "the day": lambda c: actions.arrange(c, c.name, "nps-default", deadline_on=date(2030, 1, 7)),
    "the questionnaire": lambda c: actions.arrange(c, c.name, "csat-default"),
    "the words": lambda c: questionnaires.reword(by_key("nps-default"), "en", {"thanks": "Thanks."}),
    "the words of the other language": lambda c: questionnaires.reword(by_key("nps-default"), "ja", {"thanks": "どうも。"}),
    "the brand": lambda c: actions.arrange(c, c.name, "nps-default", brand=make_brand()),
    "what the brand says": lambda c: setattr(default_brand(), "signature", "Somebody else"),
    "the sender": lambda c: setattr(default_brand(), "sender_address", "other@minato.example.com"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_any_later_change_withdraws_it(yui, ren, campaign, change):
    approve(ren, campaign)
    assert holds(campaign)
    change(queries.campaign(campaign.id))
    db.session.commit()
    assert not holds(campaign)
    assert send(yui, campaign).status_code == 409
    assert "changed after it had been approved" in yui.get(f"/campaigns/{campaign.id}").text


def test_changing_it_back_does_not_bring_the_approval_back(ren, campaign):
    approve(ren, campaign)
    for name in ({"tier": ["high_touch"]}, {}):
        with clock.at(clock.now() + timedelta(seconds=5)):
            actions.arrange(queries.campaign(campaign.id), "Autumn", "nps-default", name)
            db.session.commit()
    assert not holds(campaign)


def test_saving_without_a_change_leaves_it(yui, ren, campaign):
    approve(ren, campaign)
    form = {
        "name": "Autumn",
        "questionnaire": "nps-default",
        "product": campaign.product_id,
        "brand": campaign.brand_id,
    }
    yui.post(f"/campaigns/{campaign.id}/plan", data=form)
    assert holds(campaign)


def test_who_changed_the_words_last_cannot_approve_them(yui, ren, campaign):
    with clock.at(clock.now() + timedelta(seconds=5)):
        questionnaires.reword(by_key("nps-default"), "en", {"thanks": "Thanks."}, by=ren.user)
        db.session.commit()
    assert (shown(ren, campaign), shown(yui, campaign) is None) == (None, False)


def test_it_can_be_taken_back_and_that_is_noted(yui, ren, campaign):
    approve(ren, campaign)
    assert ren.post(f"/campaigns/{campaign.id}/approval/withdrawal").status_code == 303
    assert (holds(campaign), events("campaign_approval_withdrawn")) == (False, [ren.user.id])
    assert ren.post(f"/campaigns/{campaign.id}/approval/withdrawal").status_code == 409


def test_what_was_changed_while_one_looked_is_not_approved(yui, ren, campaign):
    seen = shown(ren, campaign)
    actions.arrange(queries.campaign(campaign.id), "Autumn", "nps-default", {"tier": ["high_touch"]}, by=yui.user)
    db.session.commit()
    answer = ren.post(f"/campaigns/{campaign.id}/approval", data={"seen": seen})
    assert (answer.status_code, "while you were looking" in answer.text, holds(campaign)) == (409, True, False)


def test_from_the_launch_on_nobody_changes_the_words_that_were_approved(yui, ren, campaign):
    organisation().cancel_above = 0
    db.session.commit()
    approve(ren, campaign)
    send(yui, campaign)
    version = queries.campaign(campaign.id).version
    questionnaires.reword(by_key("nps-default"), "en", {"thanks": "Changed."})
    db.session.commit()
    assert version.is_frozen and latest(by_key("nps-default")).id != version.id
    assert queries.campaign(campaign.id).version_id == version.id


def test_the_command_line_needs_it_too(campaign):
    with pytest.raises(Refused, match="has to approve"):
        actions.launch(queries.campaign(campaign.id), skip_window=True)


@pytest.mark.parametrize("turn", range(3))
def test_editing_while_somebody_approves_never_sends_what_nobody_approved(app, yui, ren, campaign, turn):
    """Whichever comes first, what is approved in the end is what was looked at, or nothing is."""
    seen, number, start = shown(ren, campaign), campaign.id, Barrier(2)
    editor, approver = yui.user.id, ren.user.id
    db.session.remove()

    def edit():
        with app.app_context():
            start.wait(10)
            try:
                found = queries.campaign(number)
                actions.arrange(found, "Autumn", "nps-default", {"tier": ["tech_touch"]}, by=_user(editor))
                db.session.commit()
            except Exception:  # noqa: BLE001 - a lost race is one of the two good ends
                db.session.rollback()

    def give():
        with app.app_context():
            start.wait(10)
            try:
                approval.give(queries.campaign(number), seen, by=_user(approver))
                db.session.commit()
            except Exception:  # noqa: BLE001
                db.session.rollback()

    threads = [Thread(target=edit), Thread(target=give)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    found = queries.campaign(number)
    assert approval.holds(found) is False or found.audience == {}


def _user(number):
    return db.session.get(StaffUser, number)
