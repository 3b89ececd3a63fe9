"""What people may change about themselves, and nothing more (X-13, X-25)."""

from surveys.auth.models import StaffSession, StaffUser
from surveys.lib.access import Role
from surveys.lib.db import db
from tests.auth.conftest import PASSWORD
from tests.factories import log_in, make_user

NEW = {"current": PASSWORD, "password": "nine boats after rain", "again": "nine boats after rain"}


def myself(client):
    return db.session.get(StaffUser, client.user.id)


def test_name_department_and_language_can_be_changed(agent):
    agent.post("/profile", data={"name": "佐藤 結衣", "department": "CS", "locale": "ja"})
    assert (myself(agent).name, myself(agent).department, myself(agent).locale) == ("佐藤 結衣", "CS", "ja")
    assert "プロフィール" in agent.get("/profile").text


def test_role_and_address_cannot_be_sneaked_in(agent):
    agent.post("/profile", data={"name": "Me", "locale": "en", "role": "admin", "email": "x@example.com", "id": "1"})
    assert (myself(agent).role, myself(agent).email) == (Role.AGENT, agent.user.email)


def test_keys_can_be_switched_off_and_on(agent):
    agent.post("/profile/shortcuts")
    assert 'data-keys="off"' in agent.get("/profile").text
    agent.post("/profile/shortcuts")
    assert 'data-keys="off"' not in agent.get("/profile").text


def test_a_new_password_needs_the_present_one(yui, sign_in):
    browser, _answer = sign_in()
    page = browser.post("/profile/password", data=NEW | {"current": "not my password"})
    assert "not your present password" in page.text
    assert sign_in()[1].status_code == 303


def test_a_new_password_changes_the_number_here_and_ends_all_other_log_ins(yui, sign_in):
    here, _answer = sign_in()
    elsewhere, _answer = sign_in()
    with here.session_transaction() as kept:
        before = kept["sid"]
    assert here.post("/profile/password", data=NEW).location == "/profile"
    with here.session_transaction() as kept:
        assert kept["sid"] != before
    assert (here.get("/profile").status_code, elsewhere.get("/profile").status_code) == (200, 303)
    assert sign_in(password=NEW["password"])[1].status_code == 303


def test_guessing_the_present_password_is_limited(yui, sign_in):
    browser, _answer = sign_in()
    wrong = NEW | {"current": "not my password"}
    answers = [browser.post("/profile/password", data=wrong).status_code for _try in range(11)]
    assert answers == [400] * 10 + [429]


def test_log_ins_are_listed_with_browser_and_can_be_ended_singly(yui, sign_in, app):
    here, _answer = sign_in()
    firefox = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"}
    elsewhere, _answer = sign_in(headers=firefox)
    assert "Firefox · Windows" in here.get("/profile").text
    other = db.session.scalars(db.select(StaffSession).order_by(StaffSession.id.desc())).first()
    here.post(f"/profile/sessions/{other.id}/end")
    assert (here.get("/profile").status_code, elsewhere.get("/profile").status_code) == (200, 303)


def test_all_other_log_ins_can_be_ended_at_once(yui, sign_in):
    browsers = [sign_in()[0] for _device in range(3)]
    browsers[0].post("/profile/sessions/end")
    assert [browser.get("/profile").status_code for browser in browsers] == [200, 303, 303]


def test_the_log_ins_of_others_do_not_exist_here(agent, yui, app):
    other = app.test_client()
    log_in(other, make_user())
    theirs = db.session.scalars(db.select(StaffSession).order_by(StaffSession.id.desc())).first()
    assert agent.post(f"/profile/sessions/{theirs.id}/end").status_code == 404
    assert other.get("/profile").status_code == 200
