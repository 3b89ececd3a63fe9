"""Reading a mail before anybody gets it: its weight, where its links lead, and words that make it an advertisement."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import Any, Final
from urllib.parse import urlsplit

from surveys.delivery.mail import Unbuildable, read
from surveys.invitations import letters
from surveys.invitations.models import Campaign
from surveys.lib import clock
from surveys.lib.process import config
from surveys.questionnaires.models import Version
from surveys.settings.models import Brand

LIGHT: Final = 25_000  # bytes of HTML we aim for (E-02)
HEAVIEST: Final = 100_000  # Gmail cuts a mail off a little above
# What turns a question into an advertisement, which may only go to who agreed to get one (P-02).
PROMOTION: Final = {
    "en": re.compile(
        r"\b(?:special offers?|discounts?|free trials?|free of charge|buy now|sale|upgrade now|limited[- ]time|coupons?"
        r"|promo(?:tion)?(?: code)?s?|gift cards?|prize draw|giveaway|order now|best price)\b|\d+\s?% off"
        r"|[$€£¥]\s?\d[\d,.]*",
        re.IGNORECASE,
    ),
    "ja": re.compile(
        r"今だけ|無料|キャンペーン|割引|値引|半額|限定|プレゼント|抽選|当選|懸賞|クーポン|特典|お得|特別価格|セール(?!ス)|ギフト券"
        r"|今すぐ(?:購入|お申し?込み)|[¥￥]\s?\d[\d,]*|\d[\d,]*\s?円"
    ),
}
OF_TWO: Final = ("two questions", "全2問")  # what the ready letters promise
TOKEN: Final = "0" * 40  # stands for the longest token of a link
NOBODY: Final = "nobody@example.com"
_LINK: Final = re.compile(r"""<a\b[^>]*\shref=["']([^"']*)["']""")
_TYPED: Final = re.compile(r"\b(?:https?://|www\.)[^\s<>\"'、。）」]+")


@dataclass(frozen=True)
class Written:
    """The mail of one language as somebody would get it, read back from its bytes; `flaw` when it cannot be built."""

    language: str
    html: str = ""
    text: str = ""
    headers: str = ""
    opt_out: str = ""
    flaw: str = ""


def written(campaign: Campaign, version: Version, language: str) -> Written:
    """As somebody would get it."""
    base = config().public_url
    opt_out = f"{base}/u/{TOKEN}"
    links = {name: f"{base}/s/{TOKEN}/{name}" for name in ("survey", "not_me", "decoy")}
    mail = letters.written_as(letters.words_of(campaign, version, language))
    filled = mail.filled(links | {"opt_out": opt_out, "greeting": "–"})
    headers = letters.headers_of(campaign, opt_out)
    try:
        letter = letters.letter(campaign.brand, filled, language, to=("", NOBODY), headers=headers)
        data = letter.as_sent("<0@example.com>", clock.now())
    except Unbuildable as error:
        return Written(language, flaw=str(error))
    shown, found = read(data), message_from_bytes(data, policy=policy.default)
    kept = f"{found['List-Unsubscribe']} {found['List-Unsubscribe-Post']}"
    return Written(language, shown.html, shown.text, kept, opt_out)


def promotion_words(texts: Iterable[str]) -> list[str]:
    """The words of an advertisement in these texts, in either language, each once."""
    found = (hit[0] for text in texts for words in PROMOTION.values() for hit in words.finditer(text))
    return list(dict.fromkeys(found))


def texts_in(written: Mapping[str, Any]) -> list[str]:
    """Every text of a wording, whatever it is for."""
    values = [each for value in written.values() for each in (value if isinstance(value, list) else [value])]
    return [each for each in values if isinstance(each, str)]


def broken_links(html: str, public_url: str) -> list[str]:
    """Links of a mail that cannot be followed from it, and those that are open to be read where ours are not."""
    must_be_safe = public_url.startswith("https:")
    return sorted({link for link in _LINK.findall(html) if not _is_whole(link, must_be_safe=must_be_safe)})


def _is_whole(link: str, *, must_be_safe: bool) -> bool:
    parts = urlsplit(link)
    if parts.scheme == "mailto":
        return "@" in parts.path
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and not must_be_safe))


def foreign_links(texts: Iterable[str], brand: Brand, public_url: str, allowed: Iterable[str] = ()) -> list[str]:
    """Addresses somebody typed that lead to other people's sites, except those an administrator allows (X-08)."""
    ours = {urlsplit(address).hostname or "" for address in (public_url, brand.contact_url, brand.privacy_url)}
    ours |= set(allowed)
    ours |= {address.rpartition("@")[2] for address in (brand.sender_address, brand.reply_address)}
    typed = {link for text in texts for link in _TYPED.findall(text)}
    return sorted(link for link in typed if not _is_among(_host(link), ours - {""}))


def _host(link: str) -> str:
    return (urlsplit(link if "://" in link else f"https://{link}").hostname or "").lower()


def _is_among(host: str, ours: Iterable[str]) -> bool:
    """Whether it is one of our hosts, or a part of one."""
    return any(host == each or host.endswith(f".{each}") for each in ours)
