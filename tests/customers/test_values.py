"""What people write in cells, and what we make of it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.customers.imports import values
from surveys.customers.imports.problems import BadValue, Code
from surveys.customers.models import ContactRole, Phase, Tier


def refused(parse, text, **more):
    with pytest.raises(BadValue) as caught:
        parse(text, **more)
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("ハイタッチ", Tier.HIGH_TOUCH),
        ("high_touch", Tier.HIGH_TOUCH),
        ("High Touch", Tier.HIGH_TOUCH),
        ("ロータッチ", Tier.LOW_TOUCH),
        ("ミドルタッチ", Tier.LOW_TOUCH),
        ("ﾃｯｸﾀｯﾁ", Tier.TECH_TOUCH),
        ("tech-touch", Tier.TECH_TOUCH),
    ],
)
def test_tiers_are_known_in_both_languages(text, tier):
    assert values.tier(text) is tier


@pytest.mark.parametrize(
    ("text", "phase"),
    [
        ("トライアル", Phase.TRIAL),
        ("導入支援", Phase.ONBOARDING),
        ("オンボーディング", Phase.ONBOARDING),
        ("活用", Phase.ADOPTION),
        ("エキスパンド", Phase.EXPANSION),
        ("エクスパンション", Phase.EXPANSION),
        ("ファン化", Phase.EXPANSION),
        ("解約", Phase.CHURNED),
        ("Churned", Phase.CHURNED),
    ],
)
def test_phases_are_known_in_both_languages(text, phase):
    assert values.phase(text) is phase


def test_roles_and_languages_are_known_in_both_languages():
    assert [values.role(text) for text in ("決裁者", "Champion", "利用者")] == [
        ContactRole.DECISION_MAKER,
        ContactRole.CHAMPION,
        ContactRole.USER,
    ]
    assert [values.language(text) for text in ("日本語", "JA", "English", "en-US")] == ["ja", "ja", "en", "en"]


def test_unknown_words_are_refused_by_what_they_should_have_been():
    assert [refused(values.tier, "金"), refused(values.phase, "?"), refused(values.role, "boss")] == [
        Code.TIER,
        Code.PHASE,
        Code.ROLE,
    ]
    assert refused(values.language, "Klingon") is Code.LANGUAGE


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-27",
        "2026/11/27",
        "2026.11.27",
        "2026年11月27日",
        "２０２６年１１月２７日",
        "2026年11月27日(金)",
        "2026-11-27T09:30:00",
        "2026/11/27 9:30",
        "2026-11-27 09:30:00.000",
        "2026-11-27T00:00:00Z",
        "2026-11-27T00:00:00+09:00",
        "2026-11-27 09:30:00 UTC",
        "2026/11/27 9:30 AM",
        "2026年11月27日 9時30分",
        "2026/11/27 (Fri)",
        "令和8年11月27日",
        "R8.11.27",
        "20261127",
        "46353",
        "46353.0",
        "11/27/2026",
        "27/11/2026",
        "27 Nov 2026",
        "November 27, 2026",
        "27-Nov-2026",
    ],
)
def test_a_date_is_understood_however_it_is_written(text):
    assert values.day(text) == date(2026, 11, 27)


def test_the_first_year_of_an_era_and_earlier_eras_are_understood():
    assert [values.day(text) for text in ("令和元年5月1日", "平成30年4月1日", "S64.1.7")] == [
        date(2019, 5, 1),
        date(2018, 4, 1),
        date(1989, 1, 7),
    ]


def test_a_date_that_could_be_two_is_refused_and_one_that_cannot_be_two_is_not():
    assert refused(values.day, "11/12/2026") is Code.DATE_AMBIGUOUS
    assert values.day("11/11/2026") == date(2026, 11, 11)


@pytest.mark.parametrize(
    "text",
    ["2026-13-01", "2026-02-30", "soon", "2026/11", "12", "9999-12-31", "27 Foo 2026", "1",
     "2024-04-01 cancelled", "2024-04-01 or later", "2024-04-01 2025-04-01", "2024年4月1日 解約"],
)  # fmt: skip
def test_what_is_no_date_is_refused(text):
    assert refused(values.day, text) is Code.DATE


@pytest.mark.parametrize(
    "text",
    ["480000", "480,000", "¥480,000", "￥480,000", "\\480,000", "480,000円", "４８０，０００", "48万", "48万円", "JPY 480000",
     "480000 JPY", "480千円", "0.48百万円", "480000.0", "¥480,000/月"],
)  # fmt: skip
def test_yen_are_understood_however_they_are_written(text):
    assert values.money(text, times=1, currency="JPY") == (480_000, "JPY")


def test_other_currencies_have_their_minor_units():
    assert values.money("$1,200.50", times=1, currency="JPY") == (120_050, "USD")
    assert values.money("1200", times=1, currency="USD") == (120_000, "USD")
    assert values.money("1.2k", times=1, currency="EUR") == (120_000, "EUR")


@pytest.mark.parametrize(
    ("text", "currency"), [("1.200", "EUR"), ("€1.200", "JPY"), ("480.000", "JPY"), ("1.000 USD", "EUR")]
)
def test_a_dot_before_three_digits_is_not_guessed_at(text, currency):
    assert refused(values.money, text, times=1, currency=currency) is Code.MONEY_AMBIGUOUS


def test_a_dot_before_three_digits_is_clear_where_it_can_mean_one_thing():
    assert values.money("1.200", times=1, currency="BHD") == (1_200, "BHD")
    assert values.money("1,200.500", times=1, currency="USD") == (120_050, "USD")
    assert values.money("1.234万円", times=1, currency="USD") == (12_340, "JPY")
    assert values.money("0.500", times=1, currency="EUR") == (50, "EUR")


def test_an_amount_under_a_heading_in_thousands_is_multiplied():
    assert values.money("480", times=1000, currency="JPY") == (480_000, "JPY")


@pytest.mark.parametrize("text", ["-1", "free", "48,00", "1,2,3", "0.5", "¥1 USD", "99999999999999999", "1_000"])
def test_what_is_no_amount_is_refused(text):
    assert refused(values.money, text, times=1, currency="JPY") is Code.MONEY


def test_currencies_are_understood_as_code_sign_and_word():
    assert [values.currency(text) for text in ("jpy", "円", "$", "米ドル")] == ["JPY", "JPY", "USD", "USD"]
    assert refused(values.currency, "gold") is Code.CURRENCY


@given(st.text(max_size=20))
def test_no_text_breaks_anything(text):
    for parse in (values.tier, values.phase, values.role, values.language, values.day, values.currency):
        try:
            parse(text)
        except BadValue as bad:
            assert bad.code in Code
    try:
        values.money(text, times=1, currency="JPY")
    except BadValue as bad:
        assert bad.code is Code.MONEY


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_every_date_of_excel_is_read_back(day):
    assert values.day(str((day - date(1899, 12, 30)).days)) == day
