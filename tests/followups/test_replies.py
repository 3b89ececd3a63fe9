"""Answers to customers: the letter one begins from, the mail that goes out, and what its fate does to the case."""

from __future__ import annotations

import email
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from surveys.delivery import actions as delivery
from surveys.delivery.models import MailboxMail, Message, MessageState, SuppressionReason
from surveys.delivery.outgoing import transport
from surveys.followups import actions, queries
from surveys.followups.models import Case, CaseState, Entry, EntryKind
from surveys.followups.views import drafts
from surveys.jobs import message_kinds
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.errors import Refused
from surveys.lib.process import config
from tests import factories
from tests.saved import compare

Send = Callable[[], None]
SAVED = Path(__file__).parent / "saved"


@pytest.fixture
def send(app) -> Send:
    """Send all that is due into the built-in mailbox."""

    def all_due() -> None:
        db.session.commit()
        while delivery.send_due(message_kinds(), transport(config())):
            pass
        db.session.expire_all()

    return all_due


def mails() -> list[EmailMessage]:
    found = db.session.query(MailboxMail).order_by(MailboxMail.id).all()
    return [email.message_from_bytes(mail.raw, policy=default) for mail in found]  # type: ignore[arg-type]


def asked(case: Case) -> str:
    """Make it look as if the invitation behind a case had been mailed; its Message-ID."""
    invitation_id = case.responses[0].invitation_id
    factories.save(
        Message(
            kind="ask",
            subject_id=invitation_id,
            state=MessageState.ACCEPTED,
            not_before=clock.now(),
            created_at=clock.now(),
            to_address=case.contact.email,
            address_key="x",
            message_id="<asked.1@minato.example.com>",
        )
    )
    return "<asked.1@minato.example.com>"


def form(case: Case, text: str = "Thank you, we are on it.", **values: object) -> dict[str, object]:
    newest = max((entry.id for entry in case.entries), default=0)
    return {"subject": "Re: One minute", "reply": text, "seen": newest, **values}


def test_a_reply_goes_out_in_the_thread_from_the_team_address(agent, send):
    case = factories.make_case()
    number = asked(case)
    page = agent.post(f"/cases/{case.id}/replies", data=form(case), follow_redirects=True).text
    assert "is on its way" in page
    assert "about to be sent" in page
    assert (case.state, case.assignee_id, case.first_contact_at) == (CaseState.IN_PROGRESS, agent.user.id, None)
    send()
    (mail,) = mails()
    assert mail["To"] == f"{case.contact.name} <{case.contact.email}>"
    assert "voice@minato.example.com" in mail["From"]
    assert agent.user.name in mail["From"]
    assert "success@minato.example.com" in mail["Reply-To"]
    assert mail["In-Reply-To"] == number
    assert mail["References"] == number
    assert mail["Subject"] == "Re: One minute"
    assert "List-Unsubscribe" not in mail, "a personal answer is no survey"
    assert "Thank you, we are on it." in mail.get_content()


def test_a_reply_counts_as_first_contact_when_it_is_accepted(agent, send):
    case = factories.make_case()
    agent.post(f"/cases/{case.id}/replies", data=form(case))
    send()
    assert case.first_contact_at is not None
    assert case.state is CaseState.WAITING
    assert "sent" in agent.get(f"/cases/{case.id}").text


def test_the_second_reply_refers_to_the_first(agent, send):
    case = factories.make_case()
    number = asked(case)
    for text in ("One.", "Two."):
        agent.post(f"/cases/{case.id}/replies", data=form(case, text))
        send()
    first, second = mails()
    assert second["In-Reply-To"] == first["Message-ID"]
    assert second["References"].split() == [number, first["Message-ID"]]


def test_a_reply_the_server_refuses_puts_the_case_back_to_work(agent, send):
    case = factories.make_case()
    agent.post(f"/cases/{case.id}/replies", data=form(case))
    message = db.session.query(Message).filter_by(kind="reply").one()
    message.state, message.answer = MessageState.REJECTED, "550 no such user"
    actions.REPLY.settled(message)
    actions.REPLY.settled(message)
    db.session.commit()
    assert (case.state, case.first_contact_at) == (CaseState.IN_PROGRESS, None)
    names = [entry.name for entry in case.entries if entry.kind is EntryKind.EVENT]
    assert names == ["reply_failed"], "told twice, written once"
    page = agent.get(f"/cases/{case.id}").text
    assert "The reply could not be delivered" in page
    assert "refused by the mail server" in page


def test_who_wants_no_surveys_may_still_be_answered_and_the_page_says_so(agent, send):
    case = factories.make_case()
    delivery.suppress(case.contact.email, SuppressionReason.OPT_OUT, source="test")
    assert "This person gets no surveys any more." in agent.get(f"/cases/{case.id}").text
    agent.post(f"/cases/{case.id}/replies", data=form(case))
    send()
    assert len(mails()) == 1


def test_a_reply_is_sent_again_by_itself_when_its_fate_is_unknown():
    assert actions.REPLY.at_least_once
    assert not actions.REPLY.heeds_suppression


