"""Choosing a password by a one-time link (X-15)."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from threading import Thread

import pytest

from surveys.auth import actions, mails, passwords
from surveys.auth.models import LinkPurpose, OneTimeLink, StaffSession, StaffUser
from surveys.delivery.models import Message
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.errors import NotFound
from tests.factories import log_in

pytestmark = pytest.mark.only("sqlite")  # pages and words: they ask nothing of one database alone

NEW = {"password": "nine boats after rain", "again": "nine boats after rain"}


@pytest.fixture
def with_mail(make_app, database_url, app):
    """The same installation with a mail server."""
    return make_app(database_url, mail_url="smtp://127.0.0.1:2525?tls=none", mail_from="koe@minato.example.com")


def link_for(user, lasting=actions.MAILED, purpose=LinkPurpose.RESET):
    link = actions.make_link(db.session.get(StaffUser, user.id), purpose, lasting)
    db.session.commit()
    return link


def messages():
    return db.session.scalars(db.select(Message)).all()


def test_a_known_and_an_unknown_address_get_the_same_answer(with_mail, yui):
    answers = [with_mail.test_client().post("/password-reset", data={"email": email}) for email in
               ("yui@example.com", "nobody@example.com")]  # fmt: skip
    assert [(answer.status_code, answer.location) for answer in answers] == [(303, "/password-reset/request")] * 2
    assert [message.to_address for message in messages()] == ["yui@example.com"]


def test_the_mail_is_planned_as_confidential_and_for_at_least_one_delivery(with_mail, yui):
    with_mail.test_client().post("/password-reset", data={"email": "yui@example.com"})
    message = messages()[0]
    kind = mails.MESSAGE_KINDS[message.kind]
    assert (message.kind, message.is_confidential, kind.at_least_once, kind.heeds_suppression) == (
        "reset",
        True,
        True,
        False,
    )


@pytest.mark.parametrize(("locale", "words"), [("en", "asked for a new password"), ("ja", "新しいパスワード")])
def test_the_mail_carries_the_link_of_the_configured_address_whatever_host_was_asked(with_mail, yui, locale, words):
    yui.locale = locale
    db.session.commit()
    with_mail.test_client().post("/password-reset", data={"email": "yui@example.com"}, headers={"Host": "evil.example"})
    mail = message_from_bytes(
        mails.compose(messages()[0]).as_sent("<1@minato.example.com>", clock.now()), policy=default
    )
    link = db.session.scalars(db.select(OneTimeLink)).one()
    for part in ("plain", "html"):
        body = mail.get_body((part,)).get_content()
        assert (f"http://localhost/links/{link.secret}" in body, words in body, "evil" in body) == (True, True, False)
    assert mail["To"] == "Yui Sato <yui@example.com>"


def test_without_a_mail_server_the_page_says_who_can_help(client, yui):
    page = client.get("/password-reset").text
    assert ("administrator" in page, 'type="email"' in page) == (True, False)
    client.post("/password-reset", data={"email": "yui@example.com"})
    assert messages() == []


def test_a_fourth_request_within_the_hour_is_too_many_for_known_and_unknown_alike(with_mail, yui):
    for email in ("yui@example.com", "nobody@example.com"):
        answers = [with_mail.test_client().post("/password-reset", data={"email": email}).status_code for _ in range(4)]
        assert answers == [303, 303, 303, 429]


def test_only_the_latest_of_several_links_that_were_handed_over_works(app, client, yui):
    first, second = actions.offer_link(yui).secret, actions.offer_link(yui).secret
    db.session.commit()
    assert [client.get(f"/links/{secret}").status_code for secret in (first, second)] == [404, 200]


@pytest.mark.parametrize("is_invited", [True, False])
def test_nobody_voids_the_link_of_another_by_asking_for_one(with_mail, client, yui, is_invited):
    if is_invited:
        yui.password_hash = ""
    handed_over = actions.offer_link(yui).secret
    db.session.commit()
    with_mail.test_client().post("/password-reset", data={"email": "yui@example.com"})
    asked_for = db.session.scalars(db.select(OneTimeLink).order_by(OneTimeLink.id.desc())).first().secret
    assert [client.get(f"/links/{secret}").status_code for secret in (handed_over, asked_for)] == [200, 200]
    client.post(f"/links/{asked_for}", data=NEW)
    assert client.get(f"/links/{handed_over}").status_code == 404


def test_who_was_invited_and_asks_for_a_link_has_as_long_as_with_the_invitation(with_mail, client, yui, standing):
    yui.password_hash = ""
    db.session.commit()
    with_mail.test_client().post("/password-reset", data={"email": "yui@example.com"})
    link = db.session.scalars(db.select(OneTimeLink)).one()
    assert (link.purpose, link.expires_at) == (LinkPurpose.INVITE, standing + actions.INVITED)


def test_looking_at_the_page_does_not_use_the_link_up(client, yui):
    secret = link_for(yui).secret
    assert {client.get(f"/links/{secret}").status_code for _scanner in range(5)} == {200}
    assert client.head(f"/links/{secret}").status_code == 200
    assert client.post(f"/links/{secret}", data=NEW).location == "/login"


def test_a_link_works_once_and_ends_every_log_in(app, client, yui, sign_in):
    at_home, _answer = sign_in()
    secret = link_for(yui).secret
    client.post(f"/links/{secret}", data=NEW)
    assert client.post(f"/links/{secret}", data=NEW).status_code == 404
    assert at_home.get("/profile").status_code == 303
    assert (sign_in()[1].status_code, sign_in(password=NEW["password"])[1].status_code) == (401, 303)


def test_two_who_use_a_link_at_once_one_is_too_late(app, yui, password_hash):
    secret, outcomes = link_for(yui).secret, []

    def use():
        with app.app_context():
            try:
                actions.use_link(secret, password_hash)
                db.session.commit()
                outcomes.append("set")
            except NotFound:
                db.session.rollback()
                outcomes.append("late")
            finally:
                db.session.remove()

    db.session.rollback()
    threads = [Thread(target=use) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["late", "late", "late", "set"]


def test_a_link_is_dead_after_ten_minutes(client, yui, standing):
    secret = link_for(yui).secret
    for minutes, status in ((9, 200), (10, 404)):
        with clock.at(standing + timedelta(minutes=minutes)):
            assert client.get(f"/links/{secret}").status_code == status


def test_every_bad_link_gets_the_same_page(app, client, yui):
    used = link_for(yui).secret
    client.post(f"/links/{used}", data=NEW)
    client.get("/login")  # reads the message that the password is set
    words = {
        client.get(f"/links/{secret}").text.split("<main")[1] for secret in (used, "x", used[:-1] + "A", "あ" * 30)
    }
    assert len(words) == 1


def test_the_link_of_somebody_deactivated_is_dead(client, yui):
    secret = link_for(yui).secret
    yui.deactivated_at = clock.now()
    db.session.commit()
    assert client.get(f"/links/{secret}").status_code == 404


def test_nothing_in_the_database_opens_the_account(app, yui):
    link = link_for(yui)
    assert link.secret not in (link.seed, link.token_hash)
    assert len(link.secret) >= 43


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"password": "short", "again": "short"}, "at least 12"),
        ({"password": "password1234", "again": "password1234"}, "lists that attackers try"),
        ({"password": "yuisatoyuisato", "again": "yuisatoyuisato"}, "others know"),
        ({"password": "nine boats after rain", "again": "nine boats"}, "not the same"),
    ],
)
def test_a_bad_password_is_explained_and_the_link_stays(client, yui, data, words):
    secret = link_for(yui).secret
    assert words in client.post(f"/links/{secret}", data=data).text
    assert client.post(f"/links/{secret}", data=NEW).status_code == 303


def test_a_page_with_a_link_in_its_address_tells_nobody(client, yui):
    headers = client.get(f"/links/{link_for(yui).secret}").headers
    assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("no-referrer", "no-store")


def test_the_mail_does_not_go_when_the_link_was_used_meanwhile(app, yui):
    link = link_for(yui)
    message = mails.send(link)
    assert mails.may_still_send(message) is None
    actions.use_link(link.secret, passwords.hashed(NEW["password"]))
    assert mails.may_still_send(message).rule == "link_closed"


def test_dead_rows_are_dropped(app, yui, client, standing):
    link_for(yui)
    log_in(client, yui)
    with clock.at(standing + timedelta(days=31)):
        actions.forget_dead_rows()
        left = [db.session.scalar(db.select(db.func.count()).select_from(each)) for each in (OneTimeLink, StaffSession)]
    assert left == [0, 0]
