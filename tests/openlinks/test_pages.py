"""The staff pages of open links, the code as a picture, and every page in a real browser."""

from __future__ import annotations

import csv
import io
import re
import struct
from datetime import timedelta
from itertools import product

import pytest
import segno
from playwright.sync_api import expect
from sqlalchemy import func, select

from surveys.lib import clock
from surveys.lib.db import db
from surveys.openlinks import actions, limits, pages, qr, queries
from surveys.openlinks.actions import Posting
from surveys.openlinks.models import Mode, OpenLink
from surveys.questionnaires import actions as questionnaires
from surveys.settings.queries import default_brand
from tests import factories
from tests.design.axe import come_along, complaints
from tests.intake.customers import nonce_on
from tests.openlinks.strangers import answer, make_kiosk, make_link, stored

pytestmark = pytest.mark.only("sqlite")  # pages and words: they ask nothing of one database alone

LOOKS = [*product(["light", "dark"], ["none"], [320, 1280]), ("light", "active", 320)]


def give(link, scores, **said):
    for number, score in enumerate(scores):
        posting = Posting(
            version=link.version,
            score=score,
            comment=said.get("comment", ""),
            language="en",
            client_id=f"{link.id}-{number}",
            answered_at=clock.now(),
            network=limits.mark(link, f"192.{number}.2.1"),
            answers=said.get("answers", {}),
        )
        actions.receive(link, posting)
    db.session.commit()


# Making and changing


def fields(link=None, **said):
    first = {"name": "Reception", "mode": "kiosk", "questionnaire": "csat-default", "language": ""}
    return {**first, "product": 1, "brand": default_brand().id, **said}


def test_a_lead_makes_a_link_and_changes_it(lead):
    made = lead.post("/open-links/new", data=fields())
    assert made.status_code == 303
    link = db.session.scalars(select(OpenLink)).one()
    assert (link.mode, link.questionnaire.key, link.version.is_frozen) == (Mode.KIOSK, "csat-default", True)
    form = lead.get(f"/open-links/{link.id}/details").text
    version = re.search(r'name="version"[^>]*value="([^"]+)"', form)[1]
    changed = fields(name="Hall", mode="seminar", expected="120", closes_on="2030-01-31", version=version)
    assert lead.post(f"/open-links/{link.id}/details", data=changed).status_code == 303
    found = queries.link(link.id)
    assert (found.name, found.mode, found.expected, str(found.closes_on)) == ("Hall", Mode.SEMINAR, 120, "2030-01-31")