def test_the_first_letter_is_written_in_the_customers_language(agent):
    account = factories.make_account(name="あおば物流", tier="high_touch")
    contact = factories.make_contact(account=account, name="佐藤 花子", department="総務部", language="ja")
    case = factories.make_case(contact=contact)
    with clock.at(datetime.fromisoformat("2026-11-20T10:00:00+09:00")):
        factories.log_in(agent, agent.user)
        page = agent.get(f"/cases/{case.id}").text
    for line in (
        "あおば物流 総務部",
        "佐藤 花子 様",
        "いつもお世話になっております。ミナト勤怠の",
        "このたびはアンケートにご回答いただき、ありがとうございました。",
        "〔要点〕の件、ご不便をおかけし、申し訳ございません。",
        "状況を確認し、11月25日（水）までに対応方針をあらためてご連絡いたします。",
        "差し支えなければ、〔質問〕をお知らせいただけますでしょうか。",
    ):
        assert line in page


def test_a_letter_with_open_places_is_not_sent(agent):
    case = factories.make_case()
    draft = "Hello,\n\nI am sorry about the trouble with [the matter]."
    page = agent.post(f"/cases/{case.id}/replies", data=form(case, draft))
    assert page.status_code == 400
    assert "Replace or delete [the matter] before sending." in page.text
    assert "I am sorry about the trouble" in page.text, "what was written is kept"
    assert db.session.query(Entry).count() == 0


def test_a_text_written_while_a_colleague_answered_is_kept_and_not_sent(agent, lead):
    case = factories.make_case()
    mine = form(case, "My careful answer.")
    lead.post(f"/cases/{case.id}/replies", data=form(case, "I was faster."))
    page = agent.post(f"/cases/{case.id}/replies", data=mine)
    assert page.status_code == 409
    assert f"{lead.user.name} has answered in the meantime." in page.text
    assert "My careful answer." in page.text
    assert "I was faster." in page.text
    assert db.session.query(Message).count() == 1
    again = form(case, "My careful answer.")
    assert agent.post(f"/cases/{case.id}/replies", data=again).status_code == 303
    assert db.session.query(Message).count() == 2


def test_the_action_itself_refuses_an_answer_that_was_overtaken(app):
    case, one, two = factories.make_case(), factories.make_user(), factories.make_user()
    actions.reply(case.id, "First.", by=one, subject="Re", seen_entry_id=0)
    with pytest.raises(Refused, match="has answered in the meantime"):
        actions.reply(case.id, "Second.", by=two, subject="Re", seen_entry_id=0)


def test_the_customers_words_are_quoted_only_when_staff_choose_to(agent, send):
    case = factories.make_case(responses=[factories.make_response(2, comment="Too slow.\nEvery month.")])
    agent.post(f"/cases/{case.id}/replies", data=form(case, "One."))
    agent.post(f"/cases/{case.id}/replies", data=form(case, "Two.", quotes="y"))
    send()
    first, second = (mail.get_content() for mail in mails())
    assert "Too slow." not in first
    assert "> Too slow.\n> Every month." in second.replace("\r\n", "\n")


def test_the_subject_follows_the_mail_that_asked(agent):
    case = factories.make_case()
    page = agent.get(f"/cases/{case.id}").text
    assert 'value="Re: ' in page
    assert "Minato" in page or "product" in page


def test_who_may_not_work_cases_cannot_reply(product_manager):
    case = factories.make_case()
    assert product_manager.post(f"/cases/{case.id}/replies", data=form(case)).status_code == 403


def test_a_done_case_takes_no_reply_before_it_is_reopened(agent):
    case = factories.make_case(state=CaseState.CLOSED, resolved_at=clock.now(), closed_at=clock.now())
    page = agent.post(f"/cases/{case.id}/replies", data=form(case))
    assert page.status_code == 409
    assert "Reopen it first" in page.text


# ── In whose name ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_first_letter_is_as_it_was_saved(agent, standing, language):
    name = "佐藤 花子" if language == "ja" else "Jane Smith"
    contact = factories.make_contact(language=language, name=name, account=factories.make_account(name="Harbor"))
    agent.user.name = "Aoi Tanaka"
    case = factories.make_case(contact=contact, assignee_id=agent.user.id)
    with agent.application.test_request_context():
        written = drafts.draft(queries.story(case.id), agent.user)
    compare(SAVED / f"reply.{language}.txt", f"{written['subject']}\n\n{written['reply']}\n")


def test_an_answer_goes_out_in_the_name_of_the_brand_that_asked(agent, send):
    brand = factories.make_brand(name="Quay", reply_address="help@quay.example.com")
    answer = factories.make_response(2, campaign=factories.make_campaign(brand=brand))
    cases = [factories.make_case(responses=[answer]), factories.make_case(responses=[])]
    for case in cases:
        actions.reply(case.id, "Thank you.", by=agent.user, subject="Re: x", seen_entry_id=0)
    send()
    quay, usual = mails()
    assert (quay["From"].addresses[0].addr_spec, quay["Reply-To"].addresses[0].addr_spec) == (
        brand.sender_address, "help@quay.example.com",
    )  # fmt: skip
    assert "(Quay)" in str(quay["From"])
    assert usual["From"].addresses[0].addr_spec == "voice@minato.example.com"
