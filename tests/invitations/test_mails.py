"""The mails themselves, compared with saved ones to the letter.

When a change is meant: `KOE_SAVE_MAILS=1 pytest tests/invitations/test_mails.py`, then read the difference.
"""

from __future__ import annotations

import email
import re
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from surveys.invitations import actions, letters
from surveys.invitations.models import Campaign, Invitation
from surveys.lib.access import Role
from surveys.lib.db import db
from surveys.lib.tokens import Purpose, read_token
from surveys.settings.queries import default_brand, default_product
from tests.factories import make_account, make_contact, make_user
from tests.invitations.lines import Server, draft, launched, run, send_all
from tests.saved import compare

SAVED = Path(__file__).parent / "saved"
TOKEN = re.compile(r"/([su])/[A-Za-z0-9]+\.[\w-]{22}")
KINDS = ["nps-default", "ces-default", "ces2-default", "csat-default", "form-default"]


@pytest.fixture
def ours(app, standing):
    """An organisation that has said everything about itself."""
    ours, product = default_brand(), default_product()
    ours.privacy_url, ours.contact_url = "https://minato.example.com/privacy", "https://minato.example.com/contact"
    ours.sender_name, ours.sender_name_ja = "Yui Sato", "カスタマーサクセス担当"
    ours.signature_ja = "ミナト勤怠 カスタマーサクセス\nsuccess@minato.example.com"
    product.name, product.name_ja = "Minato Time", "ミナト勤怠"
    ours.colour = "#8a1c5a"
    letters.kept.cache_clear()  # other tests had the same numbers
    db.session.commit()
    return ours


def sent_to(language: str, key: str = "nps-default", **person: str) -> EmailMessage:
    known = {"name": "佐藤 花子", "department": "総務部"} if language == "ja" else {"name": "Jane Smith"}
    account = make_account(name="あおば物流" if language == "ja" else "Harbor & Finch")
    make_contact(email="customer@example.jp", account=account, language=language, **known | person)
    server = run(launched(key=key))
    return read(server.taken[0].data)


def read(data: bytes) -> EmailMessage:
    return email.message_from_bytes(data, policy=policy.default)


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return body.get_content().replace("\r\n", "\n")


def without_tokens(text: str) -> str:
    return TOKEN.sub(r"/\1/TOKEN", text)


@pytest.mark.parametrize("key", KINDS)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_mails_are_as_they_were_saved(ours, key, language):
    mail = sent_to(language, key)
    compare(SAVED / f"{key}.{language}.txt", f"{mail['Subject']}\n\n{without_tokens(part(mail, 'plain'))}")
    compare(SAVED / f"{key}.{language}.html", without_tokens(part(mail, "html")))


def test_the_japanese_mail_reads_as_the_wording_document_has_it(ours):
    mail = sent_to("ja")
    assert mail["Subject"] == "【ミナト勤怠】1分アンケートのお願い（11/30(月)まで）"
    text = part(mail, "plain")
    assert text.startswith(
        "あおば物流 総務部\n佐藤 花子 様\n\n"
        "いつもミナト勤怠をご利用いただき、誠にありがとうございます。\n"
        "ミナト勤怠のカスタマーサクセス担当です。\n\n"
        "サービス改善のため、アンケートへのご協力をお願いいたします。\n"
        "当てはまる数字を押すと、回答画面が開きます（全2問・約1分。2問目は任意です）。\n\n"
        "ミナト勤怠を、同僚やお知り合いの企業の方に薦める可能性は、どのくらいありますか？\n"
    )
    assert (
        "回答期限：2026年11月30日（月）\n"
        "ご回答は、お名前とあわせて弊社の担当の者が拝見し、サービスの改善とご連絡のために利用いたします。\n\n"
        "よろしくお願いいたします。\nミナト勤怠 カスタマーサクセス\n"
    ) in text
    assert "お問い合わせ｜" not in text
    html = re.sub(r"<[^>]+>", "", part(mail, "html"))
    assert "お問い合わせ｜個人情報の取り扱い｜ご担当の変更｜配信停止・回数の変更" in html
    assert "Minato Time K.K.・1-2-3 Kaigan, Minato-ku, Tokyo" in html


def test_the_english_mail_reads_as_the_wording_document_has_it(ours):
    mail = sent_to("en")
    assert mail["Subject"] == "One minute for Minato Time? (until 30 Nov)"
    text = part(mail, "plain")
    assert text.startswith(
        "Hello Jane Smith,\n\n"
        "you use Minato Time, and we would like to know how it is going. Press a number; a page opens where you can add a "
        "few words and send it (two questions, about a minute; the second is optional).\n\n"
        "How likely are you to recommend Minato Time to a colleague or to someone at another company?\n"
    )
    assert (
        "Please answer by Monday, 30 November 2026. Your answer is read together with your name by our customer team and "
        "used to improve Minato Time and to get back to you.\n\nThank you,\nYui Sato, Minato Time\n"
    ) in text


