"""Logging in and out (X-08, X-11, X-12, X-13)."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from surveys.auth import passwords
from surveys.auth.models import StaffSession
from surveys.events.models import Event
from surveys.lib import clock
from surveys.lib.access import Role
from surveys.lib.db import db
from tests.auth.conftest import PASSWORD
from tests.factories import make_user

pytestmark = pytest.mark.only("sqlite")  # pages and words: they ask nothing of one database alone


def sessions():
    return db.session.scalars(db.select(StaffSession).order_by(StaffSession.id)).all()


def test_the_right_password_logs_in_and_leads_to_the_page_of_the_role(yui, sign_in):
    browser, answer = sign_in()
    assert (answer.status_code, answer.location) == (303, "/")
    assert browser.get("/profile").status_code == 200
    assert db.session.scalars(db.select(Event.kind)).all() == ["log_in"]


@pytest.mark.parametrize(("role", "landing"), [(Role.AGENT, "/queue"), (Role.PRODUCT, "/voices"), (Role.ADMIN, "/")])
def test_each_role_begins_where_its_work_is(app, password_hash, sign_in, role, landing):
    make_user(email="someone@example.com", role=role, password_hash=password_hash)
    assert sign_in("someone@example.com")[1].location == landing


def test_the_address_is_taken_in_any_case_and_with_blanks_around(yui, sign_in):
    assert sign_in("  YUI@Example.com ")[1].status_code == 303


@pytest.mark.parametrize("email", ["yui@example.com", "nobody@example.com", "not an address"])
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(yui, sign_in, email):
    answer = sign_in(email, "wrong password it is")[1]
    assert (answer.status_code, "The address or the password is not right." in answer.text) == (401, True)
    assert sessions() == []


def test_somebody_invited_who_has_no_password_yet_cannot_log_in(app, sign_in):
    make_user(email="new@example.com")
    for password in ("", "anything at all"):
        assert sign_in("new@example.com", password)[1].status_code == 401


def test_a_deactivated_user_cannot_log_in(app, yui, sign_in):
    yui.deactivated_at = clock.now()
    db.session.commit()
    assert sign_in()[1].status_code == 401


@pytest.mark.parametrize("target", ["/customers?tier=high_touch", "/cases/7"])
def test_one_goes_on_to_the_page_one_came_for(yui, sign_in, app, target):
    browser = app.test_client()
    answer = browser.post(
        "/login", query_string={"next": target}, data={"email": "yui@example.com", "password": PASSWORD}
    )
    assert answer.location == target


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "https:evil.example", "\\\\evil.example", "/\\evil.example",
     "/%5cevil\\x", "/\r\nSet-Cookie: a=b", "javascript:alert(1)", "evil", ""],
)  # fmt: skip
def test_one_is_never_led_out_of_the_house(yui, app, target):
    browser = app.test_client()
    answer = browser.post(
        "/login", query_string={"next": target}, data={"email": "yui@example.com", "password": PASSWORD}
    )
    assert answer.location == "/"


def test_a_page_for_staff_asks_to_log_in_and_remembers_itself(client, yui):
    assert client.get("/profile").location == "/login?next=/profile"


def test_whoever_is_logged_in_is_not_asked_again(lead):
    assert lead.get("/login").location == "/"


def test_nobody_waits_for_a_hash_inside_a_transaction(yui, sign_in, monkeypatch):
    """Hashing takes a tenth of a second; on SQLite every other writer would stand still for it."""
    seen = []

    class Watching(PasswordHasher):
        def verify(self, *given):
            seen.append(db.session().in_transaction())
            return super().verify(*given)

    monkeypatch.setattr(passwords, "_hasher", Watching(time_cost=1, memory_cost=64, parallelism=1))
    assert sign_in()[1].status_code == 303
    assert seen == [False]


# Sessions


def test_a_number_fixed_before_the_log_in_is_worth_nothing_after_it(yui, sign_in, app):
    browser = app.test_client()
    with browser.session_transaction() as kept:
        kept["sid"] = "chosen by an attacker"
    sign_in(client=browser)
    with browser.session_transaction() as kept:
        assert kept["sid"] != "chosen by an attacker"
    thief = app.test_client()
    with thief.session_transaction() as kept:
        kept["sid"] = "chosen by an attacker"
    assert thief.get("/profile").status_code == 303


def test_the_number_is_kept_hashed(yui, sign_in):
    browser, _answer = sign_in()
    with browser.session_transaction() as kept:
        number = kept["sid"]
    assert len(number) >= 43
    assert number not in sessions()[0].token_hash


def test_logging_out_ends_the_session_in_the_house_too(yui, sign_in, app):
    browser, _answer = sign_in()
    with browser.session_transaction() as kept:
        number = kept["sid"]
    assert browser.post("/logout").location == "/login"
    thief = app.test_client()
    with thief.session_transaction() as kept:
        kept["sid"] = number
    assert (thief.get("/profile").status_code, sessions()) == (303, [])


def test_a_deactivated_user_is_out_with_the_next_request(yui, sign_in):
    browser, _answer = sign_in()
    yui.deactivated_at = clock.now()
    db.session.commit()
    assert browser.get("/profile").status_code == 303


@pytest.mark.parametrize(("idle", "status"), [(29, 200), (31, 303)])
def test_a_session_ends_after_thirty_idle_minutes(yui, sign_in, standing, idle, status):
    browser, _answer = sign_in()
    with clock.at(standing + timedelta(minutes=idle)):
        assert browser.get("/profile").status_code == status


def test_a_session_ends_after_twelve_hours_however_busy(yui, sign_in, standing):
    browser, _answer = sign_in()
    for minutes in range(20, 12 * 60, 20):
        with clock.at(standing + timedelta(minutes=minutes)):
            assert browser.get("/profile").status_code == 200
    with clock.at(standing + timedelta(hours=12, minutes=1)):
        assert browser.get("/profile").status_code == 303


def test_the_last_use_is_noted_once_a_minute_at_most_and_by_posts_too(yui, sign_in, standing):
    browser, _answer = sign_in()
    with clock.at(standing + timedelta(seconds=50)):
        browser.get("/profile")
        assert sessions()[0].seen_at == standing
    with clock.at(standing + timedelta(seconds=70)):
        browser.post("/language", data={"language": "ja", "next": "/profile"})
        assert sessions()[0].seen_at == standing + timedelta(seconds=70)


# Limits


def test_after_ten_wrong_passwords_the_account_waits_and_the_right_one_does_not_help(yui, sign_in, app):
    for _try in range(10):
        assert sign_in(password="wrong password it is")[1].status_code == 401
    refused = sign_in()[1]
    assert (refused.status_code, 0 < int(refused.headers["Retry-After"]) <= 901) == (429, True)


def test_a_claimed_address_in_a_header_does_not_help(yui, sign_in):
    for number in range(10):
        sign_in(password="wrong password it is", headers={"X-Forwarded-For": f"203.0.113.{number}"})
    assert sign_in(headers={"X-Forwarded-For": "203.0.113.99"})[1].status_code == 429


def test_one_network_cannot_try_one_password_on_many_accounts(yui, sign_in):
    for number in range(10):
        sign_in(f"person{number}@example.com", "wrong password it is")
    assert sign_in("person11@example.com")[1].status_code == 429


def test_nobody_is_locked_out_of_a_browser_he_has_used_before(yui, sign_in):
    at_home, _answer = sign_in()
    for number in range(12):
        sign_in(password="wrong password it is", environ_base={"REMOTE_ADDR": f"203.0.113.{number}"})
    assert sign_in(environ_base={"REMOTE_ADDR": "198.51.100.1"})[1].status_code == 429
    assert sign_in(client=at_home)[1].status_code == 303


def test_right_passwords_do_not_use_up_the_tries_of_an_office(yui, sign_in):
    assert {sign_in()[1].status_code for _colleague in range(13)} == {303}


# Language


def test_the_language_of_a_visit_can_be_chosen_before_logging_in(client):
    client.post("/language", data={"language": "ja", "next": "/login"})
    page = client.get("/login")
    assert ('lang="ja"' in page.text, "ログイン" in page.text) == (True, True)


def test_the_language_chosen_at_the_door_goes_in_with_the_user(yui, sign_in, client):
    client.post("/language", data={"language": "ja", "next": "/login"})
    sign_in(client=client)
    assert yui.locale == "ja"
    client.post("/logout")
    other = make_user(email="ben@example.com", password_hash=yui.password_hash)
    sign_in("ben@example.com", client=client)
    assert other.locale == "en"


def test_the_language_of_a_user_is_kept_with_the_user(lead):
    assert lead.post("/language", data={"language": "ja", "next": "//evil.example"}).location == "/"
    assert db.session.get(type(lead.user), lead.user.id).locale == "ja"


@pytest.mark.parametrize(
    ("shown_at", "goes_on_at"),
    [
        ("/questionnaires/1/offers/order?x=1", "/questionnaires/1/offers"),  # what takes forms only refused one
        ("/campaigns/1/approval/withdrawal", "/campaigns/1"),
        ("/no/such/page", "/no/such/page"),
        ("/queue?tab=mine", "/queue?tab=mine"),
    ],
)
def test_another_language_goes_on_at_a_page_that_can_be_opened(lead, shown_at, goes_on_at):
    assert lead.post("/language", data={"language": "ja", "next": shown_at}).location == goes_on_at


def test_a_language_nobody_speaks_here_changes_nothing(client):
    client.post("/language", data={"language": "xx"})
    assert 'lang="en"' in client.get("/login").text
