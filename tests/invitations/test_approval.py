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
from surveys.questionnaires import offers
from surveys.questionnaires.offers import Offer
from surveys.questionnaires.queries import by_key, latest
from surveys.settings import actions as settings
from surveys.settings.queries import default_brand, organisation
from tests.factories import make_brand, make_contact
from tests.followups.test_races import at_once
from tests.invitations.lines import draft

URL = "https://help.minato.example.com/a"
WORDS = {"text": "Shall we call?", "options": {}, "low": "", "high": ""}
YES_NO = {"key": "q1", "kind": "yes_no", "words": {"en": WORDS, "ja": WORDS}}


@pytest.fixture
def yui(app, log_in):
    organisation().asks_for_approval = True
    organisation().offer_hosts = ["help.minato.example.com"]
    make_contact()
    return log_in(Role.LEAD, name="Yui")


@pytest.fixture
def ren(log_in):
    return log_in(Role.LEAD, name="Ren")


@pytest.fixture
def campaign(yui):
    return draft(by=yui.user)


@pytest.fixture
def mari(log_in):
    return log_in(Role.LEAD, name="Mari")


def changed(part, who):
    part(who.user)
    db.session.commit()


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
    assert ("who had no part in it" in page, "<li>Yui: the campaign</li>" in page, "disabled" in page) == (True,) * 3
    assert "Nobody else may run campaigns" in page
    assert queries.campaign(campaign.id).is_draft


def test_whoever_made_it_cannot_approve_it(yui, campaign):
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


def test_it_is_approved_and_sent_by_those_who_have_just_opened_it(app, yui, ren, campaign):
    """With nothing at hand but what the page itself looked up, as in every process that answers it first."""
    number, seen = campaign.id, shown(ren, campaign)
    db.session.remove()
    assert ren.post(f"/campaigns/{number}/approval", data={"seen": seen}).status_code == 303
    db.session.remove()
    assert yui.post(f"/campaigns/{number}/sending", data={"when": "now"}).status_code == 303


PARTS = {
    "the words": lambda by: questionnaires.reword(by_key("nps-default"), "en", {"thanks": "Thanks."}, by=by),
    "the questions": lambda by: questionnaires.ask_further(by_key("nps-default"), [YES_NO], by=by),
    "the offers": lambda by: offers.put(by_key("nps-default"), Offer(dict.fromkeys(("en", "ja"), "A"), URL), by=by),
    "the wish to be contacted": lambda by: offers.ask_contact(by_key("nps-default"), "always", by=by),
}


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS.keys())
def test_neither_who_made_it_nor_who_changed_what_it_asks_may_approve_it(yui, ren, mari, campaign, part):
    """Else two people could let each other's changes pass without a look."""
    changed(part, ren)
    assert [shown(each, campaign) is None for each in (yui, ren, mari)] == [True, True, False]
    page = yui.get(f"/campaigns/{campaign.id}").text
    assert "<li>Ren: the questionnaire</li><li>Yui: the campaign</li>" in page
    assert "Give one of these colleagues the address of this page: Mari." in page
    for each in (yui, ren):
        seen = approval.print_of(queries.campaign(campaign.id))
        refused = each.post(f"/campaigns/{campaign.id}/approval", data={"seen": seen})
        assert (refused.status_code, "You had a part in it" in refused.text) == (403, True)
    assert approve(mari, campaign).status_code == 303 and holds(campaign)


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS.keys())
def test_after_an_approval_only_what_was_changed_since_counts(yui, ren, mari, campaign, part):
    approve(mari, campaign)
    changed(part, ren)
    assert [shown(each, campaign) is None for each in (yui, ren, mari)] == [False, True, False]
    assert approve(yui, campaign).status_code == 303 and holds(campaign)


def test_words_that_were_asked_before_are_nobodys_change(yui, ren, campaign):
    changed(PARTS["the words"], ren)
    assert shown(ren, campaign) is None
    with clock.at(clock.now() + timedelta(seconds=9)):
        latest(by_key("nps-default")).freeze()
        db.session.commit()
    assert shown(ren, campaign) is not None
    with clock.at(clock.now() + timedelta(seconds=18)):
        questionnaires.reword(by_key("nps-default"), "en", {"thanks": "Else."}, by=ren.user)
        db.session.commit()
    assert shown(ren, campaign) is None


def test_an_approval_says_nothing_about_another_questionnaire(yui, ren, mari, campaign):
    """Ren wrote the other one before; only the first was looked at."""
    questionnaires.reword(by_key("csat-default"), "en", {"thanks": "Thanks."}, by=ren.user)
    db.session.commit()
    approve(mari, campaign)
    actions.arrange(queries.campaign(campaign.id), "Autumn", "csat-default", by=mari.user)
    db.session.commit()
    assert [shown(each, campaign) is None for each in (yui, ren, mari)] == [False, True, True]


def test_whoever_changed_its_brand_cannot_approve_it(yui, mari, admin, campaign):
    before = shown(admin, campaign)
    settings.change_brand(default_brand(), {"signature": "Else"}, by=admin.user)
    db.session.commit()
    assert before is not None and [shown(each, campaign) is None for each in (admin, mari)] == [True, False]


def test_an_approval_that_was_taken_back_covers_nothing(yui, ren, mari, campaign):
    changed(PARTS["the words"], ren)
    approve(mari, campaign)
    mari.post(f"/campaigns/{campaign.id}/approval/withdrawal")
    assert [shown(each, campaign) is None for each in (yui, ren, mari)] == [True, True, False]


def test_the_page_says_in_japanese_who_may_not_approve_and_why(yui, ren, log_in, campaign):
    changed(PARTS["the words"], ren)
    page = log_in(Role.ADMIN, locale="ja").get(f"/campaigns/{campaign.id}").text
    assert "次の人は、内容を変更したため承認できません。" in page
    assert "<li>Ren：アンケート</li><li>Yui：配信</li>" in page


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


@pytest.mark.parametrize(
    "change", [{"name": "Winter"}, {"questionnaire_key": "csat-default"}], ids=["name", "question"]
)
def test_every_change_of_a_campaign_is_written_down_with_who_made_it(yui, ren, campaign, change):
    actions.arrange(
        queries.campaign(campaign.id), **{"name": "Autumn", "questionnaire_key": "nps-default"} | change, by=ren.user
    )
    db.session.commit()
    assert events("campaign_changed") == [ren.user.id]
    assert queries.campaign(campaign.id).changed_by_id == ren.user.id


@pytest.mark.parametrize("turn", range(3))
def test_whoever_rewords_while_approving_does_not_approve_their_own_words(app, yui, ren, campaign, turn):
    seen, number, writer = shown(ren, campaign), campaign.id, ren.user.id
    db.session.remove()

    def reword():
        questionnaires.reword(by_key("nps-default"), "en", {"thanks": "Thanks."}, by=_user(writer))

    def give():
        approval.give(queries.campaign(number), seen, by=_user(writer))

    at_once(app, reword, give)
    found = queries.campaign(number)
    assert latest(by_key("nps-default")).texts("en")["thanks"] == "Thanks."
    assert not approval.holds(found)
    assert writer in [hand.user.id for hand in approval.hands(found)]


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
