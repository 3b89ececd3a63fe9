"""The ready wording in Japanese, to the letter as the wording document has it."""

from __future__ import annotations

from typing import Any, Final

_EASE = "{company}の対応のおかげで、用件を簡単に済ませることができた。"

_OPENING = (
    "{greeting}\n\n"
    "いつも{product}をご利用いただき、誠にありがとうございます。\n"
    "{company}の{sender}です。\n\n"
    "サービス改善のため、アンケートへのご協力をお願いいたします。\n"
)
_ENDING = (
    "回答期限：{deadline}\n"
    "ご回答は、お名前とあわせて弊社の担当の者が拝見し、サービスの改善とご連絡のために利用いたします。\n\n"
    "よろしくお願いいたします。\n"
    "{signature}"
)

LETTER: Final = (
    _OPENING + "当てはまる数字を押すと、回答画面が開きます（全2問・約1分。2問目は任意です）。\n\n{scale}\n\n" + _ENDING
)
FORM_LETTER: Final = _OPENING + "次のリンクを押すと、回答画面が開きます（全1問・約1分）。\n\n{scale}\n\n" + _ENDING

SHARED: Final[dict[str, Any]] = {
    "why_bad": "差し支えなければ、その点数にされた理由をお聞かせください。",
    "why_middle": "さらに良くするために、改善してほしい点があればお聞かせください。",
    "why_good": "特に良いと感じられた点をお聞かせください。",
    "consent": "ご回答の内容について、担当の者からご連絡を差し上げてもよろしいでしょうか。",
    "consent_yes": "はい",
    "consent_no": "いいえ、連絡は不要です",
    "identity": "ご回答は、お名前とあわせて{company}の担当の者が拝見します。",
    "thanks": "ご回答いただき、ありがとうございました。{date}まで、このページで変更できます。",
    "thanks_worst": "ご不便をおかけし、申し訳ございません。",
    "thanks_contact": "{days}以内に、担当の{name}よりご連絡いたします。",
    "subject": "【{product}】1分アンケートのお願い（{deadline_short}まで）",
    "letter": LETTER,
    "labels": [],
}


def _worded(question: str, labels: str) -> dict[str, Any]:
    each = labels.split("・")
    return {"question": question, "low": each[0], "high": each[-1], "labels": each}


_LIKELY = {"low": "可能性はまったくない", "high": "可能性は非常に高い"}

QUESTIONS: Final[dict[str, dict[str, Any]]] = {
    "nps-default": {
        "question": "{product}を、同僚やお知り合いの企業の方に薦める可能性は、どのくらいありますか？",
        **_LIKELY,
    },
    "nps-classic": {"question": "{product}を、友人や同僚に薦める可能性は、どのくらいありますか？", **_LIKELY},
    "ces-default": _worded(
        "今回のお問い合わせが解決するまでに、どのくらいお手間がかかりましたか？",
        "ほとんどかからなかった・あまりかからなかった・どちらともいえない・ややかかった・とてもかかった",
    ),
    "ces2-default": _worded(
        _EASE,
        "まったくそう思わない・そう思わない・あまりそう思わない・どちらともいえない・ややそう思う・そう思う・とてもそう思う",
    ),
    "ease5-default": _worded(_EASE, "まったくそう思わない・そう思わない・どちらともいえない・そう思う・とてもそう思う"),
    "csat-default": _worded(
        "{subject}に、全体としてどの程度ご満足いただけましたか？", "不満・やや不満・どちらともいえない・やや満足・満足"
    ),
    "goal-default": _worded(
        "{product}で実現したいとお考えだったことは、どの程度実現できていますか？",
        "まったくできていない・あまりできていない・一部できている・おおむねできている・十分にできている",
    ),
    "form-default": {
        "question": "{product}について、お気づきの点をお聞かせください。",
        "low": "",
        "high": "",
        "why_bad": "",
        "why_middle": "",
        "why_good": "ひとことでもかまいません。ご自由にお書きください。",
        "thanks_worst": "",
        "letter": FORM_LETTER,
    },
}

NAMES: Final = {
    "nps-default": "NPS：同僚やお知り合いの企業に薦めるか",
    "nps-classic": "NPS：友人や同僚に薦めるか（従来の設問）",
    "ces-default": "CES：解決までのお手間",
    "ces2-default": "CES 2.0：簡単に済んだか（1〜7）",
    "ease5-default": "簡単さ：簡単に済んだか（1〜5）",
    "csat-default": "CSAT：全体としての満足度",
    "goal-default": "目標：実現したいことの達成度",
    "form-default": "フォーム：ご意見（点数なし）",
}
