"""A form of an open link that is sent when the link takes nothing any more: the words go back to who wrote them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from surveys.lib import clock
from surveys.lib.db import db
from surveys.openlinks import actions, pages
from surveys.settings.queries import organisation
from tests.intake.customers import nonce_on
from tests.openlinks.strangers import make_kiosk, make_link, stored

NOT_STORED = {
    "en": "No answers are taken here now, so what you sent was not stored.",
    "ja": "現在は回答を受け付けていないため、お送りいただいた内容は保存されませんでした。",
}
TYPED = "All I thought of on the train"


def form_of(client, link, **fields) -> dict[str, str]:
    return {"nonce": nonce_on(client.get(pages.path(link))), "shown_in": "en", "score": "4", "comment": TYPED, **fields}


def today(days: int = 0):
    return clock.today(organisation().timezone) + timedelta(days=days)


def end(link) -> None:
    link.closes_on = today(-1)


def begin_later(link) -> None:
    link.opens_on = today(1)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize(("shut", "status"), [(actions.archive, 410), (end, 410), (begin_later, 404)])
def test_whoever_sends_when_it_is_shut_is_told_and_has_every_word_back(client, shut, status, language):
    link = make_link()
    sent = form_of(client, link, shown_in=language)
    shut(link)
    db.session.commit()
    page = client.post(pages.path(link), data=sent, headers={"Accept-Language": "ja" if language == "en" else "en"})
    assert (page.status_code, stored()) == (status, [])
    assert NOT_STORED[language] in page.text and f"4\n\n{TYPED}</textarea>" in page.text
    assert "Answers are no longer collected here" not in page.text


def test_whoever_sends_to_an_address_that_was_shut_has_every_word_back_and_no_more(client):
    link = make_link()
    path, sent = pages.path(link), form_of(client, link)
    actions.renew_address(link)
    db.session.commit()
    page = client.post(path, data=sent)
    assert (page.status_code, NOT_STORED["en"] in page.text, f"{TYPED}</textarea>" in page.text) == (404, True, True)
    assert pages.path(link) not in page.text and link.brand.name not in page.text
    assert client.post(path, data=sent | {"nonce": "x"}).text == client.get(path).text


def test_nobody_without_a_form_of_this_link_makes_the_page_say_anything(client):
    link, other = make_link(), make_link("Another one")
    nonces = ["", "x", form_of(client, other)["nonce"]]
    actions.archive(link)
    db.session.commit()
    for nonce in nonces:
        page = client.post(pages.path(link), data={"nonce": nonce, "shown_in": "en", "comment": TYPED})
        assert (page.status_code, TYPED in page.text) == (410, False)


def test_a_tablet_shows_the_next_person_nothing_of_it(client):
    link = make_kiosk()
    sent = form_of(client, link)
    actions.archive(link)
    db.session.commit()
    page = client.post(pages.path(link), data=sent)
    assert (page.status_code, TYPED in page.text) == (410, False)
