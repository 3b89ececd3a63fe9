"""What stands in a cell, as a value: words in either language, dates and amounts as people write them.

Every function takes the text of a cell that is not empty and raises `BadValue` when it does not say one clear thing.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

from babel.numbers import get_currency_precision, is_currency

from surveys.customers.imports.problems import BadValue, Code
from surveys.customers.models import ContactRole, Phase, Tier

Word = TypeVar("Word", bound=StrEnum)

_TIERS = {
    Tier.HIGH_TOUCH: "hightouch,high,ハイタッチ,ハイ,hitouch",
    Tier.LOW_TOUCH: "lowtouch,low,ロータッチ,ロー,midtouch,mid,middletouch,middle,ミドルタッチ,ミドル,ミッドタッチ",
    Tier.TECH_TOUCH: "techtouch,tech,テックタッチ,テック,digital,digitaltouch,デジタルタッチ",
}
_PHASES = {
    Phase.TRIAL: "trial,トライアル,試用,試用中,お試し,無料トライアル",
    Phase.ONBOARDING: "onboarding,オンボーディング,導入支援,導入,導入中,導入期,立ち上げ",
    Phase.ADOPTION: "adoption,アダプション,活用,活用中,活用期,定着,定着期,定着支援,active,利用中,運用中",
    Phase.EXPANSION: "expansion,エクスパンション,エキスパンド,エクスパンド,拡大,拡大期,ファン化,アップセル,expand",
    Phase.CHURNED: "churned,churn,チャーン,解約,解約済,解約済み,cancelled,canceled",
}
_ROLES = {
    ContactRole.DECISION_MAKER: "decisionmaker,decider,economicbuyer,決裁者,決裁権者,意思決定者,決済者,責任者,buyer",
    ContactRole.CHAMPION: "champion,チャンピオン,推進者,推進担当,推進担当者,キーマン,キーパーソン,管理者,"
    "主担当者,主担当",
    ContactRole.USER: "user,enduser,利用者,ユーザー,ユーザ,エンドユーザー,現場,現場担当,現場担当者,担当者,一般",
}
_LANGUAGES = {
    "ja": "ja,jp,jajp,japanese,日本語,和文,日",
    "en": "en,eng,enus,engb,english,英語,英文,英",
}
_ERAS = {"令和": 2018, "r": 2018, "平成": 1988, "h": 1988, "昭和": 1925, "s": 1925}
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_YEAR_FIRST = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:\s*\((?:[月火水木金土日]|mon|tue|wed|thu|fri|sat|sun)\))?"
    # A time of day may follow, and nothing else: 09:30:00+09:00, 9:30 AM, 午前9時30分.
    r"(?:(?:t|\s+)(?:午前|午後)?\d{1,2}(?::\d{2}){1,2}(?:\.\d+)?\s*(?:[ap]m)?\s*(?:z|utc|gmt|jst|[+-]\d{2}(?::?\d{2})?)?"
    r"|\s*(?:午前|午後)?\d{1,2}時(?:\d{1,2}分)?(?:\d{1,2}秒)?)?"
)
_ERA = re.compile(r"(令和|平成|昭和|[rhs])\s*\.?\s*(\d{1,2}|元)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_DAY_NAME = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s-]+([a-z]{3})[a-z]*\.?,?[\s-]+(\d{4})")
_NAME_DAY = re.compile(r"([a-z]{3})[a-z]*\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_SERIAL = re.compile(r"\d{5}(?:\.0+)?")
_SIGNS = {"¥": "JPY", "円": "JPY", "$": "USD", "€": "EUR", "£": "GBP", "us$": "USD", "ドル": "USD"}
_AMOUNT = re.compile(
    r"(us\$|[¥$€£]|[a-z]{3})?(\d[\d,']*(?:\.\d+)?)(千|万|百万|億|k|m)?(円|ドル|[a-z]{3})?(?:/月|/mo(?:nth)?)?"
)
_TIMES = {"": 1, "k": 1_000, "千": 1_000, "万": 10_000, "m": 1_000_000, "百万": 1_000_000, "億": 100_000_000}
_GROUPED = re.compile(r"\d{1,3}(?:[,']\d{3})+(?:\.\d+)?")
_TWO_AMOUNTS = re.compile(r"[1-9]\d{0,2}\.\d{3}")  # twelve hundred in Berlin, one and a fifth in Boston
_LARGEST = 10**15
_BLANKS = re.compile(r"[\s_\-・.]+")


def plain(text: str) -> str:
    """Text without differences of width and case."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _by_word(words: dict[Word, str]) -> dict[str, Word]:
    return {word: value for value, text in words.items() for word in text.split(",")}


