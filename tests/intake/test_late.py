"""A form that is sent when nothing is taken any more: nothing is stored, and nothing that was typed is lost."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import unquote

import pytest
from markupsafe import escape
from sqlalchemy import func, select

from surveys.intake import nonces
from surveys.lib import clock
from surveys.lib.db import db
from surveys.questionnaires.questions.base import Words
from surveys.questionnaires.questions.kinds import Choice, Text
from surveys.responses.models import Response
from surveys.settings.queries import default_brand
from tests import factories
from tests.intake.customers import answer, link, nonce_on

TYPED = "Zeile 1 <b>\n二行目: 100 %"
NEUTRAL = "The link may have expired"
NOT_STORED = {
    "en": "No answers are taken here now, so what you sent was not stored.",
    "ja": "現在は回答を受け付けていないため、お送りいただいた内容は保存されませんでした。",
}


@pytest.fixture
def invitation(app):
    default_brand().reply_address = "care@example.com"
    return factories.make_invitation()


def form_of(client, invitation, **fields) -> dict[str, str]:
    """The form as somebody has it on the screen."""
    nonce = nonce_on(client.get(link(invitation)))
    return {"nonce": nonce, "shown_in": "en", "score": "3", "comment": TYPED, **fields}


def over(invitation):
    return clock.at(invitation.closes_at + timedelta(minutes=1))


def number_stored() -> int:
    return db.session.scalar(select(func.count()).select_from(Response)) or 0


@pytest.mark.parametrize("language", ["en", "ja"])
def test_whoever_sends_after_the_end_is_told_and_has_every_word_back(client, invitation, language):
    sent = form_of(client, invitation, shown_in=language)
    with over(invitation):
        page = client.post(link(invitation), data=sent)
        assert client.get(link(invitation)).status_code == 404
    assert (page.status_code, number_stored()) == (404, 0)
    assert f'lang="{language}"' in page.text and NOT_STORED[language] in page.text
    assert f"3\n\n{escape(TYPED)}</textarea>" in page.text
    assert "/not-me" not in page.text and "<form" not in page.text


def test_the_words_can_go_by_mail_to_who_reads_replies(client, invitation):
    sent = form_of(client, invitation)
    with over(invitation):
        page = client.post(link(invitation), data=sent).text
        long = client.post(link(invitation), data=sent | {"comment": "あ" * 4000}).text
    mail = page.partition('href="mailto:')[2].partition('"')[0]
    assert unquote(mail).startswith("care@example.com?subject=My answer to your survey&amp;body=Your score: 3")
    assert TYPED.replace("\n", "\r\n") in unquote(mail)
    assert "あ" * 4000 in long
    assert 'href="mailto:care@example.com?subject=My%20answer%20to%20your%20survey"' in long


def test_answers_to_further_questions_come_back_too_also_one_that_is_too_long(client, invitation):
    """In the words of the form that was shown."""
    options = {"a": "Price", "b": "Speed"}
    invitation.version.questions = [
        Choice("q1", {"en": Words("What matters to {company}?", options)}, options=("a", "b")).as_data(),
        Text("q2", {"en": Words("What is missing?")}).as_data(),
    ]
    sent = form_of(client, invitation, q1="b", q2="x" * 2001, comment="")
    default_brand().name = "Acme"
    db.session.commit()
    with over(invitation):
        page = client.post(link(invitation), data=sent).text
    assert f"What matters to Acme?\nSpeed\n\nWhat is missing?\n{'x' * 2001}</textarea>" in page


def test_a_form_that_lay_open_for_weeks_still_comes_back(client, invitation):
    with clock.at(invitation.closes_at - timedelta(days=40)):
        sent = form_of(client, invitation)
    with over(invitation):
        page = client.post(link(invitation), data=sent)
    assert (page.status_code, str(escape(TYPED)) in page.text) == (404, True)


def test_a_language_asked_for_after_the_end_is_spoken_and_loses_nothing(client, invitation):
    sent = form_of(client, invitation, language="ja")
    with over(invitation):
        page = client.post(link(invitation), data=sent)
    assert (page.status_code, NOT_STORED["ja"] in page.text, str(escape(TYPED)) in page.text) == (404, True, True)


def test_nobody_without_a_form_of_ours_makes_the_page_say_anything(client, invitation):
    """R-28, X-01: not with another link's form, and not without one."""
    borrowed = form_of(client, factories.make_invitation())["nonce"]
    forged = nonces.issue(invitation.id, invitation.version_id)[:-1] + "!"
    with over(invitation):
        for nonce in ("", borrowed, forged):
            page = client.post(link(invitation), data={"nonce": nonce, "shown_in": "en", "comment": TYPED})
            assert (page.status_code, NEUTRAL in page.text, "Zeile" in page.text) == (404, True, False)


def test_whoever_changes_an_answer_too_late_sees_what_stands_and_has_the_words_back(client, invitation):
    """X-02."""
    answer(client, invitation, 9, "as it was")
    with clock.at(clock.now() + timedelta(days=6, hours=23)):
        sent = form_of(client, invitation)
    with clock.at(clock.now() + timedelta(days=7, minutes=5)):
        page = client.post(link(invitation), data=sent)
    assert (page.status_code, NOT_STORED["en"] in page.text, str(escape(TYPED)) in page.text) == (409, True, True)
    assert "You answered 9 on" in page.text and f"{link(invitation)}/withdrawal" in page.text
    assert "as it was" not in page.text
    assert db.session.scalars(select(Response.score)).one() == 9


def test_the_same_form_twice_is_no_change_that_came_too_late(client, invitation):
    """R-22: what was confirmed is not called lost."""
    answer(client, invitation, 9)
    with clock.at(clock.now() + timedelta(days=6, hours=23)):
        sent = form_of(client, invitation)
    with clock.at(clock.now() + timedelta(days=6, hours=23, minutes=1)):
        client.post(link(invitation), data=sent)
    with clock.at(clock.now() + timedelta(days=7, minutes=5)):
        again = client.post(link(invitation), data=sent)
    assert (again.status_code, NOT_STORED["en"] in again.text) == (303, False)
    assert db.session.scalars(select(Response.score)).one() == 3


def test_a_note_about_who_is_in_charge_comes_back_as_well(client, invitation):
    sent = {"why": "left", "name": "Mori", "email": "mori@example.com", "words": "since May"}
    with over(invitation):
        page = client.post(f"{link(invitation)}/not-me", data=sent)
    assert (page.status_code, invitation.contact.unreachable) == (404, "")
    assert "Name: Mori\nE-mail address: mori@example.com\nA word about it: since May</textarea>" in page.text
