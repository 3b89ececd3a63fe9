"""Risk words in both languages, and the denials that must not fire (wording.md)."""

from __future__ import annotations

import pytest

from surveys.followups import risk

pytestmark = pytest.mark.only("sqlite")  # pages and words: they ask nothing of one database alone

RISKY = (
    "改修後、打刻漏れが増えました。社内では見直しの話も出ています。",
    "解約を考えています",
    "解約したい",
    "このままなら解約します。",
    "解約せざるを得ません",
    "解約しないと言い切れません",
    "来期は乗り換えを検討しています",
    "乗換先を探しています",
    "返金してください",
    "弁護士に相談します",
    "継続を検討中です",
    "次は更新しないと思います",
    "更新しません",
    "他社の見積もりを取りました",
    "他社に切り替えます",
    "切替を進めています",
    "リプレースの話が出ました",
    "相見積もりを取っています",
    "最初の話が違います",
    "何度も同じことを聞かれる",
    "返信がない",
    "電話が全然つながらない。",
    "電話が繋がりません",
    "上に報告します",
    "正直厳しいです",
    "とても残念です",
    "解約は考えていませんが、他社の話も聞いています",
    "改善がなければ解約も視野に入れています",
    "ﾘﾌﾟﾚｰｽ検討中",
    "We are thinking of cancelling.",
    "We will cancel our contract",
    "I want a refund",
    "We'll switch to another tool",
    "We are looking at alternatives",
    "Our lawyer will write to you",
    "We won't renew",
    "We will not be renewing this year",
    "We can't cancel soon enough",
    "We have no choice but to cancel",
    "I could not cancel the extra seats",
    "Nobody answers, this is the last straw",
    "Support was not helpful, we may leave for a competitor",
    "I’m disappointed",
    "not only cancelling but asking for money back",
    "We got no reply for two weeks.",
    "I will escalate this",
)
CALM = (
    "",
    "可もなく不可もなく。",
    "特になし",
    "CSVの項目を並べ替えられると助かります。",
    "解約は考えていません",
    "解約は考えておりません。",
    "解約は考えてません",
    "解約を検討していません",
    "解約するつもりはありません",
    "解約する気はない",
    "解約の予定はございません。",
    "解約の予定はありませんが、もう少し安いと助かります",
    "解約はしません",
    "今のところ解約は全く考えていません",
    "乗り換えの予定はない",
    "返金は不要です",
    "返金は必要ありません",
    "見直しは不要です",
    "切り替えるほどではない",
    "他社は検討していません",
    "残念ではありません",
    "弁護士の話ではありません",
    "リプレースの予定はありません",
    "We are not going to cancel",
    "No plans to cancel.",
    "We don't want to cancel",
    "I don't want a refund",
    "not thinking of leaving",
    "We never thought of leaving",
    "We have no intention of switching to another tool",
    "We won’t be cancelling",
    "without cancelling",
    "not looking for alternatives",
    "Renewal is fine, just make it faster",
    "We aren't considering any competitors",
    "It is OK",
)


@pytest.mark.parametrize("comment", RISKY)
def test_a_threat_is_heard(comment: str):
    assert risk.is_risky(comment), comment


@pytest.mark.parametrize("comment", CALM)
def test_what_is_no_threat_stays_quiet(comment: str):
    assert risk.words_in(comment) == []


@pytest.mark.parametrize(
    "comment",
    [
        "ご連絡ください",
        "一度お電話いただけますか",
        "折り返しお願いします",
        "Please call me",
        "please get back to us",
        "Can you contact me?",
    ],
)
def test_a_wish_to_be_contacted_is_heard(comment: str):
    assert risk.wishes_contact(comment)


@pytest.mark.parametrize(
    "comment",
    [
        "",
        "連絡は不要です",
        "ご連絡ありがとうございました",
        "do not contact me",
        "Nobody called",
        "Thanks for your call",
    ],
)
def test_no_wish_is_heard_where_there_is_none(comment: str):
    assert not risk.wishes_contact(comment)


def test_the_words_found_are_shown_as_they_were_written():
    assert risk.words_in("見直しの話も出ています。解約も、見直しも。") == ["見直し", "解約"]
