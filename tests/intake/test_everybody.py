"""The customer's pages for everybody (A-01 to A-09, A-30): by axe, by keyboard, and as a screen reader hears them.

Each page is loaded once and looked at in every look: both themes, forced colours, 320 and 1280 pixels (320 is what
1280 are at 400 % zoom). What depends on no look is asked once.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from surveys.intake import forms, pages
from surveys.intake.forms import Entered
from surveys.invitations import news
from surveys.lib import clock
from surveys.lib.db import db
from surveys.questionnaires import offers
from surveys.questionnaires.offers import Offer
from surveys.scales import SCALES
from surveys.settings.queries import default_brand, organisation
from tests import factories
from tests.design import axe
from tests.intake.customers import answer, link, nonce_on, opt_out_link

pytestmark = [pytest.mark.browser, pytest.mark.only("sqlite")]

LOOKS = [*product(["light", "dark"], ["none"], [320, 1280]), ("light", "active", 320), ("dark", "active", 1280)]
KINDS = ("nps-default", "ces-default", "ces2-default", "ease5-default", "csat-default", "goal-default", "form-default")
# Where Tab leads: what has the focus, where it is, and whether one can see that it has it.
STOP = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  const shown = here.matches("input[type=radio]") && here.labels[0] ? here.labels[0] : here;
  const box = shown.getBoundingClientRect(), style = getComputedStyle(shown), own = getComputedStyle(here);
  const outlined = [style, own].some((each) => each.outlineStyle !== "none" && parseFloat(each.outlineWidth) > 0);
  return { what: here.name || here.id || here.href || here.innerText, top: box.top + scrollY, left: box.left,
           width: box.width, height: box.height, outlined, hidden: here.closest("[aria-hidden=true]") !== null };
}"""
# Everything one can operate, a group of radio buttons once; what is hidden from everybody left out.
CONTROLS = """() => {
  const seen = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), textarea, select")]
    .filter((each) => !each.closest("[aria-hidden=true]") && each.checkVisibility());
  return new Set(seen.map((each, at) => (each.type === "radio" ? `radio ${each.name}` : at))).size;
}"""
# WCAG 1.4.12, by a sheet of the reader's own, which no policy of the page forbids.
SPACE_OUT = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
    p { margin-bottom: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
}"""
CUT_OFF = """() => [
  ...(document.documentElement.scrollWidth > innerWidth ? ["the page"] : []),
  ...[...document.querySelectorAll("main *, footer *")].filter((each) => {
    const style = getComputedStyle(each);
    const cuts = ["hidden", "clip"].includes(style.overflowX) || ["hidden", "clip"].includes(style.overflowY);
    const isThere = each.clientWidth > 1 && each.clientHeight > 1;
    return cuts && isThere && (each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 1);
  }).map((each) => each.outerHTML.slice(0, 80)),
]"""


@pytest.fixture
def rooms(client):
    """Every public page of one language by its name: an address, or the page itself where it is no GET."""

    def make(language: str) -> dict[str, str]:
        asked = {key: _invitation(key, language) for key in KINDS}
        found = {f"question {key}": link(each) for key, each in asked.items()}
        found |= _of_one(client, asked["nps-default"]) | _of_answers(client, asked["csat-default"], language)
        return found | _of_the_end(client, language)

    return make


def _invitation(key: str, language: str):
    contact = factories.make_contact(language=language)
    return factories.make_invitation(campaign=factories.make_campaign(key=key), contact=contact)


def _of_one(client, invitation) -> dict[str, str]:
    path = link(invitation)
    left = factories.make_invitation(
        campaign=invitation.campaign, contact=factories.make_contact(language=invitation.language)
    )
    client.post(opt_out_link(left), data={"leave": "1"})
    client.post(f"{link(left)}/not-me", data={"why": "left"})
    bad = {"nonce": nonce_on(client.get(path)), "score": "11", "comment": "x" * 5001, "shown_in": invitation.language}
    return {
        "chosen": f"{path}?score=3",
        "problems": client.post(path, data=bad).text,
        "preferences": opt_out_link(invitation),
        "preferences saved": f"{opt_out_link(invitation)}?saved=1",
        "left": opt_out_link(left),
        "not me": f"{path}/not-me",
        "not me problems": client.post(f"{path}/not-me", data={"why": "left", "email": "nobody"}).text,
        "not me done": f"{link(left)}/not-me",
        "not me named": f"{link(left)}/not-me?named=1",
    }


def _of_answers(client, invitation, language: str) -> dict[str, str]:
    """After an answer: thanks with offers, the receipt with what became of it, withdrawal, and the end of changes."""
    organisation().offer_hosts = ["help.example.com"]
    texts = {"en": "How to close the month", "ja": "月締めの手順"}
    questionnaire = invitation.campaign.questionnaire
    offers.put(questionnaire, Offer(texts, "https://help.example.com/a"), by=factories.make_user())
    thanks = answer(client, invitation, 1, "Words.").headers["Location"]
    news.tell(
        invitation.contact, {language: texts[language]}, happened_on=clock.today("Asia/Tokyo"), invitation=invitation
    )
    withdrawn = factories.make_invitation(
        campaign=invitation.campaign, contact=factories.make_contact(language=language)
    )
    answer(client, withdrawn, 2)
    client.post(f"{link(withdrawn)}/withdrawal", data={"withdraw": "1"})
    late = factories.make_invitation(campaign=invitation.campaign, contact=factories.make_contact(language=language))
    factories.make_response(4, invitation=late, answered_at=clock.now() - timedelta(days=30))
    return {
        "thanks": thanks,
        "receipt": link(invitation),
        "receipt, no more changes": link(late),
        "withdrawal": f"{link(invitation)}/withdrawal",
        "withdrawn": f"{link(withdrawn)}/withdrawal",
    }


def _of_the_end(client, language: str) -> dict[str, str]:
    """A form, and a change, that came too late."""
    default_brand().reply_address = "care@example.com"
    first, other = _invitation("nps-default", language), _invitation("nps-default", language)
    late, changed = (
        {"nonce": nonce_on(client.get(link(each))), "score": "3", "comment": "Words.", "shown_in": language}
        for each in (first, other)
    )
    factories.make_response(4, invitation=other, answered_at=clock.now() - timedelta(days=30))
    first.closes_at = clock.now() - timedelta(minutes=1)
    db.session.commit()
    return {
        "too late": client.post(link(first), data=late).text,
        "too late to change": client.post(link(other), data=changed).text,
    }


def _of_trouble(language: str) -> dict[str, str]:
    kept = Entered(score="3", comment="Words that must not be lost.", shown_in=language)
    trouble = {
        "gone": pages.neutral(language),
        "busy": pages.standalone("busy", language, 503),
        "not saved": pages.standalone("not_saved", language, 503, entered=kept),
        "not done": pages.standalone("not_done", language, 503, sent=[("save", "1")]),
        "too long": pages.standalone("too_long", language, 413, most=forms.LONGEST_COMMENT),
    }
    return {name: page.get_data(as_text=True) for name, page in trouble.items()}


def show(page, served: str, where: str) -> None:
    if where.startswith("/"):
        page.goto(served + where)
    else:
        page.goto("about:blank")  # the policy of the page before would forbid the style of this one
        page.set_content(where)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_page_can_be_used_by_everybody(app, served, rooms, browser, language):
    found = rooms(language)
    db.session.commit()
    with app.test_request_context("/s/x"):
        found |= _of_trouble(language)
    context = browser.new_context(locale=language)
    page = axe.come_along(context).new_page()
    wrong = {name: lines for name, where in found.items() if (lines := _faults(page, served, where))}
    context.close()
    assert len(found) == 28
    assert wrong == {}


def _faults(page, served: str, where: str) -> list[str]:
    page.set_viewport_size({"width": 320, "height": 700})
    page.emulate_media(color_scheme="light", forced_colors="none")
    show(page, served, where)
    axe.install(page)
    lines = axe.found(page)
    for scheme, forced, width in LOOKS:
        page.set_viewport_size({"width": width, "height": 700})
        page.emulate_media(color_scheme=scheme, forced_colors=forced)
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        seen = [] if forced == "active" else axe.found(page, axe.OF_LOOKS)  # forced colours are the reader's own
        lines += [f"{scheme} {forced} {width}: {line}" for line in (["too wide"] if wide else []) + seen]
    page.set_viewport_size({"width": 320, "height": 700})
    return lines + _as_a_document(page) + _by_keyboard(page) + _spaced(page)


def _as_a_document(page) -> list[str]:
    """One heading and one main part under a title that names the page, in a language that is said (A-06)."""
    said = page.evaluate("[document.documentElement.lang, document.title.trim()]")
    lines = [f"{what} is missing" for what, words in zip(("language", "title"), said, strict=True) if not words]
    counts = {name: page.locator(name).count() for name in ("h1", "main")}
    return lines + [f"{number} of {name}" for name, number in counts.items() if number != 1]


def _spaced(page) -> list[str]:
    """Letters, words, lines and paragraphs apart as a reader may set them: nothing is cut off or runs out (A-05)."""
    page.evaluate(SPACE_OUT)
    return [f"too narrow for wider text: {what}" for what in page.evaluate(CUT_OFF)]


def _by_keyboard(page) -> list[str]:
    """Tab reaches everything once, from top to bottom, seen each time (A-03, A-04)."""
    page.evaluate("document.activeElement.blur()")
    page.evaluate("getSelection().removeAllRanges()")
    expected, stops = page.evaluate(CONTROLS), []
    page.mouse.click(2, 2)
    for _ in range(expected + 3):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None:
            break
        stops.append(stop)
    places = [round(stop["top"]) for stop in stops]
    lines = [f"no visible focus: {stop['what']}" for stop in stops if not stop["outlined"]]
    lines += [f"cannot be seen: {stop['what']}" for stop in stops if stop["hidden"] or not stop["height"]]
    if len(stops) != expected:
        lines.append(f"Tab stops at {len(stops)} of {expected}: {[stop['what'] for stop in stops]}")
    return lines + ([] if places == sorted(places) else [f"out of order: {places}"])


@pytest.mark.parametrize("language", ["en", "ja"])
def test_each_scale_is_read_with_its_question_its_ends_and_what_is_chosen(app, served, browser, language):
    """A-02, as the accessibility tree has it: a group with a name, radio buttons with theirs, and their state."""
    asked = {key: _invitation(key, language) for key in KINDS if key != "form-default"}
    db.session.commit()
    page = browser.new_context(locale=language).new_page()
    for key, invitation in asked.items():
        scale = SCALES[key.split("-")[0]]
        page.goto(f"{served}{link(invitation)}?score={scale.best}")
        texts = invitation.version.texts(language)
        tree = page.locator("form").aria_snapshot()
        group = next(line for line in tree.splitlines() if "- group " in line)
        assert f"{scale.low} = {texts['low']}, {scale.high} = {texts['high']}" in group
        words = texts.get("labels") or [""] * len(scale.scores)
        names = [f"{score} {word}".strip() for score, word in zip(scale.scores, words, strict=True)]
        for score, name in zip(scale.scores, names, strict=True):
            state = " [checked]" if score == scale.best else ""
            assert f'- radio "{name}"{state}\n' in tree, (key, name, tree)
        assert tree.count("[checked]") == 1
        assert "- textbox " in tree
        assert "- button " in tree
    page.context.close()
