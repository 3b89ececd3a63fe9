"""The customer's page and what it stores."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import func, select

from surveys.followups.models import Case, CaseState, Lane
from surveys.intake import queries
from surveys.lib import clock, tokens
from surveys.lib.db import db
from surveys.measures.queries import Scope, counts, drift
from surveys.questionnaires import actions as questionnaires
from surveys.responses.models import Change, Evidence, Response, ResponseChange, Source
from tests import factories
from tests.intake import customers
from tests.intake.customers import answer, link, nonce_on

ODD_SCORES = [
    "11", "-1", "", "８", "1_0", " 9 ", "9 ", "7.5", "9e0", "NaN", "null", "[]", "08", "+7", "٩", "9\n", "1" + "0" * 400, "true",
]  # fmt: skip
EXACT_COMMENTS = [
    "", "a" * 5000, "😀" * 5000, "👩\u200d👩\u200d👧\u200d👦 fine", "\u202eright to left\u202c", "Cafe\u0301", "one\rtwo\rthree", "  indented\n\n\ttext  ", "<b>&amp;</b>", "{{ 7*7 }}",
]  # fmt: skip


@pytest.fixture
def invitation(app):
    return factories.make_invitation()


def stored() -> Response:
    return db.session.scalars(select(Response)).one()


def number_of(model: type = Response) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def changes() -> list[Change]:
    return list(db.session.scalars(select(ResponseChange.kind).order_by(ResponseChange.id)))


def test_a_page_asks_one_question_and_chooses_nothing_by_itself(client, invitation):
    page = client.get(link(invitation))
    assert page.status_code == 200
    assert "How likely are you to recommend" in page.text
    assert page.text.count('name="score"') == 11
    assert " checked" not in page.text


@pytest.mark.parametrize("score", ["0", "8", "10"])
def test_a_pressed_score_is_chosen(client, invitation, score):
    page = client.get(f"{link(invitation)}?score={score}")
    assert re.findall(r'value="(\d+)"[^>]* checked', page.text) == [score]


@pytest.mark.parametrize("score", ["11", "x", "8 ", "８", "", "8&score=9"])
def test_an_odd_score_in_the_address_chooses_nothing_odd(client, invitation, score):
    page = client.get(f"{link(invitation)}?score={quote(score, safe='&=')}")
    assert page.status_code == 200
    assert set(re.findall(r'value="(\d+)"[^>]* checked', page.text)) <= {"8"}


def test_opening_a_page_stores_nothing(client, invitation):
    """E-20."""
    for query in ("", "?score=3", "?score=9"):
        client.get(link(invitation) + query)
        client.head(link(invitation) + query)
    assert number_of() == 0
    assert counts(Scope()) == {}


def test_a_head_is_a_get_without_its_page(client, invitation):
    """E-20."""
    got, head = client.get(f"{link(invitation)}?score=8"), client.head(f"{link(invitation)}?score=8")
    assert head.status == got.status
    assert head.data == b""
    assert dict(head.headers) == dict(got.headers)


def test_a_page_is_small_and_complete_in_itself(client, invitation):
    page = client.get(f"{link(invitation)}?score=8")
    assert len(page.data) <= 40 * 1024
    assert len(gzip.compress(page.data, 6)) <= 14 * 1024
    assert len(page.data) <= 14 * 1024, "even uncompressed it fits the first window"
    assert re.findall(r'(?:src|href)="(?!/s/|/u/|data:,|https?://)[^"]*"', page.text) == []
    assert "<script" not in page.text


def test_a_page_costs_one_query(client, invitation, monkeypatch, count_queries):
    invitation.version.freeze()
    path = link(invitation)
    client.get(path)
    asked, first = [], queries._ASKED.first
    monkeypatch.setattr(queries._ASKED, "first", lambda **values: asked.append(values) or first(**values))
    with count_queries() as seen:
        client.get(path)
    assert (len(asked), seen) == (1, [])


def test_an_answer_is_stored_with_its_evidence_and_the_facts_of_its_day(app, client):
    owner = factories.make_user()
    account = factories.make_account(tier="high_touch", phase="adoption", owner_id=owner.id)
    contact = factories.make_contact(account=account, role="champion", language="ja")
    invitation = factories.make_invitation(contact=contact, owner_id=owner.id)
    shown = answer(client, invitation, 9, "とても助かっています。")
    assert (shown.status_code, shown.headers["Location"].split("?")[0]) == (303, f"{link(invitation)}/thanks")
    response = stored()
    assert (response.score, response.segment, response.comment) == (9, "good", "とても助かっています。")
    assert (response.language, response.source, response.evidence) == ("ja", Source.PAGE, Evidence.SENT)
    assert (response.tier, response.phase, response.role) == ("high_touch", "adoption", "champion")
    assert (response.owner_id, response.owner_at_send_id) == (owner.id, owner.id)
    assert (response.version_id, response.counts) == (invitation.version_id, True)
    assert invitation.answered_at == response.answered_at
    assert invitation.version.is_frozen


def test_an_answer_is_counted_in_the_same_moment(client, invitation):
    answer(client, invitation, 9)
    assert counts(Scope())["nps"].scores[9] == 1
    assert drift() == []


def test_an_unhappy_answer_opens_a_case_and_a_happy_one_does_not(client):
    for score in (2, 6, 9):
        answer(client, factories.make_invitation(), score)
    lanes = db.session.scalars(select(Case.lane).order_by(Case.id)).all()
    assert lanes == [Lane.CASE, Lane.LIGHT]


def test_the_same_form_sent_again_changes_nothing(client, invitation):
    """M-02, E-24."""
    page = client.get(link(invitation))
    sent = {"nonce": nonce_on(page), "shown_in": "en", "comment": ""}
    with clock.at(clock.now() + timedelta(seconds=5)):
        client.post(link(invitation), data=sent | {"score": "9"})
        again = client.post(link(invitation), data=sent | {"score": "2"})
    assert again.status_code == 303
    assert (stored().score, number_of(ResponseChange)) == (9, 1)


def test_an_answer_can_be_changed_for_a_week(client, invitation):
    """M-02, X-02."""
    answer(client, invitation, 9, "good")
    with clock.at(clock.now() + timedelta(days=6)):
        assert "You answered 9" in client.get(link(invitation)).text
        answer(client, invitation, 3, "worse")
    assert (stored().score, stored().comment, changes()) == (3, "worse", [Change.ANSWERED, Change.CHANGED])
    assert (counts(Scope())["nps"].scores[3], counts(Scope())["nps"].n) == (1, 1)
    assert db.session.scalars(select(Case)).one().state is CaseState.NEW
    assert drift() == []


def test_after_a_week_it_is_a_receipt(client, invitation):
    answer(client, invitation, 9)
    with clock.at(clock.now() + timedelta(days=8)):
        page = client.get(link(invitation))
        assert "You answered 9" in page.text
        assert "<form" not in page.text
    posted = late_posting(client, invitation)
    assert (posted.status_code, "You answered 9" in posted.text) == (409, True)
    assert (stored().score, number_of(ResponseChange)) == (9, 1)


def late_posting(client, invitation):
    """A form of the last minute, sent when the days are over."""
    with clock.at(clock.now() + timedelta(days=6, hours=23)):
        nonce = nonce_on(client.get(link(invitation)))
    with clock.at(clock.now() + timedelta(days=7, minutes=5)):
        return client.post(link(invitation), data={"nonce": nonce, "shown_in": "en", "score": "1", "comment": ""})


def test_a_better_second_answer_leaves_the_case_open(client, invitation):
    answer(client, invitation, 1)
    with clock.at(clock.now() + timedelta(hours=1)):
        answer(client, invitation, 10)
    case = db.session.scalars(select(Case)).one()
    assert case.state is CaseState.NEW
    assert counts(Scope())["nps"].scores[10] == 1


@pytest.mark.parametrize("score", ODD_SCORES)
def test_an_odd_score_is_refused_and_nothing_is_stored(client, invitation, score):
    """M-03, R-26."""
    page = answer(client, invitation, score, "my words")
    assert page.status_code == 400
    assert "Please choose a number from 0 to 10." in page.text
    assert "my words" in page.text
    assert (number_of(), counts(Scope())) == (0, {})


def test_a_score_said_twice_is_refused(client, invitation):
    """X-25."""
    nonce = nonce_on(client.get(link(invitation)))
    body = f"nonce={nonce}&shown_in=en&score=9&score=0&comment="
    page = client.post(link(invitation), data=body, content_type="application/x-www-form-urlencoded")
    assert (page.status_code, number_of()) == (400, 0)


def test_a_missing_score_is_refused(client, invitation):
    """R-26."""
    nonce = nonce_on(client.get(link(invitation)))
    page = client.post(link(invitation), data={"nonce": nonce, "shown_in": "en", "comment": "hm"})
    assert (page.status_code, "hm" in page.text, number_of()) == (400, True, 0)


@pytest.mark.parametrize("comment", EXACT_COMMENTS, ids=range(len(EXACT_COMMENTS)))
def test_words_are_stored_as_they_were_written(client, invitation, comment):
    """R-27."""
    answer(client, invitation, 9, comment)
    assert stored().comment == comment


def test_line_ends_of_a_form_become_plain_ones(client, invitation):
    answer(client, invitation, 9, "one\r\ntwo")
    assert stored().comment == "one\ntwo"


@pytest.mark.parametrize(
    ("comment", "says"), [("a" * 5001, "5001"), ("😀" * 5001, "5001"), ("a\0b", "cannot be stored")]
)
def test_words_that_cannot_be_kept_whole_are_refused_and_not_cut(client, invitation, comment, says):
    """R-27."""
    page = answer(client, invitation, 9, comment)
    assert (page.status_code, says in page.text, number_of()) == (400, True, 0)
    assert comment.replace("\0", "�") in page.text or comment in page.text


@pytest.mark.parametrize(
    "body", [b"score=9&comment=%ff%fe", b"\xff\xfe", b"score=%ED%A0%80", b"{}", b"&".join([b"a=1"] * 50)]
)
def test_a_broken_form_is_refused(client, invitation, body):
    """R-27, X-25."""
    page = client.post(link(invitation), data=body, content_type="application/x-www-form-urlencoded")
    assert (page.status_code, number_of()) == (400, 0)


def test_a_form_far_longer_than_anything_we_ask_for_is_refused(client, invitation):
    """X-26."""
    page = client.post(link(invitation), data={"score": "9", "comment": "a" * 400_000})
    assert (page.status_code, number_of()) == (413, 0)


def test_a_form_older_than_a_day_comes_back_with_what_was_written(client, invitation):
    nonce = nonce_on(client.get(link(invitation)))
    sent = {"nonce": nonce, "shown_in": "en", "score": "4", "comment": "two days later"}
    with clock.at(clock.now() + timedelta(hours=25)):
        page = client.post(link(invitation), data=sent)
        assert (page.status_code, "two days later" in page.text, number_of()) == (400, True, 0)
        again = client.post(link(invitation), data=sent | {"nonce": nonce_on(page)})
    assert (again.status_code, number_of()) == (303, 1)


def test_a_forged_or_borrowed_nonce_stores_nothing(client, invitation):
    other = factories.make_invitation()
    borrowed = nonce_on(client.get(link(other)))
    for nonce in ("", "x", borrowed, borrowed[:-1] + "A"):
        page = client.post(link(invitation), data={"nonce": nonce, "shown_in": "en", "score": "9", "comment": ""})
        assert page.status_code == 400
    assert number_of() == 0


def test_an_answer_belongs_to_the_version_that_was_shown(client, invitation):
    """R-29."""
    nonce = nonce_on(client.get(link(invitation)))
    asked = invitation.version.questionnaire
    invitation.version.freeze()
    newer = questionnaires.reword(asked, "en", {"question": "Would you recommend {product}?"})
    db.session.commit()
    shown = invitation.version_id
    with clock.at(clock.now() + timedelta(seconds=5)):
        client.post(link(invitation), data={"nonce": nonce, "shown_in": "en", "score": "9", "comment": ""})
    assert newer.id != shown
    assert stored().version_id == shown


def test_another_language_keeps_what_was_entered_and_stores_nothing(client, invitation):
    nonce = nonce_on(client.get(link(invitation)))
    sent = {"nonce": nonce, "shown_in": "en", "score": "7", "comment": "half a thought", "language": "ja"}
    page = client.post(link(invitation), data=sent)
    assert (page.status_code, number_of()) == (200, 0)
    assert 'lang="ja"' in page.text
    assert "half a thought" in page.text
    assert re.findall(r'value="(\d+)"[^>]* checked', page.text) == ["7"]
    with clock.at(clock.now() + timedelta(seconds=5)):
        client.post(link(invitation), data=sent | {"shown_in": "ja", "language": ""})
    assert stored().language == "ja"


def test_another_language_says_as_well_what_was_answered_before(client, invitation):
    answer(client, invitation, 2, "")
    nonce = nonce_on(client.get(link(invitation)))
    page = client.post(link(invitation), data={"nonce": nonce, "shown_in": "en", "score": "9", "language": "ja"})
    assert "「2」とご回答いただきました。" in page.text
    assert "/withdrawal" in page.text


def test_more_than_ten_postings_a_minute_are_too_many(client, invitation):
    for _ in range(10):
        answer(client, invitation, 9, "again and again", reading=timedelta(seconds=2))
    page = answer(client, invitation, 8, "once more", reading=timedelta(seconds=2))
    assert (page.status_code, "once more" in page.text, page.headers["Retry-After"]) == (429, True, "60")
    assert stored().score == 9


@pytest.mark.parametrize(("spoken", "other"), [("en", "ja"), ("ja", "en")])
def test_what_is_in_the_way_is_said_in_the_language_of_the_form(client, invitation, spoken, other):
    """Not in that of the browser, of the invitation or of the organisation: they may be others."""
    said = {"en": "Please wait a minute and send it again.", "ja": "1分ほど待ってから"}
    browser = {"Accept-Language": other}
    for _ in range(11):
        wait = timedelta(seconds=2)
        page = answer(client, invitation, 9, "again", reading=wait, shown_in=spoken, headers=browser)
    assert (page.status_code, said[spoken] in page.text, said[other] in page.text) == (429, True, False)
    assert f'<html lang="{spoken}">' in page.text


def test_after_an_answer_all_pages_go_on_in_its_language(client, invitation):
    thanks = answer(client, invitation, 9, "", shown_in="ja").headers["Location"]
    query = thanks.partition("?")[2]
    for path in (thanks, f"{link(invitation)}?{query}", f"{link(invitation)}/withdrawal", f"{link(invitation)}/not-me"):
        assert '<html lang="ja">' in client.get(path, headers={"Accept-Language": "en"}).text


def test_a_wish_to_be_contacted_opens_a_case_at_any_score(client, invitation):
    shown = answer(client, invitation, 6, "", contact="yes")
    assert db.session.scalars(select(Case)).one().lane is Lane.CASE
    assert stored().wants_contact is True
    assert "will get in touch within 1 working day." in client.get(shown.headers["Location"]).text


def test_the_answer_to_a_form_without_a_score_is_its_words(client):
    campaign = factories.make_campaign(key="form-default")
    invitation = factories.make_invitation(campaign=campaign)
    assert answer(client, invitation, "", "").status_code == 400
    assert answer(client, invitation, "", "More colours, please.").status_code == 303
    assert (stored().score, stored().segment) == (None, None)
    assert drift() == []


def test_every_kind_has_a_page_of_its_scale(client):
    for key, points in (
        ("ces-default", 5),
        ("ces2-default", 7),
        ("ease5-default", 5),
        ("csat-default", 5),
        ("goal-default", 5),
    ):
        invitation = factories.make_invitation(campaign=factories.make_campaign(key=key))
        assert client.get(link(invitation)).text.count('name="score"') == points
        assert answer(client, invitation, 0).status_code == 400
        assert answer(client, invitation, points + 1).status_code == 400
        assert answer(client, invitation, 1).status_code == 303


def test_tokens_of_another_purpose_open_nothing(client, invitation):
    """X-01."""
    opt_out = tokens.token(tokens.Purpose.OPT_OUT, invitation.id)
    survey = tokens.token(tokens.Purpose.SURVEY, invitation.id)
    assert client.get(f"/s/{opt_out}").status_code == 404
    assert client.get(f"/u/{survey}").status_code == 404


def test_every_bad_link_shows_the_same_page(app, client):
    """R-28, X-01."""
    late = factories.make_invitation(closes_at=clock.now() - timedelta(minutes=1))
    good = link(factories.make_invitation())
    bad = [
        "/s/x",
        "/s/1.AAAAAAAAAAAAAAAAAAAAAA",
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        link(late),
        f"/s/{'9' * 200}",
    ]
    unknown = f"/s/{tokens.token(tokens.Purpose.SURVEY, 999_999)}"
    pages = {(page.status_code, page.text) for page in map(client.get, [*bad, unknown])}
    assert len(pages) == 1
    assert pages.pop()[0] == 404


def test_each_changed_character_of_a_token_makes_it_bad(client, invitation):
    """X-01."""
    good = link(invitation).removeprefix("/s/")
    for at, character in enumerate(good):
        other = "A" if character != "A" else "B"
        assert tokens.read_token(tokens.Purpose.SURVEY, good[:at] + other + good[at + 1 :]) != invitation.id


def test_thirty_bad_links_a_minute_are_too_many_for_one_network(client, invitation):
    """X-01."""
    statuses = [client.get(f"/s/{number}.AAAAAAAAAAAAAAAAAAAAAA").status_code for number in range(1, 33)]
    assert set(statuses[:30]) == {404}
    assert statuses[-1] == 429
    assert client.get(link(invitation)).status_code == 200


def test_token_pages_tell_nobody_where_one_came_from(client, invitation):
    """X-20, X-21."""
    paths = [link(invitation), f"{link(invitation)}/thanks", "/s/bad", customers.opt_out_link(invitation)]
    for page in map(client.get, paths):
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in page.headers


def test_the_address_never_leads_elsewhere(client, invitation):
    """X-08."""
    for target in ("//evil.example", "https:evil.example", "\\\\evil.example", "/%5cevil.example"):
        posted = answer(client, invitation, 9, query=f"?next={target}", next=target)
        assert posted.headers["Location"].startswith(f"{link(invitation)}/thanks?visit=")


def test_a_posting_from_another_site_needs_no_cookie_but_a_nonce(client, invitation):
    """X-11."""
    posted = answer(client, invitation, 9, headers={"Origin": "null", "Sec-Fetch-Site": "cross-site"})
    assert posted.status_code == 303


def test_an_answer_taken_back_after_the_end_of_the_campaign_says_so(client, invitation):
    answer(client, invitation, 9)
    with clock.at(invitation.closes_at + timedelta(minutes=1)):
        stored().answered_at = stored().day and clock.now() - timedelta(days=2)
        page = client.post(f"{link(invitation)}/withdrawal", data={"withdraw": "1"}, follow_redirects=True)
        assert (page.status_code, "Your answer was withdrawn" in page.text) == (200, True)
        assert "answer again" not in page.text.lower()


def test_an_answer_taken_back_in_time_can_be_given_again_from_there(client, invitation):
    answer(client, invitation, 9)
    page = client.post(f"{link(invitation)}/withdrawal", data={"withdraw": "1"}, follow_redirects=True)
    assert f'href="{link(invitation)}">Answer again</a>' in page.text


def test_the_receipt_is_set_without_a_blank_between_japanese_sentences(client, invitation):
    answer(client, invitation, 9, shown_in="ja")
    notice = client.get(link(invitation)).text.partition('class="notice">')[2].partition("</div>")[0]
    assert re.search(r"ご回答いただきました。\d+月\d+日（.）まで変更できます。</p>", notice), notice


def test_thanks_promise_no_change_when_the_days_for_it_are_over(client, invitation):
    thanks = answer(client, invitation, 9).location
    with clock.at(clock.now() + timedelta(days=20)):
        page = client.get(thanks, follow_redirects=True)
        assert (page.status_code, "Change my answer" in page.text, "You answered 9" in page.text) == (200, False, True)


def test_text_far_too_long_is_refused_with_what_to_do(client, invitation):
    page = client.post(link(invitation), data={"score": "9", "comment": "あ" * 40_000})
    assert (page.status_code, "shorten it to 5000 characters" in page.text, number_of()) == (413, True, 0)
    invitation.language = "ja"
    page = client.post(link(invitation), data={"comment": "あ" * 40_000}, headers={"Accept-Language": "en"})
    assert "5000文字以内にしてください" in page.text
    assert "maxlength" not in client.get(link(invitation)).text
