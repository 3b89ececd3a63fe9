"""The pages about mails: unknown outcomes, failures, addresses not written to, and the built-in mailbox."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from surveys.delivery import actions, queries
from surveys.delivery.models import MailboxMail, Message, MessageState, SenderPause, Suppression, SuppressionReason
from surveys.delivery.outgoing import MailboxTransport, transport
from surveys.delivery.transport import SmtpTransport
from surveys.events.models import Event
from surveys.intake import actions as intake
from surveys.lib import clock
from surveys.lib.access import Role
from surveys.lib.db import db
from surveys.lib.process import config
from surveys.settings.queries import organisation
from tests import factories
from tests.smtp import closes, says

pytestmark = pytest.mark.only("sqlite")  # pages and words: they ask nothing of one database alone


@pytest.fixture
def deliver(kinds):
    """Put everything that is due into the built-in mailbox."""

    def all_due():
        while actions.send_due(kinds, MailboxTransport()):
            pass
        db.session.rollback()

    return all_due


@pytest.fixture
def lost(plan, send, server):
    """A mail whose outcome is unknown."""
    server.at("dot", closes())
    message = plan(to="taro@example.com")
    send()
    return message


# ── what became of mails ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_mail_of_unknown_outcome_is_listed_and_goes_out_again_when_a_person_says_so(lost, lead, send, server):
    assert "taro@example.com" in lead.get("/messages").text
    page = lead.post(f"/messages/{lost.id}/repetition", follow_redirects=True)
    assert "once more" in page.text
    send()
    assert server.mails[0].data == server.mails[1].data
    assert db.session.get(Message, lost.id).state is MessageState.ACCEPTED
    assert "Every outcome is known" in lead.get("/messages").text


def test_a_mail_of_unknown_outcome_can_be_counted_as_sent(lost, lead, kinds, room, server):
    lead.post(f"/messages/{lost.id}/acceptance")
    assert actions.tell_next(kinds)
    assert (room.heard[-1][1], len(server.mails)) == ("accepted", 1)
    noted = db.session.scalars(select(Event).where(Event.kind == "message_counted_as_sent")).one()
    assert noted.actor_id == lead.user.id


def test_deciding_twice_about_the_same_mail_is_refused(lost, lead):
    lead.post(f"/messages/{lost.id}/acceptance")
    assert lead.post(f"/messages/{lost.id}/repetition").status_code == 409
    assert lead.post("/messages/4711/repetition").status_code == 404


def test_a_failed_mail_is_listed_with_the_words_of_the_server(plan, send, server, lead):
    server.at("rcpt", says("550 5.1.1 <b>no such mailbox</b>"))
    plan()
    send()
    page = lead.get("/messages?list=failed").text
    assert "550 5.1.1 &lt;b&gt;no such mailbox&lt;/b&gt;" in page


def test_mails_that_wait_are_listed_with_how_often_they_were_put_off(plan, send, server, lead):
    server.at("rcpt", says("450 4.2.0 later"))
    plan()
    send()
    page = lead.get("/messages?list=waiting").text
    assert "put off 1 time" in page
    assert "450 4.2.0 later" in page


@pytest.mark.parametrize("query", ["?list=nonsense", "?page=99", "?list=failed&page=-1", "?page=x"])
def test_an_odd_address_of_the_list_is_still_the_list(lead, query):
    assert lead.get(f"/messages{query}").status_code == 200


def test_a_list_of_a_thousand_mails_takes_as_many_queries_as_an_empty_one(lead, count_queries):
    lead.get("/messages?list=waiting")
    with count_queries() as few:
        lead.get("/messages?list=waiting")
    actions.queue_all("survey", [(number, f"p{number}@example.com") for number in range(1_000)])
    db.session.commit()
    with count_queries() as many:
        assert "1,000" in lead.get("/messages?list=waiting").text
    assert len(many) == len(few)


def test_while_the_sender_stands_still_leads_see_why_on_every_page_and_can_end_it(plan, send, server, lead, viewer):
    server.always("mail", says("530 5.7.0 log in first"))
    plan()
    send()
    assert "530 5.7.0 log in first" in lead.get("/messages").text
    assert "530 5.7.0" not in viewer.get("/profile").text
    server.always("mail", None)
    lead.post("/messages/attempt")
    send()
    assert (len(server.mails), db.session.scalars(select(SenderPause)).all()) == (1, [])
    assert "530 5.7.0" not in lead.get("/messages").text


@pytest.mark.parametrize("role", [Role.AGENT, Role.PRODUCT, Role.VIEWER])
def test_others_do_not_see_outgoing_mail(log_in, role):
    client = log_in(role)
    assert [client.get(path).status_code for path in ("/messages", "/suppressions", "/mailbox")] == [403, 403, 403]


# ── addresses not written to ──────────────────────────────────────────────────────────────────────────────────────


def test_an_administrator_stops_and_allows_an_address_with_a_reason_that_stays(admin):
    admin.post("/suppressions", data={"address": " Taro@Example.com ", "why": "asked on the phone"})
    found = queries.suppression_of("taro@example.com")
    assert (found.reason, found.note) == (SuppressionReason.MANUAL, "asked on the phone")
    assert admin.post(f"/suppressions/{found.id}", data={"why": "  "}).status_code == 400
    assert queries.suppression_of("taro@example.com") is not None
    admin.post(f"/suppressions/{found.id}", data={"why": "asked to get mails again"})
    assert queries.suppression_of("taro@example.com") is None
    lifted = db.session.scalars(select(Event).where(Event.kind == "suppression_lifted")).one()
    assert (lifted.data["why"], lifted.actor_id) == ("asked to get mails again", admin.user.id)


@pytest.mark.parametrize("address", ["", "taro", "a@x.jp, b@y.jp"])
def test_what_is_no_address_is_not_entered(admin, address):
    assert admin.post("/suppressions", data={"address": address, "why": "x"}).status_code == 400
    assert db.session.scalars(select(Suppression)).all() == []


def test_the_list_keeps_no_address_but_finds_one(admin):
    actions.suppress("hidden@example.com", SuppressionReason.OPT_OUT)
    db.session.commit()
    assert "hidden@example.com" not in admin.get("/suppressions").text
    assert "Opted out" in admin.get("/suppressions?address=HIDDEN@example.com").text
    assert "not on the list" in admin.get("/suppressions?address=other@example.com").text


def test_the_same_reason_said_twice_is_one_entry_and_the_first_stays(app):
    first = actions.suppress("taro@example.com", SuppressionReason.OPT_OUT, source="mail")
    assert actions.suppress("TARO@example.com", SuppressionReason.OPT_OUT, source="page") is first
    assert first.source == "mail"
    assert len(db.session.scalars(select(Event).where(Event.kind == "suppressed")).all()) == 1


@pytest.mark.parametrize(
    ("earlier", "later", "named"),
    [
        ("hard_bounce", "opt_out", "opt_out"),
        ("opt_out", "hard_bounce", "opt_out"),
        ("opt_out", "complaint", "complaint"),
        ("opt_out", "manual", "manual"),
        ("complaint", "erasure", "erasure"),
        ("erasure", "opt_out", "erasure"),
    ],
)
def test_of_several_reasons_the_weightiest_is_named_whichever_came_first(app, earlier, later, named):
    for reason in (earlier, later):
        actions.suppress("taro@example.com", SuppressionReason(reason))
    assert queries.suppression_of("taro@example.com").reason == named
    assert queries.reasons_against([queries.key_of("taro@example.com")]) == {queries.key_of("taro@example.com"): named}


def test_lifting_a_bounce_leaves_the_opt_out_that_came_after_it(admin, plan, send, server):
    bounced = actions.suppress("taro@example.com", SuppressionReason.HARD_BOUNCE).id
    actions.suppress("taro@example.com", SuppressionReason.OPT_OUT)
    db.session.commit()
    assert "Other reasons stand against this address" in admin.get(f"/suppressions/{bounced}").text
    page = admin.post(f"/suppressions/{bounced}", data={"why": "The mailbox is back."}, follow_redirects=True)
    assert "Koe still does not write to this address: Opted out." in page.text
    plan(to="taro@example.com")
    send()
    assert server.mails == []


def test_a_person_takes_back_the_opt_out_but_not_what_others_ordered(app):
    invitation = factories.make_invitation(contact=factories.make_contact(email="taro@example.com"))
    intake.opt_out(invitation, source="mail")
    actions.suppress("taro@example.com", SuppressionReason.COMPLAINT)
    intake.opt_in(invitation)
    db.session.commit()
    assert queries.suppression_of("taro@example.com").reason is SuppressionReason.COMPLAINT


def test_an_opt_out_pressed_many_times_at_once_is_one_entry(app):
    together = threading.Barrier(6)

    def press(_number):
        with app.app_context():
            together.wait()
            actions.suppress("taro@example.com", SuppressionReason.OPT_OUT)
            db.session.commit()
            db.session.remove()

    db.session.rollback()
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(press, range(6)))
    assert queries.suppression_of("taro@example.com").reason is SuppressionReason.OPT_OUT
    assert len(db.session.scalars(select(Event).where(Event.kind == "suppressed")).all()) == 1


def test_workers_refused_at_the_same_moment_stand_still_once(app):
    together = threading.Barrier(6)

    def refuse(_number):
        with app.app_context():
            together.wait()
            actions.stop.stand_still("530 log in first", needs_operator=True)
            db.session.commit()
            db.session.remove()

    db.session.rollback()
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(refuse, range(6)))
    assert queries.pause().needs_operator
    assert len(db.session.scalars(select(Event).where(Event.kind == "sender_paused")).all()) == 1


# ── the built-in mailbox ──────────────────────────────────────────────────────────────────────────────────────────


def test_without_a_mail_server_mails_land_in_the_mailbox(app):
    assert isinstance(transport(config()), MailboxTransport)


def test_with_a_mail_server_they_do_not(make_app, engine, database_url):
    app = make_app(database_url, mail_url="smtp://127.0.0.1:2525?tls=none")
    with app.app_context():
        assert isinstance(transport(config()), SmtpTransport)


def test_a_mail_in_the_mailbox_is_shown_as_the_customer_would_see_it(plan, deliver, admin):
    plan(to="taro@example.com")
    deliver()
    listed = admin.get("/mailbox").text
    mail = db.session.scalars(select(MailboxMail)).one()
    assert "taro@example.com" in listed
    assert "アンケートのお願い" in listed
    page = admin.get(f"/mailbox/{mail.id}").text
    assert f'src="/mailbox/{mail.id}/html"' in page
    assert "1 番のお客様へ" in admin.get(f"/mailbox/{mail.id}?as=text").text


def test_the_mail_is_shut_in_shows_our_logo_and_its_links_open_beside_it(plan, deliver, admin):
    plan()
    deliver()
    answer = admin.application.test_client()
    answer.set_cookie("koe", admin.get_cookie("koe").value)
    number = db.session.scalars(select(MailboxMail.id)).one()
    mail = super(type(answer), answer).open(f"/mailbox/{number}/html")
    policy = mail.headers["Content-Security-Policy"]
    assert '<base target="_blank">' in mail.text
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    assert "frame-ancestors 'self'" in policy
    assert "img-src 'self' data:;" in policy


def test_the_mailbox_is_closed_to_strangers_unless_it_is_the_demo_on_this_machine(plan, deliver, client, agent, app):
    plan()
    deliver()
    number = db.session.scalars(select(MailboxMail.id)).one()
    paths = ["/mailbox", f"/mailbox/{number}", f"/mailbox/{number}/html"]
    assert [client.get(path).status_code for path in paths] == [303, 303, 303]
    assert [agent.get(path).status_code for path in paths] == [403, 403, 403]
    organisation().is_demo = True
    db.session.commit()
    assert [client.get(path).status_code for path in paths[:2]] == [200, 200]
    app.extensions["koe.config"] = config().model_copy(update={"base_url": "https://feedback.example.com"})
    assert client.get("/mailbox").status_code == 303


def test_a_log_in_mail_never_lands_in_the_mailbox(plan, deliver, room, kinds):
    message = plan("reply", is_confidential=True)
    deliver()
    assert db.session.scalars(select(MailboxMail)).all() == []
    assert db.session.get(Message, message.id).state is MessageState.REJECTED


def test_a_mail_is_in_the_mailbox_once_however_often_it_is_sent(plan, deliver, kinds):
    message = plan()
    deliver()
    row = db.session.get(Message, message.id)
    row.state, row.raw = MessageState.UNKNOWN, db.session.scalars(select(MailboxMail.raw)).one()
    db.session.commit()
    row.send_again()
    db.session.commit()
    deliver()
    assert len(db.session.scalars(select(MailboxMail)).all()) == 1


def test_the_mailbox_can_be_searched_and_says_what_is_on_its_way(plan, deliver, admin):
    plan(to="taro@example.com")
    plan(to="hanako@example.com")
    deliver()
    found = admin.get("/mailbox?q=HANAKO").text
    assert "hanako@example.com" in found
    assert "taro@example.com" not in found
    assert "No such mail" in admin.get("/mailbox?q=100%25").text
    plan(not_before=clock.now() + timedelta(days=1))
    assert "on its way" not in admin.get("/mailbox").text
    plan()
    assert "1 mail is on its way" in admin.get("/mailbox").text


def test_the_mailbox_speaks_japanese(log_in, plan, deliver):
    reader = log_in(Role.ADMIN, locale="ja")
    assert "メールはまだありません" in reader.get("/mailbox").text
    assert "結果不明のメールはありません" in reader.get("/messages").text
    assert "送信停止のアドレスはまだありません" in reader.get("/suppressions").text
