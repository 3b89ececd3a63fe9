"""The campaigns' pages, as staff go through them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from surveys.delivery.models import Message
from surveys.delivery.replies import Unknown
from surveys.invitations import actions, queries
from surveys.invitations.models import Campaign, CampaignState, Invitation, SampleMail
from surveys.lib import clock
from surveys.lib.access import Role
from surveys.lib.db import db
from surveys.settings.models import Product
from surveys.settings.queries import default_brand, default_product, organisation
from tests.factories import make_account, make_contact, make_response, save
from tests.invitations.lines import Server, draft, launched, people, run

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def form(**values: object) -> dict[str, object]:
    return {"name": "Autumn", "questionnaire": "nps-default", "product": default_product().id, **values}


def only() -> Campaign:
    return db.session.scalars(select(Campaign)).one()


def text_of(page: object) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.text))  # type: ignore[attr-defined]


def test_without_campaigns_the_list_says_what_to_do(lead, viewer):
    assert "New campaign" in lead.get("/campaigns").text
    assert "New campaign" not in viewer.get("/campaigns").text


def test_from_the_list_to_the_last_mail(lead):
    make_contact(language="ja", account=make_account(tier="high_touch"))
    people(2)
    assert lead.get("/campaigns/new").status_code == 200
    saved = lead.post("/campaigns/new", data=form(tier=["high_touch"]))
    campaign = only()
    assert saved.headers["Location"].endswith(f"/campaigns/{campaign.id}")
    page = lead.get(f"/campaigns/{campaign.id}")
    assert "Send to 1 person" in page.text
    assert "1分アンケートのお願い" in page.text
    sent = lead.post(f"/campaigns/{campaign.id}/sending", data={"when": "now"}, follow_redirects=True)
    assert "It goes to 1 person now." in sent.text
    run(campaign)
    assert "Sent 1 of 1 · 0 answered (0% of delivered so far)" in text_of(lead.get(f"/campaigns/{campaign.id}"))
    assert "Sent 1 of 1" in text_of(lead.get("/campaigns"))


def test_the_button_says_how_many_in_japanese(log_in):
    people(2, language="ja")
    campaign = draft()
    page = log_in(Role.LEAD, locale="ja").get(f"/campaigns/{campaign.id}")
    assert "2名に送信" in page.text
    assert "送信前の確認" in page.text


def test_a_draft_can_be_edited_and_keeps_its_choices(lead):
    make_contact(role="champion", properties={"plan": "pro"})
    lead.post("/campaigns/new", data=form(role=["champion"], property_name="plan", property_value="pro"))
    campaign = only()
    page = lead.get(f"/campaigns/{campaign.id}/plan").text
    assert re.search(r'<input checked id="role-1"[^>]*value="champion"', page)
    assert 'value="plan"' in page
    lead.post(f"/campaigns/{campaign.id}/plan", data=form(name="Winter", language=["ja"], property_name=""))
    assert (only().name, only().audience) == ("Winter", {"language": ["ja"]})


def test_people_chosen_one_by_one_stay_chosen_when_edited(lead):
    contact = make_contact()
    campaign = draft(audience={"contact_ids": [contact.id]})
    lead.post(f"/campaigns/{campaign.id}/plan", data=form())
    assert only().audience == {"contact_ids": [contact.id]}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "This field is required"),
        ({"name": "x" * 121}, "120"),
        ({"questionnaire": "nothing"}, "Not a valid choice"),
        ({"tier": ["vip"]}, "valid choice"),
    ],
)
def test_mistakes_are_shown_and_nothing_is_saved(lead, changes, words):
    answer = lead.post("/campaigns/new", data=form(**changes))
    assert answer.status_code == 400
    assert words in answer.text
    assert db.session.scalar(select(Campaign)) is None


def test_the_size_of_an_audience_is_counted_while_it_is_chosen(lead):
    make_contact(language="ja")
    people(2)
    assert lead.get("/campaigns/audience?language=ja").json == {"people": 1, "words": "1 person"}
    assert lead.get("/campaigns/audience").json["people"] == 3
    assert lead.get("/campaigns/audience?tier=vip").status_code == 400


def test_what_is_missing_is_said_and_the_button_stays_shut(lead):
    people(1)
    default_brand().legal_name = ""
    campaign = draft()
    page = lead.get(f"/campaigns/{campaign.id}").text
    assert "every mail has to carry them" in page
    assert re.search(r"<button[^>]*disabled[^>]*>Send to 1 person", page)
    answer = lead.post(f"/campaigns/{campaign.id}/sending", data={"when": "now"})
    assert answer.status_code == 409
    assert only().is_draft


def test_later_needs_a_day_and_a_time(lead):
    people(1)
    campaign = draft()
    url = f"/campaigns/{campaign.id}/sending"
    assert lead.post(url, data={"when": "later"}).status_code == 400
    day = (clock.today("Asia/Tokyo") + timedelta(days=2)).isoformat()
    lead.post(url, data={"when": "later", "day": day, "time": "10:30"})
    assert only().send_at.isoformat() == f"{day}T01:30:00+00:00"
    assert "Take it back" in lead.get(f"/campaigns/{campaign.id}").text


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-11-19", "This moment is past."),
        ("0001-01-01", "This moment is past."),
        ("2027-11-22", "within a year from now"),
        ("9999-12-31", "within a year from now"),
    ],
)
def test_later_is_neither_past_nor_years_ahead(lead, standing, day, said):
    people(1)
    campaign = draft()
    page = lead.post(f"/campaigns/{campaign.id}/sending", data={"when": "later", "day": day, "time": "23:59"})
    assert page.status_code == 400
    assert said in page.text
    assert f'value="{day}"' in page.text
    assert re.search(r'value="later" checked', page.text)
    assert only().is_draft


def test_a_name_that_is_taken_is_said_at_its_field_and_nothing_typed_is_lost(lead):
    people(1)
    draft(name="Autumn")
    other = draft(name="Winter")
    typed = form(name="Autumn", property_name="plan", property_value="pro of all")
    for url in ("/campaigns/new", f"/campaigns/{other.id}/plan"):
        page = lead.post(url, data=typed)
        assert page.status_code == 400
        assert "There is a campaign “Autumn” already." in page.text
        assert "pro of all" in page.text
    assert [each.name for each in db.session.scalars(select(Campaign).order_by(Campaign.id))] == ["Autumn", "Winter"]


def test_a_campaign_can_be_taken_back_and_deleted(lead):
    people(1)
    organisation().cancel_above = 0
    campaign = draft()
    sent = lead.post(f"/campaigns/{campaign.id}/sending", data={"when": "now"}, follow_redirects=True)
    assert "Until then you can take it back" in sent.text
    back = lead.post(f"/campaigns/{campaign.id}/cancellation", follow_redirects=True)
    assert "Taken back. Nothing has been sent." in back.text
    lead.post(f"/campaigns/{campaign.id}/deletion")
    assert db.session.scalar(select(Campaign)) is None


def test_sending_can_be_stopped(lead):
    people(2)
    campaign = launched()
    db.session.execute(Campaign.__table__.update().values(state="sending"))
    db.session.commit()
    stopped = lead.post(f"/campaigns/{campaign.id}/cancellation", follow_redirects=True)
    assert "Stopped. What was sent already stays sent." in stopped.text
    assert only().state is CampaignState.CANCELLED


def test_the_mail_is_shown_to_a_real_person_of_the_audience(lead):
    make_contact(name="山田 太郎", language="ja", account=make_account(name="やまびこ製作所"))
    campaign = draft()
    mail = lead.get(f"/campaigns/{campaign.id}/mail/ja")
    assert "やまびこ製作所<br>山田 太郎 様" in mail.text
    assert "frame-ancestors 'self'" in mail.headers["Content-Security-Policy"]
    assert "Hello," in lead.get(f"/campaigns/{campaign.id}/mail/en").text
    assert lead.get(f"/campaigns/{campaign.id}/mail/ja?part=text").mimetype == "text/plain"
    assert lead.get(f"/campaigns/{campaign.id}/mail/fr").status_code == 404


def test_a_test_mail_is_one_press(lead):
    campaign = draft()
    answer = lead.post(f"/campaigns/{campaign.id}/test-mail", data={"language": "ja"}, follow_redirects=True)
    assert f"A test mail is on its way to {lead.user.email}." in answer.text
    assert db.session.scalars(select(SampleMail)).one().language == "ja"
    assert db.session.scalars(select(Message)).one().kind == "test"
    assert lead.post(f"/campaigns/{campaign.id}/test-mail", data={"language": "fr"}).status_code == 400


def test_too_many_test_mails_a_day_are_refused(lead):
    campaign = draft()
    for _ in range(actions.TESTS_A_DAY):
        save(SampleMail(campaign_id=campaign.id, user_id=lead.user.id, language="en"))
    assert lead.post(f"/campaigns/{campaign.id}/test-mail", data={"language": "en"}).status_code == 429


def test_the_ledger_names_everybody_who_got_no_mail(lead):
    account = make_account(hold_until=clock.today("Asia/Tokyo") + timedelta(days=3), hold_reason="Outage")
    make_contact(name="Ann", account=account)
    make_contact(name="Bob", unreachable="left")
    make_contact(name="Cat", email="broken")
    make_contact(name="Dan")
    campaign = launched()
    run(campaign)
    page = text_of(lead.get(f"/campaigns/{campaign.id}"))
    assert "Sent 1 of 4 · 3 held" in page
    assert "sent + held + failed + unknown + open = 4" in page
    held = text_of(lead.get(f"/campaigns/{campaign.id}/people?outcome=held"))
    assert "The account is on hold: Outage" in held
    assert "Left, or the address is wrong" in held
    assert "The e-mail address cannot be written to." in held
    assert "Dan" not in held
    one = text_of(lead.get(f"/campaigns/{campaign.id}/people?outcome=held&rule=S-08"))
    assert "Bob" in one
    assert "Ann" not in one
    assert lead.get(f"/campaigns/{campaign.id}/people?outcome=odd").status_code == 404


def test_an_unknown_mail_waits_for_a_decision(lead):
    make_contact(email="maybe@x.jp")
    campaign = launched()
    run(campaign, Server({"maybe@x.jp": Unknown("lost")}))
    page = lead.get(f"/campaigns/{campaign.id}/people?outcome=unknown").text
    assert "Send the same mail again" in page
    invitation = db.session.scalars(select(Invitation)).one()
    url = f"/campaigns/{campaign.id}/unknown/{invitation.id}"
    assert "It counts as sent." in lead.post(url, data={"decision": "sent"}, follow_redirects=True).text
    assert queries.counts(only()).sent == 1
    assert lead.post(url, data={"decision": "sent"}).status_code == 409
    assert lead.post(f"/campaigns/{campaign.id}/unknown/999", data={"decision": "sent"}).status_code == 404


def test_answers_are_counted_of_what_was_delivered(lead):
    people(3)
    campaign = launched()
    run(campaign)
    make_response(9, invitation=db.session.scalars(select(Invitation)).first())
    page = text_of(lead.get(f"/campaigns/{campaign.id}"))
    assert "1 answered (33% of delivered so far)" in page
    campaign = only()
    campaign.deadline_on = clock.today("Asia/Tokyo") - timedelta(days=1)
    db.session.commit()
    assert "1 answered (33% of delivered)" in text_of(lead.get(f"/campaigns/{campaign.id}"))


def test_lists_have_a_fixed_number_of_queries(lead, count_queries):
    people(2)
    run(launched(name="First"))
    seen = []
    for number in range(2):
        for path in ("/campaigns", f"/campaigns/{db.session.scalars(select(Campaign.id)).first()}/people"):
            with count_queries() as statements:
                lead.get(path)
            seen.append(len([each for each in statements if each.startswith("SELECT")]))
        people(5)
        first = queries.by_name("First")
        for contact in people(3):
            save(
                Invitation(
                    campaign_id=first.id,
                    contact_id=contact.id,
                    account_id=contact.account_id,
                    email_key=contact.email_key,
                    language="en",
                    version_id=first.version_id,
                    product_id=first.product_id,
                    kind_key="nps",
                    created_at=clock.now(),
                    closes_at=clock.now(),
                )
            )
        finished = launched(name=f"Next {number}")
        finished.planned_at = clock.now()
        db.session.commit()
    assert seen[2] <= seen[0]
    assert seen[3] <= seen[1]


def test_only_leads_and_admins_send(agent, viewer, product_manager):
    people(1)
    campaign = draft()
    for client in (agent, viewer, product_manager):
        assert client.get("/campaigns").status_code == 200
        page = client.get(f"/campaigns/{campaign.id}")
        assert page.status_code == 200
        assert "Send to" not in page.text
        for path in ("new", f"{campaign.id}/plan", f"{campaign.id}/mail/en", "audience"):
            assert client.get(f"/campaigns/{path}").status_code == 403
        for path in ("sending", "cancellation", "deletion", "test-mail", "unknown/1"):
            assert client.post(f"/campaigns/{campaign.id}/{path}").status_code == 403


@pytest.mark.parametrize(
    "state", [{"quarantined_at": NOON}, {"withdrawn_at": NOON}, {"excluded_at": NOON, "excluded_reason": "a test"}]
)
def test_an_answer_that_is_not_in_the_score_is_no_answer_of_its_campaign(lead, state):
    people(2)
    campaign = launched()
    run(campaign)
    for invitation, values in zip(db.session.scalars(select(Invitation)).all(), ({}, state), strict=True):
        make_response(9, invitation=invitation, **values)
        invitation.answered_at = NOON
    db.session.commit()
    page = lead.get(f"/campaigns/{campaign.id}")
    assert "1 answered (50% of delivered so far)" in text_of(page)
    assert page.text.count("row--apart") == 1
    assert queries.counts(only()).answered == 1


def test_viewers_see_numbers_but_no_people(viewer):
    make_contact(name="Ann Example")
    campaign = launched()
    run(campaign)
    make_response(9, invitation=db.session.scalars(select(Invitation)).one())
    page = viewer.get(f"/campaigns/{campaign.id}").text
    assert ("Ann Example" in page, "A customer" in page) == (False, True)
    assert viewer.get(f"/campaigns/{campaign.id}/people").status_code == 403


@pytest.mark.parametrize("code", ["en", "ja"])
def test_a_draft_greets_nobody_by_name_for_viewers(viewer, lead, code):
    make_contact(name="Ann Example", language=code)
    campaign = draft()
    page = f"/campaigns/{campaign.id}?language={code}"
    assert "Ann Example" in lead.get(page).text
    assert "Ann Example" not in viewer.get(page).text


def test_a_campaign_that_is_not_there_is_not_found(lead):
    assert lead.get("/campaigns/999").status_code == 404


def test_several_products_can_be_chosen_from(lead):
    other = save(Product(key="payroll", name="Payroll"))
    assert "Payroll" in lead.get("/campaigns/new").text
    lead.post("/campaigns/new", data=form(product=other.id))
    assert only().product_id == other.id


def test_hostile_names_come_out_as_words(lead):
    hostile = "<script>alert(1)</script>"
    make_contact(name=hostile, account=make_account(name=hostile, properties={hostile: hostile}))
    lead.post("/campaigns/new", data=form(name=hostile))
    campaign = only()
    pages = ["/campaigns", "/campaigns/new", f"/campaigns/{campaign.id}", f"/campaigns/{campaign.id}/mail/en"]
    assert all("<script>alert" not in lead.get(path).text for path in pages)
    actions.launch(campaign)
    db.session.commit()
    run(campaign)
    for path in (f"/campaigns/{campaign.id}", f"/campaigns/{campaign.id}/people"):
        assert "<script>alert" not in lead.get(path).text
