"""The words of the product in both languages: what the glossary shows."""

from __future__ import annotations

from typing import Final

# English word, Japanese word, what it means in English, in Japanese.
WORDS: Final = (
    ("account", "取引先", "A company that is your customer.", "自社のお客様である会社です。"),
    ("contact", "取引先担当者", "A person at an account.", "取引先で窓口となる方です。"),
    ("owner", "自社担当", "Your colleague who looks after an account.", "取引先を受け持つ自社の担当者です。"),
    (
        "tier (touch model)",
        "タッチ区分",
        "How closely you work with an account: high touch (few, personal), low touch (one to many), tech touch.",
        "取引先との関わり方です。ハイタッチ（個別に手厚く）・ロータッチ（一対多）・テックタッチ（仕組みで）に分けます。",
    ),
    (
        "phase",
        "フェーズ",
        "Where an account stands: trial, onboarding, adoption, expansion, churned.",
        "取引先の段階です。トライアル・オンボーディング・アダプション・エクスパンション・解約があります。",
    ),
    (
        "questionnaire",
        "アンケート",
        "One scored question with its wording in each language.",
        "点数で答える設問と、各言語の文面です。",
    ),
    (
        "kind",
        "指標",
        "The scale a question belongs to: NPS, CES, CSAT and others.",
        "設問の尺度です。NPS・CES・CSATなどがあります。",
    ),
    ("campaign", "配信", "Asking many people the same question.", "同じ設問を多くの方に送ることです。"),
    (
        "invitation",
        "回答依頼",
        "One campaign asking one person; it owns the personal link.",
        "配信のうちお一人あての依頼で、専用のリンクを持ちます。",
    ),
    (
        "open link",
        "公開リンク",
        "An address that anybody may answer at, such as a code at a seminar; its answers are kept apart.",
        "セミナーのQRコードなど、どなたでも回答できるアドレスです。回答は別に集計します。",
    ),
    ("response", "回答", "What came back: a score and perhaps some words.", "返ってきた点数とコメントです。"),
    (
        "segment",
        "回答区分",
        "For NPS: promoter (9–10), passive (7–8), detractor (0–6). Other kinds: good, middle, bad.",
        "NPSでは推奨者（9～10）・中立者（7～8）・批判者（0～6）。他の指標では高い・中間・低いに分けます。",
    ),
    (
        "case",
        "フォロー案件",
        "A conversation you owe a customer, with a due date.",
        "お客様へのご連絡が必要な案件で、期限があります。",
    ),
    (
        "light follow-up",
        "ひとこと対応",
        "An answer to read and tick off, without a due date.",
        "読んで確認済みにする回答です。期限はありません。",
    ),
    ("tag", "タグ", "What an answer is about, in a word.", "回答が何についてのものかを一言で表します。"),
    (
        "NPS",
        "NPS",
        "Promoters in percent minus detractors in percent, −100 to 100.",
        "推奨者の割合から批判者の割合を引いた値で、−100～100です。",
    ),
    (
        "CES",
        "CES",
        "How much effort it took the customer, 1 to 5. Lower is better. CES 2.0 asks the other way round, 1 to 7.",
        "お客様がかけた手間を1～5で尋ねます。低いほど良い指標です。CES 2.0は1～7で、高いほど良い指標です。",
    ),
    ("CSAT", "CSAT", "The share of answers 4 and 5 of 5.", "5段階のうち4と5の回答の割合です。"),
    (
        "interval",
        "信頼区間",
        "Where the score would lie if you had asked everybody; 95 times in 100 this range holds it.",
        "全員に尋ねた場合の値が含まれると考えられる範囲です（95%）。",
    ),
    (
        "within noise",
        "誤差の範囲内",
        "A difference that can come about by chance alone.",
        "偶然だけでも起こりうる差です。",
    ),
    ("churn", "解約（チャーン）", "A customer leaves.", "お客様が契約を終えることです。"),
    ("health score", "ヘルススコア", "How well an account does, as an advice.", "取引先の状態の目安です。"),
    ("playbook", "プレイブック", "Agreed steps for a situation.", "状況ごとに決めておく手順です。"),
)
