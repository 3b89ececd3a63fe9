"""What no person types and every scanner sends: numbers beyond all rows, a NUL, digits of other scripts."""

from __future__ import annotations

import pytest

from surveys.followups.models import EntryKind
from surveys.lib.paging import number_from
from tests import factories

HUGE = [2**63 - 1, 2**63, 10**40]
MORE_THAN_PYTHON_READS = "9" * 5000


@pytest.mark.parametrize("number", [2**31, *HUGE, MORE_THAN_PYTHON_READS], ids=lambda number: str(number)[:20])
@pytest.mark.parametrize("path", ["/accounts/{}", "/responses/{}", "/cases/{}", "/tags/{}", "/campaigns/{}"])
def test_a_number_no_row_has_is_not_found(lead, path, number):
    assert lead.get(path.format(number)).status_code == 404


@pytest.mark.parametrize("number", [*HUGE, MORE_THAN_PYTHON_READS, "²", "-1", ""], ids=lambda number: str(number)[:20])
def test_an_odd_number_in_a_query_or_form_is_as_good_as_none(lead, number):
    answer, case = factories.make_response(5), factories.make_case()
    tag = factories.make_tag("Slow")
    assert lead.get("/contacts/new", query_string={"account": number}).status_code in (200, 404)
    assert lead.get("/queue", query_string={"case": number, "page": number}).status_code in (200, 404)
    assert lead.get("/voices", query_string={"page": number, "tag": number, "account": number}).status_code == 200
    for path in ("/queue/readings", "/queue/readings/reversal"):
        assert lead.post(path, data={"ids": number}, query_string={"ids": number}).status_code in (303, 400, 404)
    assert lead.post(f"/responses/{answer.id}/tags", data={"tags": [number, tag.id]}).status_code in (303, 400)
    data = {"subject": "About it", "reply": "We looked.", "seen": number}
    assert lead.post(f"/cases/{case.id}/replies", data=data).status_code == 303
    assert lead.post(f"/cases/{case.id}/assignment", data={"to": number, "seen": number}).status_code in (303, 400)


@pytest.mark.parametrize(
    ("text", "page"),
    [("7", 7), ("0", 1), ("-3", 1), ("²", 1), ("", 1), (None, 1), (MORE_THAN_PYTHON_READS, 1)],
    ids=lambda value: str(value)[:20],
)
def test_an_odd_page_is_the_first(text, page):
    assert number_from(text) == page


@pytest.mark.parametrize(
    "path", ["/voices?kind=%00", "/voices?q=a%00b", "/campaigns/audience?property_name=a%00", "/help/a%00b", "/?a%00=1"]
)
def test_a_nul_in_an_address_is_refused_in_words(lead, path):
    page = lead.get(path)
    assert (page.status_code, "a sign in it that no text can have" in page.text) == (400, True)


def test_a_nul_in_a_text_is_left_out_and_the_text_is_kept(app, client, lead):
    case = factories.make_case()
    assert lead.post(f"/cases/{case.id}/notes", data={"note": "Called\0 back."}).status_code == 303
    assert [entry.body for entry in case.entries if entry.kind is EntryKind.NOTE] == ["Called back."]
    assert client.post("/login", data={"email": "a\0@example.com", "password": "x\0"}).status_code in (400, 401)
    assert lead.post("/tags", data={"name": "\0", "parent": "0"}).status_code == 400
    data = {"cause": "other\0", "what_was_done": "Mended.", "outcome": "satisfied", "customer_told": "no"}
    assert lead.post(f"/cases/{case.id}/resolution", data=data).status_code == 303
    assert case.cause == "other"


def test_a_moment_at_the_end_of_time_is_refused(agent):
    case = factories.make_case()
    for at in ("0001-01-01T00:00", "9999-12-31T23:59"):
        call = {"channel": "phone", "at": at, "result": "not_reached"}
        assert agent.post(f"/cases/{case.id}/calls", data=call).status_code == 400
        assert agent.post(f"/cases/{case.id}/snooze", data={"until": at[:10]}).status_code in (400, 409)


@pytest.mark.parametrize("path", ["/s/{}", "/u/{}", "/links/{}"])
def test_a_nul_in_a_token_is_a_bad_token_like_any_other(client, path):
    odd, bad = client.get(path.format("a%00b")), client.get(path.format("ab"))
    assert odd.status_code == bad.status_code
    assert odd.text.split("<h1")[1].split("</h1>")[0] == bad.text.split("<h1")[1].split("</h1>")[0]