def test_the_form_as_it_stands_makes_a_link_where_there_is_one_product_and_one_brand(lead):
    form = lead.get("/open-links/new").text
    hidden = dict(re.findall(r'<input type="hidden" name="(product|brand)" value="([^"]*)"', form))
    assert lead.post("/open-links/new", data=fields(**hidden)).status_code == 303
    link = db.session.scalars(select(OpenLink)).one()
    assert hidden == {"product": str(link.product_id), "brand": str(link.brand_id)}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "  "}, "Please write a few words."),
        ({"name": "Taken"}, "There is an open link “Taken” already."),
        ({"mode": "fax"}, "Not a valid choice"),
        ({"expected": "0"}, "Number must be between"),
        ({"opens_on": "2026-12-02", "closes_on": "2026-12-01"}, "The last day cannot be before the first one."),
        ({"questionnaire": "nothing"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_is_refused_with_a_word_and_nothing_is_lost(lead, wrong, said):
    make_link("Taken")
    page = lead.post("/open-links/new", data=fields(name="Kept name") | wrong)
    assert (page.status_code, said in page.text) == (400, True)
    assert db.session.scalar(select(func.count()).select_from(OpenLink)) == 1
    if "name" not in wrong:
        assert 'value="Kept name"' in page.text


def test_two_who_change_a_link_at_once_are_told(lead):
    link = make_link()
    form = lead.get(f"/open-links/{link.id}/details").text
    version = re.search(r'name="version"[^>]*value="([^"]+)"', form)[1]
    actions.change(queries.link(link.id), actions.Plan(name="Elsewhere", questionnaire="nps-default"))
    db.session.commit()
    page = lead.post(
        f"/open-links/{link.id}/details", data=fields(mode="link", questionnaire="nps-default", version=version)
    )
    assert (page.status_code, "Elsewhere" in page.text) == (409, True)


# Reading


def test_a_link_says_what_makes_its_number_honest(lead, standing):
    """M-05, M-08, M-09: n, interval, period, and that it is of an open link."""
    link = make_link()
    give(link, [9] * 3 + [7] * 2 + [2])
    page = " ".join(lead.get(f"/open-links/{link.id}").text.split())
    assert "Not part of the results of people you asked by name." in page
    assert re.search(r"stat__value\">33</span> <span class=\"stat__range\">\(−\d+ to \d+\)", page)
    assert "6 answers, 20 Nov 2026" in page
    assert "small sample" in page


def test_below_five_answers_there_is_no_score(lead, viewer):
    """M-08."""
    link = make_link()
    give(link, [9, 9, 0, 7])
    for path in (f"/open-links/{link.id}", f"/open-links/{link.id}/presentation?result=1", "/open-links"):
        assert "Fewer than 5 answers: no score." in viewer.get(path).text


def test_a_viewer_reads_and_changes_nothing(viewer):
    link = make_link()
    give(link, [9] * 6, comment="Fine")
    page = viewer.get(f"/open-links/{link.id}").text
    assert "Fine" in page
    assert [
        words for words in ("Leave this answer out", "New address", "Archive", "CSV for Excel") if words in page
    ] == []


def test_lists_take_the_same_few_queries_whatever_their_length(lead, count_queries):
    def asked(path):
        with count_queries() as seen:
            assert lead.get(path).status_code == 200
        return len(seen)

    link = make_link("First")
    give(link, [9])
    few = asked("/open-links"), asked(f"/open-links/{link.id}")
    for number in range(8):
        give(make_link(f"Link {number}"), [5, 6])
    give(link, [9] * 20, comment="Words")
    assert (asked("/open-links"), asked(f"/open-links/{link.id}")) == few


def test_answers_come_a_page_at_a_time(lead):
    link = make_link(mode=Mode.SEMINAR)
    give(link, [9] * 30)
    assert "1 to 25 of 30" in lead.get(f"/open-links/{link.id}").text
    assert "26 to 30 of 30" in lead.get(f"/open-links/{link.id}?page=2").text


def test_an_empty_list_says_what_will_be_there(lead, viewer):
    assert "There is no open link yet" in lead.get("/open-links").text
    assert "Open links of the leads appear here." in viewer.get("/open-links").text
    assert "Nothing is archived" in lead.get("/open-links?view=archived").text
    link = make_link()
    assert "Share the address or print the code." in lead.get(f"/open-links/{link.id}").text


def test_the_file_is_safe_in_a_spreadsheet_and_says_where_each_answer_came_from(lead):
    """X-06."""
    link = make_link("=HYPERLINK(1)")
    give(link, [9], comment="=1+1")
    give(link, [9])
    answer(lead, link, 2, "Too fast", reading=timedelta(0))
    text = lead.get(f"/open-links/{link.id}/answers.csv?bom=1").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["source"] for row in rows] == ["open_link"] * len(rows)
    assert (rows[0]["channel"], rows[0]["comment"], rows[0]["segment"]) == ("'=HYPERLINK(1)", "'=1+1", "promoter")
    assert [(row["in_score"], row["doubts"]) for row in rows][-1] == ("false", "fast")
    assert not {"email", "name", "contact_id", "account_id"} & rows[0].keys()


def test_further_questions_are_asked_answered_shown_and_exported(client, lead):
    link_of = factories.questionnaire("csat-default")
    version = link_of.versions[-1]
    version.questions = [
        {
            "key": "q1", "kind": "choice", "is_required": True, "options": ["1", "2"],
            "words": {"en": {"text": "What brought you here?", "options": {"1": "A colleague", "2": "A search"}}},
        },
        {
            "key": "q2", "kind": "text", "when": {"segments": ["bad"], "after": "", "answers": []},
            "words": {"en": {"text": "What went wrong?"}},
        },
    ]  # fmt: skip
    db.session.commit()
    link = make_link(questionnaire="csat-default", language="en")
    page = client.get(pages.path(link))
    assert "What brought you here?" in page.text
    sent = answer(client, link, 1, q1="2", q2="The door")
    assert stored()[0].answers == {"q1": "2", "q2": "The door"}
    assert "A search" in client.get(sent.location).text
    answer(client, link, 5, q1="1", q2="Not asked of the content")
    assert stored()[1].answers == {"q1": "1"}
    open_one = client.get(answer(client, link, 5, ip="198.51.100.1").location).text
    assert "One thing is still open" in open_one
    refused = answer(client, link, 5, q1="99", ip="198.51.100.2")
    assert (refused.status_code, len(stored())) == (400, 3)
    shown = lead.get(f"/open-links/{link.id}").text
    assert "A colleague" in shown
    assert "The door" in shown
    assert "What brought you here? A search" in lead.get(f"/open-links/{link.id}/answers.csv").text


# The code


def test_the_code_is_a_picture_with_its_quiet_zone_in_both_formats(viewer):
    link = make_link()
    svg = viewer.get(f"/open-links/{link.id}/qr.svg")
    assert (svg.status_code, svg.content_type) == (200, "image/svg+xml")
    size = int(re.search(r'viewBox="0 0 (\d+) \1"', svg.text)[1])
    assert (size - 17 - 2 * qr.QUIET) % 4 == 0
    png = viewer.get(f"/open-links/{link.id}/qr.png?download=1")
    assert png.data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", png.data[16:24]) == (size * qr.USUAL,) * 2
    assert "attachment" in png.headers["Content-Disposition"]
    assert viewer.get(f"/open-links/{link.id}/qr.gif").status_code == 404


@pytest.mark.parametrize(("asked", "dots"), [("4", 4), ("1", 2), ("999", 40), ("x", 20), ("９", 20), ("-5", 20)])
def test_the_size_of_a_code_stays_within_bounds(viewer, asked, dots):
    link = make_link()
    png = viewer.get(f"/open-links/{link.id}/qr.png?size={asked}").data
    svg = viewer.get(f"/open-links/{link.id}/qr.svg").text
    size = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])
    assert struct.unpack(">I", png[16:20]) == (size * dots,)


