"""From a draft to the last mail, and the counts on the way."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from surveys.delivery import actions as delivery
from surveys.delivery.models import SuppressionReason
from surveys.delivery.replies import Rejected, Unknown
from surveys.invitations import actions, planning, queries
from surveys.invitations.models import Campaign, CampaignState, Invitation, Outcome
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.errors import Invalid, Refused
from surveys.questionnaires import actions as questionnaires
from surveys.questionnaires.queries import by_key, latest
from surveys.settings.queries import default_brand, organisation
from tests.factories import make_account, make_contact, make_invitation, make_user, save
from tests.invitations.lines import Server, adds_up, counts, draft, launched, people, plan, run, send_all


def state(campaign: Campaign) -> CampaignState:
    db.session.expire_all()
    return campaign.state


def held_by(campaign: Campaign) -> dict[str, int]:
    return {line.rule: line.people for line in queries.ledger(campaign)}


# ── Drafts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_counts_its_audience_as_open(app):
    people(3)
    told = counts(draft())
    assert (told.audience, told.open, told.sent) == (3, 3, 0)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"tier": "high_touch"}, {"tier": ["high_touch"]}),
        ({"tier": "tech_touch, high_touch"}, {"tier": ["high_touch", "tech_touch"]}),
        ({"language": ["ja"]}, {"language": ["ja"]}),
        ({"plan": "pro"}, {"properties": {"plan": "pro"}}),
        ({"properties": {"プラン": "プロ"}}, {"properties": {"プラン": "プロ"}}),
        ({"contact_ids": ["3", 1, 3]}, {"contact_ids": [1, 3]}),
        ({"contact_ids": []}, {"contact_ids": []}),
        ({"contact_ids": "12"}, {"contact_ids": [12]}),
        ({"contact_ids": "12, 7"}, {"contact_ids": [7, 12]}),
        ({"tier": []}, {}),
        ({}, {}),
    ],
)
def test_audiences_are_kept_in_one_form(app, given, kept):
    assert actions.chosen(given) == kept


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"contact_ids": "12,x"}, "“x” is not the number of a contact"),
        ({"contact_ids": "１２"}, "is not the number of a contact"),
        ({"contact_ids": "9" * 30}, "is not the number of a contact"),
        ({"properties": "x"}, "plan=pro instead of properties="),
    ],
)
def test_what_chooses_nobody_for_sure_is_refused(app, given, said):
    with pytest.raises(Invalid, match=said):
        actions.chosen(given)


def test_an_unknown_value_is_refused_with_the_known_ones(app):
    with pytest.raises(Invalid, match="high_touch, low_touch, tech_touch"):
        actions.chosen({"tier": "vip"})


@pytest.mark.parametrize(
    ("audience", "emails"),
    [
        ({}, "abcd"),
        ({"tier": "high_touch"}, "ab"),
        ({"language": "ja"}, "bc"),
        ({"tier": "high_touch", "language": "ja"}, "b"),
        ({"role": "champion"}, "d"),
        ({"phase": "adoption,trial"}, "cd"),
        ({"plan": "pro"}, "ad"),
        ({"it's odd.[0] 年": "x"}, "c"),
        ({"plan": "none"}, ""),
    ],
)
def test_whom_an_audience_chooses(app, audience, emails):
    high = make_account(tier="high_touch", phase="onboarding")
    low = make_account(tier="low_touch", phase="adoption", properties={"it's odd.[0] 年": "x"})
    make_contact(email="a@x.jp", account=high, properties={"plan": "pro"})
    make_contact(email="b@x.jp", account=high, language="ja", properties={"plan": "free"})
    make_contact(email="c@x.jp", account=low, language="ja")
    make_contact(email="d@x.jp", role="champion", account=make_account(phase="trial", properties={"plan": "pro"}))
    campaign = draft(audience=audience)
    assert queries.audience_size(campaign.audience) == len(emails)
    if emails:
        actions.launch(campaign, skip_window=True)
        db.session.commit()
        assert run(campaign).recipients == [f"{letter}@x.jp" for letter in emails]


def test_two_campaigns_of_one_name_are_refused(app):
    draft(name="Autumn")
    with pytest.raises(Invalid):
        actions.create(" Autumn ", "nps-default")


def test_a_draft_can_be_changed_and_thrown_away(app):
    campaign = draft()
    actions.arrange(campaign, "Winter", "csat-default", {"language": "ja"})
    assert (campaign.name, campaign.questionnaire.key) == ("Winter", "csat-default")
    actions.remove(campaign)
    db.session.commit()
    assert db.session.scalar(select(Campaign)) is None


def test_a_campaign_on_its_way_is_neither_changed_nor_deleted(app):
    people(1)
    campaign = launched()
    with pytest.raises(Refused):
        actions.arrange(campaign, "Winter", "csat-default")
    with pytest.raises(Refused):
        actions.remove(campaign)
    with pytest.raises(Refused):
        actions.launch(campaign)


# ── Before sending ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("missing", ["legal_name", "postal_address", "sender_name", "sender_address"])
def test_nothing_leaves_without_saying_who_sends_it(app, missing):
    people(1)
    setattr(default_brand(), missing, "")
    campaign = draft()
    with pytest.raises(Refused, match="missing in the settings"):
        actions.launch(campaign)
    assert campaign.is_draft


def test_nobody_to_ask_is_refused(app):
    with pytest.raises(Refused, match="Nobody"):
        actions.launch(draft())


def test_a_language_somebody_reads_needs_complete_wording(app):
    make_contact(language="ja")
    version = latest(by_key("nps-default"))
    version.wording = version.wording | {"ja": version.texts("ja") | {"question": ""}}
    campaign = draft()
    with pytest.raises(Refused, match="日本語"):
        actions.launch(campaign)


def test_the_answer_day_comes_after_the_day_of_sending(app, standing):
    people(1)
    with pytest.raises(Refused):
        actions.launch(draft(deadline_on=date(2026, 11, 20)))


def test_the_usual_time_to_answer_is_five_working_days(app, standing):
    people(1)
    assert launched().deadline_on == date(2026, 11, 30)  # the 23rd is a holiday in Japan


# ── Sending ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_everybody_gets_the_mail_and_the_campaign_finishes(app):
    people(3)
    campaign = launched()
    server = run(campaign)
    told = counts(campaign)
    assert (told.audience, told.sent, told.open) == (3, 3, 0)
    assert len(server.recipients) == len(set(server.recipients)) == 3
    assert state(campaign) is CampaignState.FINISHED
    assert campaign.version.is_frozen


def test_the_facts_of_the_moment_are_kept(app):
    account = make_account()
    contact = make_contact(account=account, language="ja")
    campaign = launched()
    plan()
    invitation = db.session.scalars(select(Invitation)).one()
    assert (invitation.contact_id, invitation.account_id, invitation.language) == (contact.id, account.id, "ja")
    assert (invitation.version_id, invitation.product_id) == (campaign.version_id, campaign.product_id)
    assert (invitation.kind_key, invitation.owner_id, invitation.layout) == ("nps", account.owner_id, 1)


def test_many_people_get_a_window_in_which_it_can_be_taken_back(app, standing):
    ours = organisation()
    ours.cancel_above, ours.cancel_minutes = 2, 5
    people(3)
    campaign = draft()
    actions.launch(campaign)
    db.session.commit()
    assert campaign.held_back_until == standing + timedelta(minutes=5)
    plan()
    assert state(campaign) is CampaignState.SCHEDULED
    actions.cancel(campaign)
    db.session.commit()
    assert campaign.is_draft
    actions.launch(campaign)
    db.session.commit()
    with clock.at(standing + timedelta(minutes=5)):
        assert run(campaign).recipients
    assert state(campaign) is CampaignState.FINISHED


def test_few_people_and_the_command_line_have_no_window(app, standing):
    people(3)
    assert launched().held_back_until == standing
    organisation().cancel_above = 1
    campaign = draft(name="Browser")
    actions.launch(campaign)
    assert campaign.held_back_until > standing


def test_a_campaign_whose_moment_was_missed_by_days_waits_for_a_person(app, standing):
    people(2)
    campaign = draft()
    actions.launch(campaign, at=standing + timedelta(days=1), skip_window=True)
    db.session.commit()
    with clock.at(standing + timedelta(days=4)):
        assert run(campaign).recipients == []
        assert state(campaign) is CampaignState.SENDING
        delivery.skip_overdue(by=make_user())
        db.session.commit()
        run(campaign)
        assert state(campaign) is CampaignState.FINISHED
        assert [(line.rule, line.people) for line in queries.ledger(campaign)] == [("overdue", 2)]


def test_later_is_later(app, standing):
    people(1)
    campaign = draft()
    actions.launch(campaign, at=standing + timedelta(days=1), skip_window=True)
    db.session.commit()
    plan()
    assert state(campaign) is CampaignState.SCHEDULED
    with clock.at(standing + timedelta(days=1, seconds=1)):
        run(campaign)
        assert state(campaign) is CampaignState.FINISHED


def test_refused_and_unknown_mails_are_counted_as_such(app):
    people(2)
    make_contact(email="no@x.jp")
    make_contact(email="maybe@x.jp")
    campaign = launched()
    server = Server({"no@x.jp": Rejected(550, "5.1.1 nobody"), "maybe@x.jp": Unknown("connection lost")})
    run(campaign, server)
    told = counts(campaign)
    assert (told.sent, told.failed, told.unknown, told.audience) == (2, 1, 1, 4)
    failed = db.session.scalars(queries.people(campaign, Outcome.FAILED)).one()
    assert "5.1.1" in failed.failure


def test_an_unknown_mail_goes_again_or_counts_only_when_a_person_says_so(app):
    make_contact(email="maybe@x.jp")
    campaign = launched()
    server = run(campaign, Server({"maybe@x.jp": Unknown("connection lost")}))
    send_all(server)
    assert len(server.taken) == 1
    invitation = db.session.scalars(select(Invitation)).one()
    actions.decide(campaign, invitation.id, send_again=True)
    db.session.commit()
    server.answers.clear()
    send_all(server)
    assert counts(campaign).sent == 1
    assert server.taken[0].data == server.taken[1].data
    with pytest.raises(Refused):
        actions.decide(campaign, invitation.id, send_again=True)


def test_an_unknown_mail_may_count_as_sent(app):
    make_contact(email="maybe@x.jp")
    campaign = launched()
    run(campaign, Server({"maybe@x.jp": Unknown("connection lost")}))
    invitation = db.session.scalars(select(Invitation)).one()
    actions.decide(campaign, invitation.id, send_again=False)
    db.session.commit()
    assert counts(campaign).sent == 1


# ── Held ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_opted_out_is_held_and_never_written_to(app):
    contact = make_contact(email="no@x.jp")
    make_contact(email="yes@x.jp")
    delivery.suppress(contact.email, SuppressionReason.OPT_OUT)
    db.session.commit()
    campaign = launched()
    assert run(campaign).recipients == ["yes@x.jp"]
    assert held_by(campaign) == {"S-08": 1}


def test_an_opt_out_between_planning_and_sending_is_in_time(app):
    make_contact(email="no@x.jp")
    campaign = launched()
    plan()
    delivery.suppress("NO@x.jp", SuppressionReason.OPT_OUT)
    db.session.commit()
    server = Server()
    send_all(server)
    assert server.taken == []
    assert held_by(campaign) == {"S-08": 1}
    assert state(campaign) is CampaignState.FINISHED


def test_the_same_question_too_soon_is_held_with_its_date(app, standing):
    contact = make_contact()
    make_invitation(contact=contact, sent_at=standing - timedelta(days=10), created_at=standing - timedelta(days=10))
    campaign = launched()
    run(campaign)
    held = db.session.scalars(queries.people(campaign, Outcome.HELD)).one()
    assert (held.held_rule, held.next_on) == ("S-02", date(2026, 11, 10) + timedelta(days=180))


def test_two_campaigns_at_once_ask_everybody_once(app):
    people(3)
    first, second = launched(name="First"), launched(name="Second", key="csat-default")
    server = run(first)
    assert len(server.recipients) == 3
    assert held_by(second) == {"S-01": 3}
    assert state(second) is CampaignState.FINISHED


def test_an_open_case_holds_at_planning_and_before_sending(app):
    one, two = people(2)
    campaign = launched()
    plan(lambda ids: {one.id: date(2026, 12, 4)} if one.id in ids else {})
    server = Server()
    send_all(server, lambda ids: {each: None for each in ids if each == two.id})
    assert server.taken == []
    assert held_by(campaign) == {"S-06": 2}


def test_an_account_on_hold_is_held_with_its_reason(app):
    account = make_account(hold_until=clock.today("Asia/Tokyo"), hold_reason="Outage")
    make_contact(account=account)
    campaign = launched()
    run(campaign)
    held = db.session.scalars(queries.people(campaign, Outcome.HELD)).one()
    assert held.held_reason == {"what": "account", "words": "Outage"}


def test_a_broken_address_holds_one_person_and_the_others_go(app):
    """R-19."""
    people(2)
    make_contact(email="broken")
    make_contact(language="fr")
    campaign = launched()
    assert len(run(campaign).recipients) == 2
    assert held_by(campaign) == {"missing": 2}


def test_the_same_address_in_other_letters_is_asked_once(app):
    """R-17: contacts are one per address; a changed address does not make a second mail either."""
    one = make_contact(email="Taro@Example.jp", email_key="taro@example.jp")
    campaign = launched()
    plan()
    one.email, one.email_key = "new@example.jp", "new@example.jp"
    db.session.commit()
    late = make_contact(email="ＴＡＲＯ@example.jp", email_key="taro@example.jp")
    campaign.planned_at = None
    db.session.commit()
    plan()
    asked = list(db.session.scalars(select(Invitation.contact_id)))
    assert asked == [one.id]
    assert late.id not in asked
    assert adds_up(counts(campaign))


# ── Stopping ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_stopping_holds_the_rest_and_keeps_what_was_sent(app, monkeypatch):
    """R-18."""
    monkeypatch.setattr(planning, "SLICE", 4)
    people(10)
    campaign = launched()
    planning.start_due_campaigns()
    planning.plan_next_slice()
    server = Server()
    delivery.send_due(mails_kinds(), server, span=timedelta(0))
    delivery.send_due(mails_kinds(), server, span=timedelta(0))
    actions.cancel(campaign)
    db.session.commit()
    told = counts(campaign)
    assert (told.sent, told.held, told.open, told.audience) == (2, 2, 6, 10)
    plan()
    send_all(server)
    told = counts(campaign)
    assert (told.sent, told.held, told.open, told.audience) == (2, 8, 0, 10)
    assert len(server.taken) == 2
    assert held_by(campaign) == {"campaign_cancelled": 8}
    assert (state(campaign), campaign.finished_at is not None) == (CampaignState.CANCELLED, True)
    with pytest.raises(Refused):
        actions.cancel(campaign)


def test_a_mail_that_a_worker_holds_already_is_stopped_before_the_dot(app):
    people(1)
    campaign = launched()
    plan()

    class Slow(Server):
        def send(self, envelope, before_dot):
            actions.cancel(db.session.get_one(Campaign, campaign.id))
            db.session.commit()
            return super().send(envelope, before_dot)

    server = Slow()
    send_all(server)
    assert server.taken == []
    assert held_by(campaign) == {"campaign_cancelled": 1}


def test_words_changed_after_the_launch_do_not_change_what_is_asked(app):
    people(1)
    launched()
    plan()
    questionnaires.reword(by_key("nps-default"), "en", {"question": "Something else about {product}?"})
    db.session.commit()
    server = Server()
    send_all(server)
    assert b"Something else" not in server.taken[0].data
    assert latest(by_key("nps-default")).number == 2


def test_planning_in_slices_looks_at_everybody_once(app, monkeypatch):
    monkeypatch.setattr(planning, "SLICE", 3)
    people(10)
    campaign = launched()
    planning.start_due_campaigns()
    seen = []
    while planning.plan_next_slice():
        seen.append(counts(campaign))
    assert all(adds_up(told) and told.audience == 10 for told in seen)
    assert len(seen) == 5
    assert len(run(campaign).recipients) == 10


def test_a_slice_that_another_worker_took_is_not_written_twice(app):
    people(2)
    campaign = launched()
    planning.start_due_campaigns()
    found = queries.campaign(campaign.id)
    stale = planning._plan(found, lambda _ids: {})
    db.session.rollback()
    planning.plan_next_slice()
    before = counts(campaign)
    marks = (Campaign.planned_to == stale.after, Campaign.planned_at.is_(None))
    assert not planning.holds(Campaign, campaign.id, *marks, then=lambda: planning._write(stale), planned_to=stale.to)
    assert counts(campaign) == before


def mails_kinds():
    from surveys.invitations import mails

    return mails.kinds()


def test_counts_of_many_campaigns_take_two_queries(app, count_queries):
    made = [save(each) for each in (draft(name="A"), draft(name="B"), draft(name="C"))]
    for each in made:
        each.planned_at = clock.now()
    db.session.commit()
    ids = [each.id for each in made]
    campaigns = [queries.campaign(each) for each in ids]
    with count_queries() as seen:
        queries.counts_of(campaigns)
    assert len(seen) == 2