def test_every_score_has_its_link_in_both_parts(ours):
    mail = sent_to("en")
    invitation = db.session.scalars(select(Invitation)).one()
    for kind in ("plain", "html"):
        found = re.findall(r"http://localhost/s/([\w.-]+)\?score=(\d+)", part(mail, kind))
        assert [score for _token, score in found] == [str(score) for score in range(11)]
        assert {read_token(Purpose.SURVEY, token) for token, _score in found} == {invitation.id}
    assert "\n8: http://localhost/s/" in part(mail, "plain")
    assert part(mail, "html").count('title="8 / 10"') == 1


def test_headers_say_what_providers_want_to_know(ours):
    mail = sent_to("en")
    invitation = db.session.scalars(select(Invitation)).one()
    out = re.fullmatch(r"<http://localhost/u/([\w.-]+)>", mail["List-Unsubscribe"])
    assert out is not None
    assert read_token(Purpose.OPT_OUT, out[1]) == invitation.id
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert mail["List-ID"].endswith(f"<campaign-{invitation.campaign_id}.localhost>")
    assert mail["Feedback-ID"] == f"campaign-{invitation.campaign_id}:localhost:survey:minato.example.com"
    assert mail["Reply-To"].addresses[0].addr_spec == "success@minato.example.com"
    assert mail["From"].addresses[0].addr_spec == "voice@minato.example.com"
    assert [each.addr_spec for each in mail["To"].addresses] == ["customer@example.jp"]
    assert [each.get_content_type() for each in mail.iter_parts()] == ["text/plain", "text/html"]
    assert "mailto:" not in str(mail["List-Unsubscribe"])


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_html_is_light_and_loads_nothing(ours, language):
    html = part(sent_to(language), "html")
    assert len(html.encode()) < 25_000
    assert not re.search(r"<(img|script|form|link|iframe)\b|url\(|@import", html)
    assert f'<html lang="{language}"' in html
    assert html.count("<table") == html.count('role="presentation"')
    assert "@@" not in html


def test_names_are_words_and_never_markup_or_headers(ours):
    hostile = '<b>"Ann"</b> & @@survey@@ {product}'
    mail = sent_to("en", name=hostile)
    assert "&lt;b&gt;&#34;Ann&#34;&lt;/b&gt; &amp; @@survey@@ {product}" in part(mail, "html").replace(
        "&quot;", "&#34;"
    )
    assert f"Hello {hostile}," in part(mail, "plain")


def test_the_same_words_are_written_once_for_all(ours, monkeypatch):
    for number in range(4):
        make_contact(name=f"Ann {number}")
    campaign, written = launched(), []
    original = letters.written_as
    monkeypatch.setattr(letters, "written_as", lambda words: written.append(words) or original(words))
    server = run(campaign)
    assert (len(server.taken), len(written)) == (4, 1)
    assert {re.search(rb"Ann (\d)", envelope.data)[1] for envelope in server.taken} == {b"0", b"1", b"2", b"3"}


# ── Test mails ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_test_mail_goes_to_oneself_and_counts_nowhere(ours):
    make_contact()
    campaign, lead = draft(), make_user(role=Role.LEAD, name="Yui", email="yui@minato.example.com")
    actions.send_test(campaign, "ja", to=lead)
    db.session.commit()
    server = Server()
    send_all(server)
    mail = read(server.taken[0].data)
    assert server.recipients == ["yui@minato.example.com"]
    assert mail["Subject"].startswith("［テスト］【ミナト勤怠】1分アンケートのお願い")
    assert f"/questionnaires/{campaign.questionnaire_id}/page/ja?score=8" in part(mail, "html")
    assert "List-Unsubscribe" not in mail
    assert db.session.scalar(select(Invitation)) is None
    assert db.session.get_one(Campaign, campaign.id).is_draft


def test_a_test_mail_shows_a_draft_as_it_is_now(ours):
    campaign, lead = draft(), make_user(role=Role.LEAD)
    for number in (1, 2):
        campaign.product.name = f"Product {number}"
        actions.send_test(campaign, "en", to=lead)
        db.session.commit()
        server = Server()
        send_all(server)
        assert f"One minute for Product {number}?" in read(server.taken[0].data)["Subject"]