def test_a_telephone_reads_the_address_from_the_code(viewer):
    """The modules of the picture are those of our address: dark where the code of that text is dark."""
    link = make_link()
    svg = viewer.get(f"/open-links/{link.id}/qr.svg").data
    wanted = io.BytesIO()
    code = segno.make(f"http://localhost{pages.path(link)}", error="q", boost_error=False, micro=False)
    code.save(wanted, kind="svg", border=4, dark="#000", light="#fff", omitsize=True, nl=False)
    assert (svg, code.error) == (wanted.getvalue(), "Q")


def test_a_new_address_has_another_code(lead):
    link = make_link()
    before = lead.get(f"/open-links/{link.id}/qr.svg").data
    lead.post(f"/open-links/{link.id}/address")
    assert lead.get(f"/open-links/{link.id}/qr.svg").data != before


def test_the_sheet_speaks_the_language_of_who_reads_it(viewer):
    link = make_link()
    sheet = viewer.get(f"/open-links/{link.id}/sheet?language=ja&paper=a6").text
    assert 'lang="ja"' in sheet
    assert "カメラでQRコードを読み取り" in sheet
    assert "sheet--a6" in sheet
    assert f"http://localhost{pages.path(link)}" in sheet


# In a real browser


@pytest.fixture
def staff(browser, served, lead):
    """A lead's browser."""
    found = lead.get_cookie("koe")
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(15_000)
    context.add_cookies([{"name": "koe", "value": found.value, "url": served}])
    come_along(context)
    yield context.new_page()
    context.close()


@pytest.mark.browser
@pytest.mark.only("sqlite")
def test_the_screen_of_the_room_counts_by_itself_and_shows_the_result_when_asked(staff, served, app):
    link = make_link("Seminar", mode=Mode.SEMINAR, expected=60)
    staff.goto(f"{served}/open-links/{link.id}/presentation")
    expect(staff.get_by_text("0 answers of about 60 people")).to_be_visible()
    give(link, [9] * 6 + [3])
    expect(staff.get_by_text("7 answers of about 60 people")).to_be_visible()
    assert staff.locator(".spread").count() == 0
    staff.get_by_role("link", name="Show the result").click()
    expect(staff.get_by_role("listitem").filter(has_text=re.compile(r"^\s*9\s+6\s*$"))).to_be_visible()
    staff.get_by_role("link", name="Hide the result").click()
    expect(staff.locator(".spread")).to_have_count(0)


