"""All customers, changing them by hand, and holding them."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from surveys.customers.models import Account, AccountFact, Contact, Contract, Fact, Phase, Tier
from surveys.delivery import actions as delivery
from surveys.delivery import queries as deliveries
from surveys.delivery.models import SuppressionReason
from surveys.lib import clock
from surveys.lib.access import Role
from surveys.lib.db import db
from tests.factories import make_account, make_contact, make_user, save

NEW = {"email": "ann@harbor.example.com", "name": "Ann", "language": "en", "account": "Harbor", "role": "champion"}
ACCOUNT = {"name": "Harbor", "tier": "high_touch", "phase": "adoption", "owner": "", "external_key": "A-1"}


def facts(fact):
    return db.session.scalars(select(AccountFact.value).where(AccountFact.fact == fact).order_by(AccountFact.id)).all()


def test_without_customers_the_page_offers_the_import(lead, agent):
    page = lead.get("/customers").text
    assert ("No customers yet" in page, page.count('href="/imports/new"')) == (True, 2)
    assert "/imports/new" not in agent.get("/customers").text


def test_accounts_stand_with_revenue_owner_and_number_of_people(lead):
    owner = make_user(name="Yui Sato")
    account = make_account(name="Harbor", tier=Tier.HIGH_TOUCH, phase=Phase.ADOPTION, owner_id=owner.id)
    save(Contract(account_id=account.id, product_id=1, mrr=480_000, currency="JPY"))
    make_contact(account=account)
    page = lead.get("/customers").text
    assert all(words in page for words in ("Harbor", "High touch", "Adoption", "¥480,000", "Yui Sato"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=harb", {"Harbor"}),
        ("q=Ｈａｒｂ", {"Harbor"}),
        ("q=100%25", set()),
        ("q=K-7", {"Quiet"}),
        ("tier=high_touch", {"Harbor"}),
        ("tier=none", {"Quiet"}),
        ("phase=trial", {"Quiet"}),
        ("owner=none", {"Harbor", "Quiet"}),
        ("owner=99999", {"Harbor", "Quiet"}),
        ("tier=nonsense&sort=-renewal&page=x", {"Harbor", "Quiet"}),
    ],
)
def test_accounts_can_be_searched_and_filtered(lead, query, found):
    make_account(name="Harbor", tier=Tier.HIGH_TOUCH, phase=Phase.ADOPTION)
    make_account(name="Quiet", phase=Phase.TRIAL, external_key="K-7")
    page = lead.get(f"/customers?{query}").text
    assert {name for name in ("Harbor", "Quiet") if f">{name}</a>" in page} == found


@pytest.mark.parametrize(
    ("query", "found"), [("q=ann%40", 1), ("language=ja", 0), ("q=harbor", 1), ("tier=high_touch", 0)]
)
def test_contacts_can_be_searched_and_filtered(lead, query, found):
    make_contact(email="ann@x.example.com", name="Ann", account=make_account(name="Harbor"))
    assert lead.get(f"/customers?view=contacts&{query}").text.count("ann@x.example.com") == found


def test_a_viewer_sees_accounts_and_never_people(viewer):
    make_contact(email="ann@x.example.com", name="Ann Person", account=make_account(name="Harbor"))
    for query in ("", "?view=contacts", "?view=contacts&q=ann"):
        page = viewer.get(f"/customers{query}").text
        assert ("ann@x.example.com" in page, "Ann Person" in page) == (False, False)
    assert viewer.get("/contacts/new").status_code == 403


@pytest.mark.parametrize("view", ["accounts", "contacts"])
def test_a_list_takes_the_same_number_of_queries_however_long_it_is(lead, count_queries, view):
    for _number in range(3):
        make_contact()
    lead.get(f"/customers?view={view}")
    with count_queries() as few:
        lead.get(f"/customers?view={view}")
    for _number in range(30):
        make_contact()
    with count_queries() as many:
        lead.get(f"/customers?view={view}")
    assert len(few) == len(many) <= 12


def test_an_account_is_added_with_its_first_facts(lead):
    lead.post("/accounts/new", data=ACCOUNT)
    account = db.session.scalars(select(Account)).one()
    assert (account.name, account.tier, facts(Fact.TIER), facts(Fact.OWNER)) == (
        "Harbor",
        Tier.HIGH_TOUCH,
        ["high_touch"],
        [],
    )


def test_what_an_account_was_is_not_forgotten_when_it_is_changed(lead):
    account = make_account(name="Harbor", tier=Tier.LOW_TOUCH)
    owner = make_user()
    assert 'value="Harbor"' in lead.get(f"/accounts/{account.id}/details").text
    lead.post(f"/accounts/{account.id}/details", data={**ACCOUNT, "owner": str(owner.id), "renewal_on": "2026-12-28"})
    assert (facts(Fact.TIER), facts(Fact.OWNER), facts(Fact.PHASE)) == (["high_touch"], [str(owner.id)], ["adoption"])
    lead.post(f"/accounts/{account.id}/details", data={**ACCOUNT, "tier": ""})
    assert (facts(Fact.TIER), facts(Fact.OWNER)) == (["high_touch", ""], [str(owner.id), ""])


def test_a_key_belongs_to_one_account(lead):
    make_account(external_key="A-1")
    assert lead.post("/accounts/new", data=ACCOUNT).status_code == 400
    assert db.session.scalar(select(func.count()).select_from(Account)) == 1


def test_revenue_is_set_as_one_writes_it_and_its_past_stays(lead):
    account = make_account()
    path = f"/accounts/{account.id}/revenue"
    lead.post(path, data={"product": "1", "amount": "48万円", "currency": "JPY"})
    lead.post(path, data={"product": "1", "amount": "¥520,000", "currency": "JPY"})
    lead.post(path, data={"product": "1", "amount": "520000", "currency": "JPY"})
    assert 'value="520000"' in lead.get(path).text
    assert (facts(Fact.MRR), db.session.scalars(select(Contract.mrr)).all()) == (
        ["480000 JPY", "520000 JPY"],
        [520_000],
    )
    assert "is not an amount" in lead.post(path, data={"product": "1", "amount": "lots", "currency": "JPY"}).text


def test_an_account_is_held_with_a_reason_until_a_day(lead):
    account = make_account(name="Harbor")
    until = (clock.now() + timedelta(days=10)).date()
    path = f"/accounts/{account.id}/hold"
    lead.post(path, data={"reason": "Escalation", "until": until.isoformat()})
    held = db.session.get(Account, account.id)
    assert (held.hold_reason, held.hold_until, held.is_on_hold(until)) == ("Escalation", until, True)
    assert "Escalation" in lead.get(f"/accounts/{account.id}/details").text
    lead.post(f"/accounts/{account.id}/release")
    assert not db.session.get(Account, account.id).is_on_hold(until)
    assert lead.post(f"/accounts/{account.id}/release").status_code == 409


def test_a_hold_that_is_over_is_no_longer_marked_in_the_list(lead, standing):
    make_account(name="Harbor", hold_reason="Escalation", hold_until=(standing - timedelta(days=1)).date())
    assert "On hold" not in lead.get("/customers").text
    make_account(name="Quay", hold_reason="Escalation", hold_until=(standing + timedelta(days=1)).date())
    assert lead.get("/customers").text.count("On hold") == 1


def test_only_those_who_work_with_customers_can_own_an_account(lead):
    for role in (Role.VIEWER, Role.PRODUCT):
        reader = make_user(role=role, name=f"Reads only {role}")
        assert "Reads only" not in lead.get("/accounts/new").text
        assert lead.post("/accounts/new", data={**ACCOUNT, "owner": str(reader.id)}).status_code == 400
    assert db.session.scalars(select(Account)).all() == []


def test_an_owner_who_could_not_become_it_any_more_stays_until_somebody_else_is_chosen(lead):
    gone = make_user(name="Ken", deactivated_at=clock.now())
    account = make_account(name="Harbor", owner_id=gone.id)
    path = f"/accounts/{account.id}/details"
    assert f'<option selected value="{gone.id}">Ken' in lead.get(path).text
    lead.post(path, data={**ACCOUNT, "owner": str(gone.id)})
    assert db.session.get(Account, account.id).owner_id == gone.id


@pytest.mark.parametrize(("reason", "days"), [("", 10), ("Escalation", -2), ("Escalation", 400)])
def test_a_hold_needs_a_reason_and_a_day_within_a_year(lead, reason, days):
    account = make_account()
    until = (clock.now() + timedelta(days=days)).date()
    page = lead.post(f"/accounts/{account.id}/hold", data={"reason": reason, "until": until.isoformat()})
    assert (page.status_code, db.session.get(Account, account.id).hold_until) == (400, None)


def test_what_is_no_day_is_said_to_be_none(lead):
    account = make_account()
    page = lead.post(f"/accounts/{account.id}/hold", data={"reason": "Escalation", "until": "<b>soon"})
    assert (page.status_code, 'id="until-error"' in page.text, "&lt;b&gt;soon" in page.text) == (400, True, True)


def test_an_agent_changes_the_own_accounts_and_no_others(agent):
    mine, other = make_account(owner_id=agent.user.id), make_account()
    for path in ("details", "revenue", "hold"):
        assert agent.get(f"/accounts/{mine.id}/{path}").status_code == 200
        assert agent.get(f"/accounts/{other.id}/{path}").status_code == 403
    assert agent.post(f"/accounts/{other.id}/release").status_code == 403
    assert agent.get("/accounts/new").status_code == 403
    given_away = agent.post(f"/accounts/{mine.id}/details", data={**ACCOUNT, "owner": str(make_user().id)})
    assert given_away.status_code == 403


def test_an_agent_adds_people_to_the_own_accounts_only(agent):
    mine, other = make_account(name="Mine", owner_id=agent.user.id), make_account(name="Other")
    assert agent.post("/contacts/new", data={**NEW, "account": "Mine"}).status_code == 303
    assert agent.post("/contacts/new", data={**NEW, "email": "b@x.example.com", "account": "Other"}).status_code == 403
    assert (
        agent.post("/contacts/new", data={**NEW, "email": "c@x.example.com", "account": "Nowhere"}).status_code == 400
    )
    contact = db.session.scalars(select(Contact)).one()
    assert contact.account_id == mine.id
    moved = agent.post(f"/contacts/{contact.id}/details", data={**NEW, "account": "Other"})
    assert (moved.status_code, other.id != mine.id) == (403, True)


def test_a_contact_is_added_and_brings_a_new_account_along(lead):
    lead.post("/contacts/new", data=NEW)
    contact = db.session.scalars(select(Contact)).one()
    assert (contact.email_key, contact.account.name, contact.role) == ("ann@harbor.example.com", "Harbor", "champion")


def test_an_address_that_is_taken_or_none_is_refused(lead):
    make_contact(email="ann@harbor.example.com")
    assert lead.post("/contacts/new", data={**NEW, "email": "Ann@Harbor.example.com"}).status_code == 400
    assert "not an e-mail address" in lead.post("/contacts/new", data={**NEW, "email": "ann@"}).text


def test_a_persons_no_goes_along_to_a_new_address(lead):
    contact = make_contact(email="old@harbor.example.com", unreachable="wrong address")
    delivery.suppress("old@harbor.example.com", SuppressionReason.OPT_OUT)
    db.session.commit()
    lead.post(f"/contacts/{contact.id}/details", data={**NEW, "account": contact.account.name})
    assert deliveries.suppression_of("ann@harbor.example.com").reason is SuppressionReason.OPT_OUT
    assert db.session.get(Contact, contact.id).unreachable == ""


def test_the_form_of_a_contact_knows_the_account_it_was_opened_from(lead):
    account = make_account(name="Harbor")
    assert 'value="Harbor"' in lead.get(f"/contacts/new?account={account.id}").text
    assert lead.get("/contacts/new?account=999").status_code == 200


@pytest.mark.parametrize(
    "path", ["/customers", "/customers?view=contacts", "/accounts/new", "/contacts/new", "/imports/new"]
)
def test_pages_speak_japanese(log_in, path):
    make_contact()
    page = log_in(Role.LEAD, locale="ja").get(path).text
    assert ("取引先" in page, "Add a" in page) == (True, False)
