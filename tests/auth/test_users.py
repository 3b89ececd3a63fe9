"""Administrators look after users: invite, change, help, deactivate and hand over."""

import re

import pytest

from surveys.auth import duties
from surveys.auth.models import OneTimeLink, StaffSession, StaffUser
from surveys.customers.models import Account, AccountFact
from surveys.delivery.models import Message
from surveys.events.models import Event
from surveys.followups.models import Case
from surveys.lib.access import Role
from surveys.lib.db import db
from tests.factories import log_in, make_account, make_case, make_contact, make_user

pytestmark = pytest.mark.only("sqlite")  # pages and words: they ask nothing of one database alone

INVITE = {"email": "Hana@Example.com", "name": "花子", "department": "CS", "role": "agent", "locale": "ja"}
LINK = re.compile(r'value="(http://localhost/links/[\w-]+)"')


def user(email):
    return db.session.scalars(db.select(StaffUser).where(StaffUser.email == email)).one_or_none()


def kinds():
    return db.session.scalars(db.select(Event.kind).order_by(Event.id)).all()


def test_an_invited_user_chooses_a_password_by_a_link_that_is_shown_once(admin, client):
    shown = admin.post("/users/new", data=INVITE)
    hana = user("hana@example.com")
    assert (hana.name, hana.role, hana.locale, hana.is_invited) == ("花子", Role.AGENT, "ja", True)
    link = LINK.search(admin.get(shown.location).text)[1]
    assert admin.get(shown.location).status_code == 303
    client.post(
        link.removeprefix("http://localhost"),
        data={"password": "nine boats after rain", "again": "nine boats after rain"},
    )
    assert (
        client.post("/login", data={"email": "hana@example.com", "password": "nine boats after rain"}).status_code
        == 303
    )


def test_with_a_mail_server_the_invitation_is_mailed_as_well(make_app, database_url, app):
    mailing = make_app(database_url, mail_url="smtp://127.0.0.1:2525?tls=none", mail_from="koe@minato.example.com")
    client = mailing.test_client()
    log_in(client, make_user(role=Role.ADMIN))
    client.post("/users/new", data=INVITE)
    message = db.session.scalars(db.select(Message)).one()
    assert (message.kind, message.to_address, message.is_confidential) == ("invite", "hana@example.com", True)


@pytest.mark.parametrize(
    ("change", "status"), [({"email": "no address"}, 400), ({"role": "emperor"}, 400), ({"name": ""}, 400)]
)
def test_a_user_that_cannot_be_is_refused(admin, change, status):
    assert admin.post("/users/new", data=INVITE | change).status_code == status
    assert user("hana@example.com") is None


def test_an_address_belongs_to_one_user(admin):
    admin.post("/users/new", data=INVITE)
    assert admin.post("/users/new", data=INVITE | {"email": "hana@EXAMPLE.com"}).status_code == 409


def test_a_new_role_is_written_down_and_means_logging_in_again(admin, agent):
    admin.post(f"/users/{agent.user.id}", data={"name": "A", "role": "lead", "department": ""})
    assert (db.session.get(StaffUser, agent.user.id).role, agent.get("/profile").status_code) == (Role.LEAD, 303)
    assert "role_changed" in kinds()


def test_a_new_name_does_not_end_the_log_in(admin, agent):
    admin.post(f"/users/{agent.user.id}", data={"name": "Another", "role": "agent", "department": ""})
    assert agent.get("/profile").status_code == 200


def test_nobody_changes_their_own_role_or_deactivates_themselves(admin):
    make_user(role=Role.ADMIN)
    assert admin.post(f"/users/{admin.user.id}", data={"name": "A", "role": "agent"}).status_code == 409
    other = make_user()
    assert admin.post(f"/users/{admin.user.id}/departure", data={"successor": other.id}).status_code == 409


def test_two_administrators_who_demote_each_other_leave_one(admin, log_in):
    second = log_in(Role.ADMIN)
    admin.post(f"/users/{second.user.id}", data={"name": "B", "role": "agent"})
    assert second.post(f"/users/{admin.user.id}", data={"name": "A", "role": "agent"}).status_code == 303
    assert db.session.get(StaffUser, admin.user.id).role is Role.ADMIN


def test_somebody_deactivated_is_out_at_once_and_cannot_come_back_alone(admin, agent, client):
    successor = make_user(name="Ken")
    answer = admin.post(f"/users/{agent.user.id}/departure", data={"successor": successor.id}, follow_redirects=True)
    assert ("Ken" in answer.text, agent.get("/profile").status_code) == (True, 303)
    assert db.session.scalars(db.select(StaffSession).where(StaffSession.user_id == agent.user.id)).all() == []
    assert admin.post(f"/users/{agent.user.id}/link").status_code == 409


def test_what_somebody_was_in_charge_of_is_handed_over_in_the_same_step(app, admin, agent):
    passed = []
    accounts = duties.Duty(
        label=lambda num: f"{num} accounts",
        count=lambda of: 12,
        hand_over=lambda leaving, successor, *, by: passed.append((leaving.id, successor.id, by.id)) or 12,
    )
    duties.install(app, [accounts])
    successor = make_user()
    assert "12 accounts" in admin.get(f"/users/{agent.user.id}/departure").text
    admin.post(f"/users/{agent.user.id}/departure", data={"successor": successor.id})
    assert passed == [(agent.user.id, successor.id, admin.user.id)]


