"""Headings as CRM systems and hand-made lists write them."""

import pytest

from surveys.customers.imports.columns import LABELS, Field, guessed, is_headless, recognised, unit_of


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("取引先コード", Field.ACCOUNT_KEY),
        ("会社名", Field.ACCOUNT),
        ("株式会社名（必須）", Field.PROPERTY),
        ("会社名（必須）", Field.ACCOUNT),
        ("Ｅメール", Field.EMAIL),
        ("メールアドレス*", Field.EMAIL),
        ("E-mail Address", Field.EMAIL),
        ("担当者名", Field.NAME),
        ("氏名（カナ）", Field.KANA),
        ("会社名（フリガナ）", Field.ACCOUNT_KANA),
        ("フリガナ", Field.KANA),
        ("敬称", Field.HONORIFIC),
        ("タッチ区分", Field.TIER),
        ("MRR (JPY)", Field.MRR),
        ("月額（千円）", Field.MRR),
        ("契約更新日", Field.RENEWAL),
        ("Go-live", Field.GO_LIVE),
        ("go_live_date", Field.GO_LIVE),
        ("自社担当", Field.OWNER),
        ("業種", Field.ACCOUNT_PROPERTY),
        ("備考", Field.PROPERTY),
        ("", Field.IGNORE),
    ],
)
def test_a_heading_is_recognised(heading, field):
    assert recognised([heading]) == [field]


def test_the_order_of_columns_does_not_matter():
    headings = ["phase", "email", "tier", "company"]
    assert recognised(headings) == list(reversed(recognised(list(reversed(headings)))))


def test_of_two_columns_of_one_meaning_the_first_counts_and_the_other_is_kept():
    assert recognised(["email", "メール"]) == [Field.EMAIL, Field.PROPERTY]


def test_a_key_without_an_owner_is_the_contacts_where_there_are_addresses():
    assert recognised(["CRM id", "email"])[0] is Field.CONTACT_KEY
    assert recognised(["CRM id", "会社名"])[0] is Field.ACCOUNT_KEY
    assert recognised(["ID", "contact id", "email"])[0] is Field.PROPERTY


def test_the_unit_and_currency_stand_in_the_heading():
    assert [unit_of(heading) for heading in ("月額（円）", "月額(千円)", "MRR（単位：万円）", "MRR USD", "MRR")] == [
        (1, "JPY"),
        (1000, "JPY"),
        (10_000, "JPY"),
        (1, "USD"),
        (1, ""),
    ]


def test_a_list_without_headings_is_known_by_its_first_address():
    row = ["あおば物流株式会社", "山田 太郎", "taro@aoba.example.com", ""]
    assert (is_headless(row), guessed(row)) == (True, [Field.ACCOUNT, Field.NAME, Field.EMAIL, Field.IGNORE])
    assert not is_headless(["会社名", "email"])


def test_every_field_has_a_word():
    assert set(LABELS) == set(Field)