@pytest.mark.browser
@pytest.mark.only("sqlite")
def test_one_answer_is_left_out_with_a_reason_by_keyboard(staff, served, app):
    link = make_link()
    give(link, [1], comment="A test of ours")
    staff.goto(f"{served}/open-links/{link.id}")
    db.session.rollback()
    staff.get_by_text("Leave this answer out", exact=True).focus()
    staff.keyboard.press("Enter")
    staff.get_by_label("Why is it left out?").fill("Only a test")
    staff.keyboard.press("Enter")
    expect(staff.get_by_text("Left out of the score.")).to_be_visible()
    staff.get_by_role("link", name="Left out").click()
    expect(staff.get_by_text("Only a test")).to_be_visible()
    assert stored()[0].counts is False


@pytest.mark.browser
@pytest.mark.only("sqlite")
@pytest.mark.parametrize(("paper", "points"), [("a4", (595, 842)), ("a6", (298, 420))])
def test_a_sheet_prints_alone_on_one_page_of_its_paper(staff, served, app, paper, points):
    link = make_link()
    staff.goto(f"{served}/open-links/{link.id}/sheet?paper={paper}")
    printed = staff.pdf(prefer_css_page_size=True)
    pages_of = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert [tuple(round(float(side)) for side in page) for page in pages_of] == [points]
    staff.emulate_media(media="print")
    assert not staff.get_by_role("button", name="Print sheet").is_visible()
    assert staff.get_by_alt_text("The address as a QR code").is_visible()


def faults(page, address: str, status: int = 200) -> list[str]:
    answered = page.goto(address)
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return (
        ([] if answered.status == status else [f"status {answered.status}"])
        + (["too wide"] if wide else [])
        + complaints(page)
    )


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.only("sqlite")
@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_public_page_can_be_used_by_everybody(served, app, client, browser, language):
    numbered = make_link("Numbers", language=language)
    worded = make_link("Words", questionnaire="ces2-default", language=language)
    kiosk = make_kiosk(language=language)
    both = make_kiosk("Both", questionnaire="csat-default")
    over = make_link("Over", language=language, closes_on=clock.now().date() - timedelta(days=9))
    thanks = answer(client, numbered, 2, "Words", shown_in=language).location
    shown = {
        "question": (pages.path(numbered), 200),
        "worded": (pages.path(worded), 200),
        "thanks": (thanks, 200),
        "kiosk": (pages.path(kiosk), 200),
        "kiosk in two languages": (f"{pages.path(both)}?language={language}", 200),
        "kiosk thanks": (f"{pages.path(kiosk)}/thanks", 200),
        "over": (pages.path(over), 410),
    }
    db.session.commit()
    found = {}
    for scheme, forced, width in LOOKS:
        look = {"color_scheme": scheme, "forced_colors": forced, "viewport": {"width": width, "height": 700}}
        context = browser.new_context(locale=language, **look)
        page = come_along(context).new_page()
        for name, (path, status) in shown.items():
            found[name, scheme, forced, width] = faults(page, served + path, status)
        page.goto(served + pages.path(kiosk))
        page.locator("label[for=s9]").click()
        page.locator("button.send").click()
        page.locator("[data-thanks]").wait_for()
        found["kiosk, thanked", scheme, forced, width] = complaints(page)
        context.close()
    assert {key: lines for key, lines in found.items() if lines} == {}


@pytest.mark.browser
@pytest.mark.only("sqlite")
def test_without_script_it_takes_a_press_a_press_and_two_requests(served, app, browser):
    path = served + pages.path(make_link())
    db.session.commit()
    context = browser.new_context(java_script_enabled=False, locale="en", reduced_motion="reduce")
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.method))
    page.goto(path)
    page.wait_for_timeout(1000)
    page.locator("label[for=s8]").click()
    page.get_by_role("button", name="Send 8").click()
    expect(page.get_by_role("heading", name="Your answer is recorded")).to_be_visible()
    assert asked == ["GET", "POST", "GET"]
    assert context.cookies() == []
    context.close()
    assert [(each.score, each.counts) for each in stored()] == [(8, True)]


def test_a_reworded_questionnaire_changes_no_page_of_a_link(client):
    link = make_link()
    before = re.sub(r'name="nonce" value="[^"]+"', "", client.get(pages.path(link)).text)
    questionnaires.reword(link.questionnaire, "en", {"question": "Another one?"})
    db.session.commit()
    page = client.get(pages.path(link))
    assert re.sub(r'name="nonce" value="[^"]+"', "", page.text) == before
    assert nonce_on(page)