def test_accounts_with_their_history_and_open_cases_go_to_the_successor(admin, agent):
    contact = make_contact(account=make_account(owner_id=agent.user.id))
    case = make_case(contact=contact, assignee_id=agent.user.id)
    successor = make_user(name="Ken")
    page = admin.get(f"/users/{agent.user.id}/departure").text
    assert ("1 account" in page, "1 open case" in page) == (True, True)
    admin.post(f"/users/{agent.user.id}/departure", data={"successor": successor.id})
    account = db.session.get(Account, contact.account_id)
    past = db.session.scalars(db.select(AccountFact.value).where(AccountFact.account_id == account.id)).all()
    assert (account.owner_id, str(successor.id) in past) == (successor.id, True)
    assert db.session.get(Case, case.id).assignee_id == successor.id


def in_charge(user):
    """An account and an open case of this user."""
    contact = make_contact(account=make_account(owner_id=user.id))
    return contact.account, make_case(contact=contact, assignee_id=user.id)


@pytest.mark.parametrize("role", ["viewer", "product"])
def test_who_may_no_longer_work_cases_hands_over_first(admin, agent, role):
    account, case = in_charge(agent.user)
    successor, data = make_user(name="Ken"), {"name": "Aoi Mori", "role": role, "department": ""}
    path = f"/users/{agent.user.id}"
    assert 'name="successor"' in admin.get(path).text
    refused = admin.post(path, data=data)
    assert (refused.status_code, "who takes them over" in refused.text, "Aoi Mori" in refused.text) == (409, True, True)
    assert db.session.get(StaffUser, agent.user.id).role is Role.AGENT
    admin.post(path, data=data | {"successor": successor.id})
    assert db.session.get(StaffUser, agent.user.id).role == role
    owner, assignee = db.session.get(Account, account.id).owner_id, db.session.get(Case, case.id).assignee_id
    assert (owner, assignee) == (successor.id, successor.id)


def test_who_goes_on_working_cases_or_has_none_hands_nothing_over(admin, agent):
    account, _case = in_charge(agent.user)
    admin.post(f"/users/{agent.user.id}", data={"name": "A", "role": "lead", "department": ""})
    assert db.session.get(Account, account.id).owner_id == agent.user.id
    idle = make_user()
    assert 'name="successor"' not in admin.get(f"/users/{idle.id}").text
    admin.post(f"/users/{idle.id}", data={"name": "B", "role": "viewer", "department": ""})
    assert db.session.get(StaffUser, idle.id).role is Role.VIEWER


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PRODUCT])
def test_who_may_not_work_cases_takes_nothing_over(admin, agent, role):
    account, _case = in_charge(agent.user)
    reader = make_user(role=role, name="Only reads")
    assert "Only reads" not in admin.get(f"/users/{agent.user.id}/departure").text
    for path, more in (("departure", {}), ("", {"name": "A", "role": "viewer"})):
        answer = admin.post(f"/users/{agent.user.id}/{path}".rstrip("/"), data={"successor": reader.id, **more})
        assert answer.status_code == 400
    user = db.session.get(StaffUser, agent.user.id)
    assert (user.is_active, user.role, db.session.get(Account, account.id).owner_id) == (True, Role.AGENT, user.id)


@pytest.mark.parametrize("successor", ["", "0", "999999", "self"])
def test_a_hand_over_needs_a_colleague_who_is_there(admin, agent, successor):
    chosen = agent.user.id if successor == "self" else successor
    assert admin.post(f"/users/{agent.user.id}/departure", data={"successor": chosen}).status_code == 400
    assert db.session.get(StaffUser, agent.user.id).is_active


def test_somebody_who_comes_back_needs_a_new_password(admin, agent):
    admin.post(f"/users/{agent.user.id}/departure", data={"successor": admin.user.id})
    shown = admin.post(f"/users/{agent.user.id}/return")
    assert LINK.search(admin.get(shown.location).text)
    assert db.session.get(StaffUser, agent.user.id).is_invited
    assert admin.post(f"/users/{agent.user.id}/return").status_code == 409


def test_the_list_takes_as_many_queries_for_many_users_as_for_few(admin, count_queries):
    admin.get("/users")
    with count_queries() as few:
        admin.get("/users")
    for _number in range(20):
        make_user()
    with count_queries() as many:
        page = admin.get("/users")
    assert (len(few), page.status_code) == (len(many), 200)


def test_what_is_done_to_users_is_written_down(admin, agent):
    admin.post("/users/new", data=INVITE)
    admin.post(f"/users/{agent.user.id}/departure", data={"successor": admin.user.id})
    assert kinds() == ["user_added", "link_made", "user_deactivated"]


def test_a_link_made_for_one_is_not_shown_on_the_page_of_another(admin, agent):
    admin.post("/users/new", data=INVITE)
    assert admin.get(f"/users/{agent.user.id}/link").status_code == 303
    assert db.session.scalar(db.select(db.func.count()).select_from(OneTimeLink)) == 1
