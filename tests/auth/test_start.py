"""The first run (X-30): one code on the console, one administrator, then closed for good."""

import re

import pytest

from surveys.auth import actions
from surveys.auth.models import StaffUser
from surveys.lib import clock
from surveys.lib.access import Role
from surveys.lib.db import db
from surveys.lib.errors import Invalid
from surveys.settings.queries import organisation

FORM = {
    "name": "Yui Sato",
    "email": "yui@example.com",
    "password": "seven lamps under snow",
    "again": "seven lamps under snow",
}


@pytest.fixture
def code(app):
    organisation().set_up_at = None
    made = actions.setup_code()
    db.session.commit()
    return made


def users():
    return db.session.scalars(db.select(StaffUser)).all()


def test_the_code_is_readable_random_and_kept_hashed(code):
    assert re.fullmatch(r"([A-Z2-9]{4}-){3}[A-Z2-9]{4}", code)
    assert code not in organisation().setup_code
    assert actions.setup_code() != code


def test_until_then_the_log_in_leads_to_the_first_run(client, code):
    assert client.get("/login").location == "/start"
    assert client.get("/start").status_code == 200


@pytest.mark.parametrize("typed", ["{}", " {} ", "lower", "without dashes"])
def test_the_code_creates_the_first_administrator_who_is_logged_in(client, code, typed):
    text = {"lower": code.lower(), "without dashes": code.replace("-", "")}.get(typed, typed.format(code))
    assert client.post("/start", data=FORM | {"code": text}).status_code == 303
    only = users()[0]
    assert (only.email, only.role, client.get("/profile").status_code) == ("yui@example.com", Role.ADMIN, 200)


def test_afterwards_the_page_does_not_exist_and_no_code_is_made(client, code):
    client.post("/start", data=FORM | {"code": code})
    client.post("/logout")
    second = client.post("/start", data=FORM | {"code": code, "email": "evil@example.com"})
    assert (client.get("/start").status_code, second.status_code, actions.setup_code()) == (404, 404, None)
    assert len(users()) == 1


def test_a_wrong_code_creates_nobody_and_what_was_typed_stays(client, code):
    answer = client.post("/start", data=FORM | {"code": "AAAA-AAAA-AAAA-AAAA"})
    assert (answer.status_code, "Yui Sato" in answer.text, users()) == (400, True, [])


def test_an_address_nobody_can_be_written_to_is_said_and_what_was_typed_stays(client, code):
    answer = client.post("/start", data=FORM | {"code": code, "email": "taro@localhost"})
    assert (answer.status_code, users()) == (400, [])
    assert all(words in answer.text for words in (code, "Yui Sato", "taro@localhost", "not an e-mail address"))
    assert client.post("/start", data=FORM | {"code": code}).status_code == 303


def test_codes_cannot_be_guessed_in_bulk(client, code):
    answers = [client.post("/start", data=FORM | {"code": f"AAAA-AAAA-AAAA-AA{n:02}"}).status_code for n in range(11)]
    assert (answers[0], answers[-1]) == (400, 429)
    assert client.post("/start", data=FORM | {"code": code}).status_code == 429


def test_only_the_newest_code_counts(client, code):
    newer = actions.setup_code()
    db.session.commit()
    assert client.post("/start", data=FORM | {"code": code}).status_code == 400
    assert client.post("/start", data=FORM | {"code": newer}).status_code == 303


def test_the_first_administrator_needs_a_good_password_too(client, code):
    weak = FORM | {"code": code, "password": "password1234", "again": "password1234"}
    assert "attackers try first" in client.post("/start", data=weak).text
    assert users() == []


def test_the_language_chosen_for_the_first_run_is_that_of_the_house(client, code):
    client.post("/language", data={"language": "ja", "next": "/start"})
    client.post("/start", data=FORM | {"code": code})
    assert (users()[0].locale, organisation().locale) == ("ja", "ja")


def test_a_user_from_the_command_line_closes_the_first_run(client, code):
    actions.add_user(email="a@example.com", name="A", role=Role.ADMIN, password="seven lamps under snow")
    db.session.commit()
    assert (client.get("/start").status_code, actions.setup_code()) == (404, None)


def test_a_user_from_the_command_line_needs_a_good_password(app):
    with pytest.raises(Invalid):
        actions.add_user(email="a@example.com", name="A", role=Role.ADMIN, password="password1234")


def test_an_installation_that_was_set_up_makes_no_code(app):
    organisation().set_up_at = clock.now()
    assert actions.setup_code() is None
