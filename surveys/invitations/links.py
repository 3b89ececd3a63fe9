"""Where the links of a mail lead: addresses of the brand, and marks for what differs from person to person."""

from __future__ import annotations

from dataclasses import dataclass

from surveys.lib.links import web_or_none
from surveys.settings.models import Brand

FOOT = {
    "en": ("Contact", "Privacy", "Not the right person?", "Unsubscribe or change how often"),
    "ja": ("お問い合わせ", "個人情報の取り扱い", "ご担当の変更", "配信停止・回数の変更"),
}


@dataclass(frozen=True)
class Links:
    """Where a mail's links lead: addresses, or marks to be filled in."""

    survey: str = "@@survey@@"
    not_me: str = "@@not_me@@"
    opt_out: str = "@@opt_out@@"
    decoy: str = "@@decoy@@"
    contact: str = ""
    privacy: str = ""
    language: str = "en"

    @property
    def between(self) -> str:
        return "｜" if self.language == "ja" else " · "

    @property
    def colon(self) -> str:
        return "：" if self.language == "ja" else ": "

    @property
    def foot(self) -> list[tuple[str, str]]:
        """The small print, in its order; what an installation does not have is left out."""
        addresses = (self.contact, self.privacy, self.not_me, self.opt_out)
        return [(label, href) for label, href in zip(FOOT[self.language], addresses, strict=True) if href]


def links_of(brand: Brand, language: str) -> Links:
    contact = web_or_none(brand.contact_url) or f"mailto:{brand.answers_to}"
    return Links(contact=contact, privacy=web_or_none(brand.privacy_url), language=language)
