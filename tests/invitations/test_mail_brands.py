"""The mail of a brand: its logo and colour, its weight, its links; read by machines for people (A-20, E-01, E-02)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import select

from surveys.delivery.mail import AUTOMATIC, Letter, one_click
from surveys.invitations import letters, news
from surveys.invitations.models import Invitation
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.process import config
from surveys.lib.tokens import Purpose, read_token
from surveys.settings import actions as settings
from surveys.settings import logos
from surveys.settings.models import Brand
from surveys.settings.queries import default_brand, default_product
from tests.design import axe
from tests.factories import make_account, make_brand, make_campaign, make_contact, make_invitation, make_user
from tests.invitations.lines import Server, launched, plan, run, send_all
from tests.invitations.test_mails import KINDS, part, read, without_tokens
from tests.saved import compare
from tests.settings.pictures import picture

pytestmark = pytest.mark.only("sqlite")  # pages and words: they ask nothing of one database alone

SAVED = Path(__file__).parent / "saved"
HEAVIEST = 25_000  # bytes of HTML (E-02)
LONG = {
    "ja": {
        "name": "長宗我部左衛門佐之介 弥三郎次郎太郎", "department": "西日本統括本部 第二営業推進部 カスタマーサクセス推進課",
        "company": "株式会社東日本グローバルロジスティクスソリューションズホールディングス", "title": "部長代理補佐",
    },
    "en": {
        "name": "Dr. Maximiliana Featherstonehaugh-Cholmondeley-Worthington", "department": "Regional Operations",
        "company": "The Consolidated Northern Harbour Freight & Warehousing Company of Great Britain and Ireland Ltd.",
        "title": "Deputy Head of Workforce Planning",
    },
}  # fmt: skip


@pytest.fixture(autouse=True)
def fresh(app, standing) -> None:
    letters.kept.cache_clear()  # other tests had the same numbers


def with_logo(brand: Brand) -> Brand:
    settings.show_logo(brand, logos.small(picture()), by=make_user())
    db.session.commit()
    return brand


def person(language: str, **values):
    said = LONG[language]
    account = make_account(name=said["company"])
    return make_contact(
        account=account,
        language=language,
        name=said["name"],
        department=said["department"],
        title=said["title"],
        **values,
    )


def told(contact, times: int = 3, text: str = "Sorted.") -> None:
    make_invitation(
        contact=contact, answered_at=clock.now() - timedelta(days=390), sent_at=clock.now() - timedelta(days=400)
    )
    for _ in range(times):
        news.tell(contact, {"en": text, "ja": text}, happened_on=date(2026, 11, 9))
    db.session.commit()


def sent(**values):
    return read(run(launched(**values)).taken[-1].data)


# ── Looks ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_logo_is_a_picture_of_fixed_size_the_same_for_everybody(app):
    brand = with_logo(default_brand())
    make_contact(), make_contact(language="ja")
    found = [part(read(each.data), "html") for each in run(launched()).taken]
    pictures = [re.findall(r"<img[^>]*>", html) for html in found]
    source = f'src="http://localhost/brands/{brand.id}/{brand.logo}.png"'
    assert all(len(each) == 1 and source in each[0] and 'width="200" height="40"' in each[0] for each in pictures)
    assert sorted(re.search(r'alt="([^"]*)"', each[0])[1] for each in pictures) == ["Minato Time", "ミナト勤怠"]


def test_without_a_logo_the_name_stands_there_and_nothing_is_loaded(app):
    make_contact()
    html = part(sent(), "html")
    assert ('class="name"' in html, "<img" in html) == (True, False)


def test_a_campaign_speaks_for_its_brand_and_for_no_other(app):
    other = make_brand(
        name="Quay", colour="#8a1c5a", signature="The Quay team", privacy_url="https://quay.example.com/p"
    )
    make_contact(language="ja")
    mail = sent(brand=other)
    for words in (part(mail, "html"), part(mail, "plain")):
        assert [name in words for name in ("Quay", "The Quay team", "Second K.K.", "quay.example.com/p")] == [True] * 4
        assert "Minato" not in words
    assert mail["From"].addresses[0].addr_spec == other.sender_address
    assert "#8a1c5a" not in part(mail, "html")  # the scale is neutral (S-31), and there is no link in this letter
    assert mail["List-ID"].startswith("Quay <")


def test_the_colour_is_that_of_the_button_by_day_and_by_night(app):
    default_brand().colour = "#8a1c5a"
    make_contact()
    html = part(sent(key="form-default"), "html")
    assert re.search(r'class="press"[^>]*background-color:#8a1c5a', html)
    assert "@media (prefers-color-scheme: dark)" in html and "#d071a7" in html


def test_styles_are_on_the_elements_and_media_queries_in_the_head(app):
    make_contact()
    html = part(sent(), "html")
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)[1]
    assert re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", style).strip() == ""
    assert 'class="sheet"' in html and "max-width:600px" in html
    assert html.index("<meta charset") < 3000


@pytest.mark.browser
@pytest.mark.only("sqlite")
@pytest.mark.slow
def test_every_mail_can_be_read_by_everybody(app, browser):
    """A-20: axe on the document, narrow and wide, light and dark, without pictures; the links in reading order."""
    with_logo(default_brand())
    default_brand().colour = "#8a1c5a"
    people = {language: person(language) for language in LONG}
    for each in people.values():
        told(each)
    page = axe.come_along(browser.new_context()).new_page()
    page.route("**/*.png", lambda route: route.abort())
    found = {}
    for key, language in product(KINDS, people):
        page.set_content(letters.sample(make_campaign(key=key), language, contact=people[language]).html)
        scores = page.locator("a[href*='score=']").evaluate_all("all => all.map(a => a.textContent.trim()[0])")
        found[key, language] = complaints_of_mail(page) + (["order"] if scores[:9] != sorted(scores[:9]) else [])
    page.context.close()
    assert {name: lines for name, lines in found.items() if lines} == {}


def complaints_of_mail(page) -> list[str]:
    """All rules once, those of looks in each look."""
    axe.install(page)
    lines = axe.found(page)
    for width, scheme in product((320, 600), ("light", "dark")):
        page.set_viewport_size({"width": width, "height": 700})
        page.emulate_media(color_scheme=scheme)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            lines.append(f"too wide at {width}")
        lines += axe.found(page, axe.OF_LOOKS)
    return [line for line in lines if not line.startswith(("region", "landmark-one-main"))]


# ── Weight and links ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def far_away(app):
    """The same installation under an address longer than anybody's."""
    base = "https://feedback.example.com/".ljust(300, "x")
    app.extensions["koe.config"] = config().model_copy(update={"base_url": base})
    return base


