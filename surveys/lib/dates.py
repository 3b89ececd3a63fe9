"""Dates, times and money as people write them, in the language being spoken."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.numbers import format_currency, format_decimal, get_currency_precision

from surveys.lib import clock
from surveys.lib.i18n import _, language, ngettext

DAYS_JA = "月火水木金土日"


def long_day(day: date) -> str:
    """Friday, 27 November 2026; 2026年11月27日（金）."""
    if language() == "ja":
        return f"{day.year}年{day.month}月{day.day}日（{DAYS_JA[day.weekday()]}）"
    return f"{day:%A}, {day.day} {day:%B} {day.year}"


def near_day(day: date) -> str:
    """Friday, 27 November; 11月27日（金）: for deadlines close at hand."""
    if language() == "ja":
        return f"{day.month}月{day.day}日（{DAYS_JA[day.weekday()]}）"
    return f"{day:%A}, {day.day} {day:%B}"


def short_day(day: date) -> str:
    """27 Nov; 11/27(金): for subject lines and dense lists."""
    if language() == "ja":
        return f"{day.month}/{day.day}({DAYS_JA[day.weekday()]})"
    return f"{day.day} {day:%b}"


def plain_day(day: date) -> str:
    """27 Nov 2026; 2026年11月27日."""
    if language() == "ja":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {day:%b} {day.year}"


def month(day: date) -> str:
    return f"{day.year}年{day.month}月" if language() == "ja" else f"{day:%B} {day.year}"


def moment(at: datetime, zone: str) -> str:
    """21 Nov 2026, 14:05; 2026年11月21日 14:05."""
    local = at.astimezone(ZoneInfo(zone))
    between = " " if language() == "ja" else ", "
    return f"{plain_day(local.date())}{between}{local:%H:%M}"


def relative(at: datetime) -> str:
    """How far a moment is from now: "in 2 h", "3 days ago"."""
    seconds = (at - clock.now()).total_seconds()
    words = _length(abs(seconds))
    if abs(seconds) < 60:
        return _("just now")
    return _("in %(time)s", time=words) if seconds > 0 else _("%(time)s ago", time=words)


def length(at: datetime) -> str:
    """How far a moment is from now, without saying which way: "2 h"."""
    return _length(abs((at - clock.now()).total_seconds()))


def _length(seconds: float) -> str:
    if seconds < 3600:
        return _("%(n)s min", n=int(seconds // 60))
    if seconds < 86_400:
        return _("%(n)s h", n=int(seconds // 3600))
    if seconds < 60 * 86_400:
        return ngettext("%(num)s day", "%(num)s days", int(seconds // 86_400))
    return ngettext("%(num)s month", "%(num)s months", int(seconds // (30 * 86_400)))


def money(minor: int, currency: str) -> str:
    """An amount in minor units (JPY has none) with its currency: ¥480,000; $1,200.50."""
    digits = get_currency_precision(currency)
    amount = Decimal(minor).scaleb(-digits)
    whole = amount == amount.to_integral_value()
    text: str = format_currency(
        amount, currency, locale="en_US" if language() == "en" else "ja_JP", currency_digits=not whole
    )
    if whole:
        text = format_currency(
            amount, currency, "¤#,##0", locale="en_US" if language() == "en" else "ja_JP", currency_digits=False
        )
    return text.replace("￥", "¥")


def number(value: float) -> str:
    return str(format_decimal(value, locale=language()))