_TIER_OF, _PHASE_OF, _ROLE_OF = _by_word(_TIERS), _by_word(_PHASES), _by_word(_ROLES)
_LANGUAGE_OF = {word: value for value, text in _LANGUAGES.items() for word in text.split(",")}


@lru_cache(maxsize=1024)
def tier(text: str) -> Tier:
    return _named(_TIER_OF, text, Code.TIER)


@lru_cache(maxsize=1024)
def phase(text: str) -> Phase:
    return _named(_PHASE_OF, text, Code.PHASE)


@lru_cache(maxsize=1024)
def role(text: str) -> ContactRole:
    return _named(_ROLE_OF, text, Code.ROLE)


@lru_cache(maxsize=1024)
def language(text: str) -> str:
    return _named(_LANGUAGE_OF, text, Code.LANGUAGE)


Named = TypeVar("Named")


def _named(words: dict[str, Named], text: str, code: Code) -> Named:
    value = words.get(_BLANKS.sub("", plain(text)))
    if value is None:
        raise BadValue(code, value=text)
    return value


@lru_cache(maxsize=1024)
def day(text: str) -> date:
    """A date in any usual way of writing it, also 令和8年11月27日 and the day numbers of Excel."""
    written = plain(text)
    try:
        found = _day(written, text)
    except ValueError:
        found = None
    if found is None or not 1950 <= found.year <= 2200:
        raise BadValue(Code.DATE, value=text)
    return found


def _day(written: str, text: str) -> date | None:
    if match := _YEAR_FIRST.fullmatch(written) or _COMPACT.fullmatch(written):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := _ERA.fullmatch(written):
        year = _ERAS[match[1]] + (1 if match[2] == "元" else int(match[2]))
        return date(year, int(match[3]), int(match[4]))
    if match := _YEAR_LAST.fullmatch(written):
        return _year_last(int(match[1]), int(match[2]), int(match[3]), text)
    if _SERIAL.fullmatch(written):
        return date(1899, 12, 30) + timedelta(days=int(float(written)))
    return _english_day(written)


def _english_day(written: str) -> date | None:
    """27 Nov 2026 or November 27, 2026."""
    if match := _DAY_NAME.fullmatch(written):
        return date(int(match[3]), _MONTHS.get(match[2], 0), int(match[1]))
    if match := _NAME_DAY.fullmatch(written):
        return date(int(match[3]), _MONTHS.get(match[1], 0), int(match[2]))
    return None


def _year_last(first: int, second: int, year: int, text: str) -> date:
    """11/27/2026 and 27/11/2026 are clear, 11/12/2026 is not."""
    if first <= 12 and second <= 12 and first != second:
        raise BadValue(Code.DATE_AMBIGUOUS, value=text)
    return date(year, second, first) if first > 12 else date(year, first, second)


def money(text: str, *, times: int, currency: str) -> tuple[int, str]:
    """An amount in minor units, and its currency: that which stands beside it, else `currency`."""
    written = plain(text).replace("\\", "¥").replace("、", ",").replace(" ", "")
    match = _AMOUNT.fullmatch(written)
    if match is None or not (match[2].replace(".", "", 1).isdigit() or _GROUPED.fullmatch(match[2])):
        raise BadValue(Code.MONEY, value=text)
    named = {_currency_word(word, text) for word in (match[1], match[4]) if word}
    if len(named) > 1:
        raise BadValue(Code.MONEY, value=text)
    chosen = named.pop() if named else currency
    precision = get_currency_precision(chosen)
    if precision != 3 and not match[3] and _TWO_AMOUNTS.fullmatch(match[2]):
        raise BadValue(Code.MONEY_AMBIGUOUS, value=text)
    amount = Decimal(re.sub("[,']", "", match[2])) * _TIMES[match[3] or ""] * times
    minor = amount.scaleb(precision)
    if minor != minor.to_integral_value() or minor >= _LARGEST:
        raise BadValue(Code.MONEY, value=text)
    return int(minor), chosen


def _currency_word(word: str, text: str) -> str:
    code = _SIGNS.get(word, word.upper())
    if not is_currency(code):
        raise BadValue(Code.MONEY, value=text)
    return code


@lru_cache(maxsize=1024)
def currency(text: str) -> str:
    word = plain(text)
    code = _SIGNS.get(word, {"日本円": "JPY", "米ドル": "USD", "ユーロ": "EUR", "yen": "JPY"}.get(word, word.upper()))
    if not is_currency(code):
        raise BadValue(Code.CURRENCY, value=text)
    return code