@pytest.mark.parametrize("key", KINDS)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_longest_names_and_addresses_stay_light(far_away, key, language):
    brand = with_logo(default_brand())
    for field in ("name", "sender_name", "legal_name"):
        setattr(brand, field, LONG[language]["company"][:80])
        setattr(brand, f"{field}_ja", LONG[language]["company"][:80])
    brand.postal_address = brand.postal_address_ja = (
        "東京都港区海岸一丁目二番三号 ミナトインターナショナルビジネスタワー 三十八階" * 2
    )
    brand.signature = brand.signature_ja = "\n".join([LONG["ja"]["department"]] * 6)
    brand.contact_url = brand.privacy_url = f"https://minato.example.com/{'x' * 150}"
    default_product().name = default_product().name_ja = "ミナト勤怠クラウドエンタープライズエディション 2027"
    told(person(language), text="長" * 120)
    mail = sent(key=key)
    assert "@@" not in part(mail, "html")
    assert len(part(mail, "html").encode()) <= HEAVIEST


def test_a_long_way_out_stands_whole_in_the_header_to_the_byte(far_away):
    """E-01, M2: never an encoded word, never broken; what a provider's button posts to."""
    make_contact()
    campaign = launched()
    data = run(campaign).taken[0].data
    invitation = db.session.scalars(select(Invitation)).one()
    address = re.search(rb"\r\nList-Unsubscribe: <([^>\r\n]+)>\r\n", data)[1].decode()
    assert address.startswith(f"{far_away}/u/")
    assert read_token(Purpose.OPT_OUT, address.rpartition("/")[2]) == invitation.id
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in data
    mail = read(data)
    assert address in part(mail, "plain") and address in part(mail, "html")


def test_the_header_of_a_mail_is_exactly_these_bytes():
    address = "https://feedback.example.com/" + "x" * 271 + "/u/TOKEN"
    letter = Letter(
        sender=("", "a@example.com"),
        to=("", "b@example.com"),
        subject="x",
        text="x",
        headers=one_click(address) | AUTOMATIC,
    )
    head = letter.as_sent("<1@example.com>", clock.now()).split(b"\r\n\r\n")[0]
    assert (
        f"\r\nList-Unsubscribe: <{address}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n".encode()
        in head + b"\r\n"
    )


# ── Since you last answered ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_became_of_it_stands_above_the_question_in_both_parts(app, language):
    text = {"en": "CSV columns can be sorted.", "ja": "CSVの項目を並べ替えられるようになりました。"}[language]
    name = "佐藤 花子" if language == "ja" else "Jane Smith"
    told(make_contact(language=language, name=name, account=make_account(name="Harbor")), 2, text)
    mail = sent()
    compare(SAVED / f"news.{language}.txt", f"{mail['Subject']}\n\n{without_tokens(part(mail, 'plain'))}")
    compare(SAVED / f"news.{language}.html", without_tokens(part(mail, "html")))
    for words in (part(mail, "plain"), part(mail, "html").split("</div>", 1)[1]):
        question = {"en": "How likely", "ja": "薦める可能性"}[language]
        assert words.count(text) == 2
        assert words.index(text) < words.index(question)


def test_without_news_there_is_no_word_of_it(app):
    make_contact()
    mail = sent()
    assert "Since you last answered" not in part(mail, "plain") + part(mail, "html")


def test_each_hears_only_their_own_and_as_words_never_as_markup(app):
    one, other = make_contact(), make_contact()
    told(one, 1, "<b>Yours</b> @@survey@@ {product}")
    found = {each.recipient: read(each.data) for each in run(launched()).taken}
    assert "&lt;b&gt;Yours&lt;/b&gt; @@survey@@ {product}" in part(found[one.email], "html")
    assert "Yours" not in part(found[other.email], "html")


def test_what_is_told_after_a_mail_was_written_does_not_change_it(app):
    """E-41: the bytes of the first claim are sent, whatever happened since."""
    contact = make_contact()
    told(contact, 1, "First.")
    campaign = launched()
    plan()
    server = Server()
    send_all(server)
    news.tell(contact, {"en": "Second."}, happened_on=date(2026, 11, 10))
    db.session.commit()
    assert campaign.id and "Second" not in part(read(server.taken[0].data), "plain")
