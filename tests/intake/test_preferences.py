"""How people want to be asked: chosen on one page further, heeded by every campaign, undone by no list."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from surveys.customers import imports
from surveys.customers.models import WISHES, Contact
from surveys.events.models import Event
from surveys.invitations.models import Invitation, Outcome
from surveys.lib import clock
from surveys.lib.db import db
from surveys.questionnaires.actions import add_kind, create_of_kind, reword
from surveys.questionnaires.kinds import KEYS
from tests import factories
from tests.intake.customers import link, nonce_on, opt_out_link
from tests.invitations.lines import Server, launched, plan, run, send_all

LAST_YEAR = timedelta(days=100)


@pytest.fixture
def invitation(app):
    """Asked a hundred days ago: long enough for every quiet rule, not for who wants to be asked less."""
    asked = clock.now() - LAST_YEAR
    return factories.make_invitation(
        contact=factories.make_contact(email="ann@customer.example.com", external_key="ann"),
        campaign=factories.make_campaign(key="csat-default"),
        created_at=asked,
        sent_at=asked,
    )


def choose(client, invitation, **chosen):
    """Open the page, read it for a while, save these choices."""
    nonce = nonce_on(client.get(opt_out_link(invitation)))
    with clock.at(clock.now() + timedelta(seconds=5)):
        sent = client.post(opt_out_link(invitation), data={"save": "1", "nonce": nonce, **chosen})
    return client.get(sent.headers["Location"])


def wishes(invitation) -> set[str]:
    return {name for name in WISHES if getattr(invitation.contact, name)}


def held_of(campaign) -> list[tuple[str, str, object]]:
    held = select(Invitation).where(Invitation.campaign_id == campaign.id, Invitation.outcome == Outcome.HELD)
    return [(each.held_rule, each.held_reason.get("what", ""), each.next_on) for each in db.session.scalars(held)]


def test_what_is_chosen_is_kept_shown_and_can_be_taken_back(client, invitation):
    page = choose(client, invitation, less_often="1", no_reminders="1", language="en")
    assert wishes(invitation) == {"less_often", "no_reminders"}
    assert "Saved." in page.text
    assert re.findall(r'name="(\w+)"[^>]* value="1"[^>]* checked', page.text) == ["less_often", "no_reminders"]
    choose(client, invitation, language="en")
    assert wishes(invitation) == set()


def test_looking_or_a_posting_that_says_nothing_chooses_nothing(client, invitation):
    client.get(f"{opt_out_link(invitation)}?save=1&less_often=1&support_only=1&language=ja")
    client.head(opt_out_link(invitation))
    client.post(opt_out_link(invitation), data={"less_often": "1", "language": "ja"})
    assert (wishes(invitation), invitation.contact.language) == (set(), "en")


def test_each_choice_is_written_down_once(client, invitation):
    for _ in range(2):
        choose(client, invitation, support_only="1", language="ja")
    events = db.session.scalars(select(Event).where(Event.kind == "preferences_changed")).all()
    assert [each.data for each in events] == [
        {"is_suspect": False, "support_only": True, "language": "ja", "is_language_own": True}
    ]


def test_a_choice_within_a_second_takes_effect_and_staff_see_that_it_may_be_a_machines(client, invitation, agent):
    nonce = nonce_on(client.get(opt_out_link(invitation)))
    client.post(opt_out_link(invitation), data={"save": "1", "nonce": nonce, "less_often": "1"})
    assert wishes(invitation) == {"less_often"}
    assert "perhaps by a machine" in agent.get(f"/contacts/{invitation.contact_id}").text


def test_the_page_speaks_the_language_that_was_chosen(client, invitation):
    assert '<html lang="ja">' in choose(client, invitation, language="ja").text
    assert (invitation.contact.language, invitation.contact.is_language_own) == ("ja", True)
    choose(client, invitation, language="xx")
    assert invitation.contact.language == "ja"


def test_only_the_token_of_the_opt_out_opens_the_page_and_it_shows_nothing_of_the_person(client, invitation):
    """X-01, X-04, X-22: the page knows wishes, and no name, address, answer or question."""
    survey, leaving = link(invitation), opt_out_link(invitation)
    for wrong in (survey.replace("/s/", "/u/"), leaving.replace("/u/", "/s/"), f"{leaving}x", "/u/x"):
        assert client.get(wrong).status_code == 404
        assert client.post(wrong, data={"save": "1", "less_often": "1"}).status_code == 404
    assert wishes(invitation) == set()
    factories.make_response(3, invitation=invitation, comment="My own words")
    page = client.get(leaving).text
    contact = invitation.contact
    for secret in (contact.name, contact.email, contact.account.name, "My own words", "How likely", survey):
        assert secret not in page


@pytest.mark.parametrize("path", ["", "/thanks", "/not-me"])
def test_the_page_is_one_link_away_from_answer_receipt_and_the_wrong_persons_page(client, invitation, path):
    factories.make_response(3, invitation=invitation)
    assert f'href="{opt_out_link(invitation)}"' in client.get(f"{link(invitation)}{path}").text


def test_who_wants_to_be_asked_less_is_asked_once_in_180_days(client, invitation):
    choose(client, invitation, less_often="1", language="en")
    campaign = launched(key="ces-default")
    run(campaign)
    local = clock.local_day(invitation.sent_at + timedelta(days=180), "Asia/Tokyo")
    assert held_of(campaign) == [("preference", "less_often", local)]
    with clock.at(clock.now() + timedelta(days=81)):
        assert run(launched(name="Later", key="ces-default")).recipients == ["ann@customer.example.com"]


def test_who_wants_surveys_after_support_only_is_asked_about_nothing_else(client, invitation):
    choose(client, invitation, support_only="1", language="en")
    relationship = launched(name="NPS", key="nps-default")
    run(relationship)
    assert held_of(relationship) == [("preference", "support_only", None)]
    assert run(launched(name="CES", key="ces-default")).recipients == ["ann@customer.example.com"]


# What each kind asks about: the relationship as a whole, help or another event, or anything at all.
EVENTS = {"nps": False, "ces": True, "ces2": True, "ease5": True, "csat": True, "goal": True, "form": False}


@pytest.mark.parametrize(("kind", "is_asked"), EVENTS.items())
def test_who_wants_surveys_after_support_only_is_asked_about_help_and_events_as_the_page_promised(
    client, invitation, kind, is_asked
):
    assert EVENTS.keys() == KEYS
    page = choose(client, invitation, support_only="1", language="en")
    assert "No general surveys; only short ones about help you received or an event." in page.text
    taken = run(launched(name="Next", key=f"{kind}-default")).recipients
    assert taken == (["ann@customer.example.com"] if is_asked else [])


@pytest.mark.parametrize(("about", "is_asked"), [("relationship", False), ("event", True)])
def test_a_kind_of_ones_own_says_itself_whether_those_who_want_surveys_after_support_only_are_asked(
    client, invitation, lead, about, is_asked
):
    values = {"name": "Own", "name_ja": "自社", "low": 1, "high": 5, "direction": "higher", "headline": "mean"}
    ranges = {"bad": [1, 2], "middle": [3, 3], "good": [4, 5], "worst": [1, 1]}
    own = add_kind("own", values | {"segments": ranges, "is_relationship": about == "relationship"}, by=lead.user)
    asked = create_of_kind("Own", own)
    for language in ("en", "ja"):
        texts = {"question": "?", "low": "1", "high": "5", "subject": "?"}
        reword(asked, language, texts)
    db.session.commit()
    choose(client, invitation, support_only="1", language="en")
    taken = run(launched(name="Next", key=asked.key)).recipients
    assert taken == (["ann@customer.example.com"] if is_asked else [])


def test_a_choice_made_while_the_mail_is_waiting_holds_it_with_the_date(client, invitation):
    campaign = launched(key="ces-default")
    plan()
    choose(client, invitation, less_often="1", language="en")
    server = Server()
    send_all(server)
    assert server.recipients == []
    assert [(rule, what, bool(day)) for rule, what, day in held_of(campaign)] == [("preference", "less_often", True)]


def test_staff_read_why_somebody_was_held_and_from_when_on(client, invitation, lead):
    choose(client, invitation, less_often="1", language="en")
    campaign = launched(key="ces-default")
    run(campaign)
    assert "Asked for fewer surveys" in lead.get(f"/campaigns/{campaign.id}").text
    page = lead.get(f"/contacts/{invitation.contact_id}").text
    assert "Wants to be asked less often" in page
    assert "Less often: one survey in 180 days at most" in page
    assert "Chosen by the person on" in page


def test_no_list_undoes_what_the_person_chose(client, invitation):
    choose(client, invitation, less_often="1", support_only="1", no_reminders="1", language="ja")
    done = imports.run("担当者ID,email,company,氏名,言語\nann,ann@customer.example.com,Aoba,Ann Lee,English\n")
    assert done.is_done
    contact = db.session.scalars(select(Contact).where(Contact.external_key == "ann")).one()
    assert (contact.name, contact.language, wishes(invitation)) == ("Ann Lee", "ja", set(WISHES))


def test_a_wish_goes_along_to_a_new_address(client, invitation):
    choose(client, invitation, less_often="1", language="en")
    imports.run("担当者ID,email\nann,ann@new.example.com\n")
    assert (invitation.contact.email, wishes(invitation)) == ("ann@new.example.com", {"less_often"})


def test_who_comes_back_finds_the_choices(client, invitation):
    choose(client, invitation, no_reminders="1", language="en")
    client.post(opt_out_link(invitation), data={"leave": "1"})
    page = client.get(opt_out_link(invitation)).text
    assert ("You are unsubscribed" in page, "Save my choice" in page) == (True, False)
    client.post(opt_out_link(invitation), data={"return": "1"})
    assert "Save my choice" in client.get(opt_out_link(invitation)).text
    assert wishes(invitation) == {"no_reminders"}


def test_staff_see_who_opted_out_on_the_page_of_the_person(client, invitation, agent):
    client.post(opt_out_link(invitation), data={"List-Unsubscribe": "One-Click"})
    assert "Opted out" in agent.get(f"/contacts/{invitation.contact_id}").text
