"""Answers of open links that wait for a look: who may decide meets them on Home."""

from __future__ import annotations

from datetime import timedelta

import pytest

from surveys.lib.access import Role
from surveys.lib.db import db
from surveys.openlinks import actions
from tests.openlinks.strangers import answer, make_link, stored

FAST = timedelta(0)
TOLD = "answers through open links wait for a look"


def wait_for_a_look(client, link, number: int) -> None:
    for each in range(number):
        answer(client, link, 2, reading=FAST, ip=f"192.{each}.2.1")


@pytest.mark.parametrize("role", Role)
def test_only_who_may_decide_is_told_on_home(client, log_in, role):
    link = make_link("Reception & shop")
    wait_for_a_look(client, link, 2)
    answer(client, link, 9)
    page = log_in(role).get("/").text
    may_decide = role in (Role.ADMIN, Role.LEAD)
    assert (f"2 {TOLD}" in page, "Reception &amp; shop" in page) == (may_decide, may_decide)


def test_home_leads_to_what_waits_at_each_link_and_forgets_what_was_decided(client, lead):
    few, many, none = make_link("Few"), make_link("Many"), make_link("None")
    wait_for_a_look(client, few, 1)
    wait_for_a_look(client, many, 3)
    answer(client, none, 9)
    actions.archive(many)
    db.session.commit()
    page = lead.get("/").text
    assert f"4 {TOLD}" in page and ">None</a>" not in page
    assert page.index(">Many</a>") < page.index(">Few</a>")
    path = f"/open-links/{many.id}?view=waiting"
    assert f'href="{path}#answers">Many</a>' in page
    assert lead.get(path).text.count("faster than anybody reads") == 3
    lead.post(f"/open-links/{many.id}/acceptance")
    lead.post(f"/open-links/{few.id}/answers/{stored(few)[0].id}/exclusion", data={"reason": "A machine"})
    assert "wait for a look" not in lead.get("/").text


def test_home_says_it_in_japanese(client, log_in):
    wait_for_a_look(client, make_link(), 1)
    assert "公開リンクの回答1件が確認待ちです" in log_in(Role.LEAD, locale="ja").get("/").text


def test_home_asks_once_however_many_links_and_answers_wait(client, lead, count_queries):
    seen = []
    for number in range(3):
        for each in range(number):
            wait_for_a_look(client, make_link(f"Link {number} {each}"), 3)
        lead.get("/")
        with count_queries() as asked:
            lead.get("/")
        seen.append(len([each for each in asked if "open_answer" in each]))
    assert seen == [1, 1, 1]
