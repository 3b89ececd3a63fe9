"""What the comments are about: the keys of the demo's tags."""

from __future__ import annotations

from typing import Final

CSV, CLOCK, SLOW, SUPPORT, PHONE, PRICE, MOBILE, APPROVAL, SETUP, LINK, LEAVE, EASY = (
    *("csv", "clock", "slow", "support", "phone", "price"),
    *("mobile", "approval", "setup", "link", "leave", "easy"),
)
NONE: Final = ""

# Tags of the demo: key → (name in Japanese, name in English, key of the tag above).
TAGS: Final[dict[str, tuple[str, str, str]]] = {
    "function": ("機能", "Functions", ""),
    "quality": ("品質", "Quality", ""),
    "service": ("サービス", "Service", ""),
    CSV: ("帳票・CSV", "Reports and CSV", "function"),
    APPROVAL: ("申請・承認", "Approvals", "function"),
    LEAVE: ("休暇管理", "Leave", "function"),
    LINK: ("外部連携", "Integrations", "function"),
    MOBILE: ("スマホアプリ", "Mobile app", "function"),
    CLOCK: ("打刻", "Clocking in", "quality"),
    SLOW: ("表示速度", "Speed", "quality"),
    EASY: ("使いやすさ", "Ease of use", "quality"),
    SUPPORT: ("サポート対応", "Support", "service"),
    PHONE: ("電話窓口", "Phone line", "service"),
    PRICE: ("料金", "Price", "service"),
    SETUP: ("導入支援", "Onboarding help", "service"),
}
