"""The ready wording, and what may stand in braces."""

from __future__ import annotations

import pytest

from surveys.lib.errors import Invalid
from surveys.questionnaires import kinds, ready, wording
from surveys.questionnaires.actions import refuse_unknown

pytestmark = pytest.mark.only("sqlite")  # pages and words: they ask nothing of one database alone

KEYS = [
    "nps-default",
    "nps-classic",
    "ces-default",
    "ces2-default",
    "ease5-default",
    "csat-default",
    "goal-default",
    "form-default",
]
POINTS = {row["key"]: 0 if row["low"] is None else len(range(row["low"], row["high"] + 1)) for row in kinds.rows()}
HOSTILE = [
    "{{7*7}}",
    "{x.__class__}",
    "{product.name}",
    "{product!r}",
    "{0}",
    "{}",
    "{ product }",
    "{PRODUCT}",
    "{name}",
    "{% for a in b %}{a}{% endfor %}",
    "${jndi:ldap}",
]


def test_every_ready_questionnaire_is_there_once():
    assert [each.key for each in ready.everything()] == KEYS


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_ready_wording_is_complete_and_uses_only_known_placeholders(key, language):
    texts = ready.wording(key)[language]
    assert wording.missing(texts, POINTS[key.partition("-")[0]]) == []
    assert [found for name in wording.ALLOWED for found in wording.unknown(name, texts[name])] == []


@pytest.mark.parametrize("key", KEYS)
def test_wording_follows_the_rules_of_both_languages(key):
    for language, texts in ready.wording(key).items():
        words = " ".join(str(text) for text in texts.values())
        assert "!" not in words
        assert "！" not in words
        assert not any(word in words.lower() for word in ("detractor", "promoter", "批判者", "推奨者"))
        if language == "ja":
            assert not any(sign in words for sign in "?()")


def test_the_questions_are_those_of_the_wording_document():
    said = {key: {code: texts["question"] for code, texts in ready.wording(key).items()} for key in KEYS}
    assert said["nps-default"]["en"] == (
        "How likely are you to recommend {product} to a colleague or to someone at another company?"
    )
    assert (
        said["nps-default"]["ja"] == "{product}を、同僚やお知り合いの企業の方に薦める可能性は、どのくらいありますか？"
    )
    assert said["ces-default"]["en"] == "How much effort did it take you to get your request resolved?"
    assert said["ces2-default"]["ja"] == "{company}の対応のおかげで、用件を簡単に済ませることができた。"
    assert said["csat-default"]["ja"] == "{subject}に、全体としてどの程度ご満足いただけましたか？"


def test_worded_scales_have_a_word_for_each_point():
    labels = ready.wording("csat-default")
    assert labels["en"]["labels"] == ["Very dissatisfied", "Dissatisfied", "Neither", "Satisfied", "Very satisfied"]
    assert labels["ja"]["labels"] == ["不満", "やや不満", "どちらともいえない", "やや満足", "満足"]
    assert len(ready.wording("ces2-default")["ja"]["labels"]) == 7


@pytest.mark.parametrize("text", HOSTILE)
def test_anything_unknown_in_braces_is_refused(text):
    with pytest.raises(Invalid):
        refuse_unknown({"question": f"Well {text}?"})


def test_a_letter_needs_the_question_exactly_once():
    for letter in ("{greeting} Hello", "{scale} and {scale}"):
        with pytest.raises(Invalid):
            refuse_unknown({"letter": letter})
    refuse_unknown({"letter": "{greeting}\n\n{scale}"})


@pytest.mark.parametrize("value", ["{company}", "{{company}}", "\\1", "%(company)s", "<b>", "{"])
def test_values_are_never_looked_at_again(value):
    filled = wording.fill("{product} of {company}", {"product": value, "company": "Minato"})
    assert filled == f"{value} of Minato"


def test_a_placeholder_without_a_value_stays_for_later():
    assert wording.fill("until {date}", {}) == "until {date}"


def test_a_letter_is_taken_apart_around_the_question():
    letter = wording.letter("Hello,\r\n\r\none\r\ntwo\n\n{scale}\n\n\n\nBye")
    assert letter.before == (("Hello,",), ("one", "two"))
    assert letter.after == (("Bye",),)


def test_the_second_question_goes_by_segment():
    said = wording.said(ready.wording("nps-default")["en"], "en", {})
    assert (said.why("bad"), said.why("middle"), said.why("good")) == (
        "If you like, tell us the reason for your score.",
        "What could we improve?",
        "What do you value most?",
    )


def test_missing_texts_are_named():
    texts = ready.wording("csat-default")["en"] | {"thanks": " ", "labels": ["one"]}
    assert wording.missing(texts, 5) == ["thanks", "labels"]
    assert not wording.is_complete(texts, 5)
    assert wording.is_complete(ready.wording("form-default")["ja"], 0)
