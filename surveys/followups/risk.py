"""Words that say a customer may leave, or wants to be called back; and the ways of saying that one does not.

A word inside a denial (「解約は考えていません」, "no plans to cancel") is no risk.
When in doubt it fires: a person reads it.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Japanese: nouns that can be denied, and sayings that are what they are.
_NOUNS_JA: Final = (
    "解約|乗り?換え?+|乗りかえ|返金|弁護士|見直し|継続を検討|継続するか|更新しない|更新しません|更新はしない|更新はしません|"
    "他社|切り?替え?+|リプレース|相見積(?:もり|り)?|話が違[うい]|話が違った|上に報告|上司に報告|正直厳しい|正直きびしい|残念"
)
_SAYINGS_JA: Final = (
    "何度も|返信がない|返信が無い|返信がありません|返信が来ない|返事がない|返事がありません|"
    "つながらない|繋がらない|つながりません|繋がりません"
)
# What may stand between a word and its denial: particles and the verb it makes, nothing that starts a new thought.
_BETWEEN_JA: Final = (
    "(?:は|を|も|が|の|に|へ|と|まで|など|とか|なんて|する|した|したい|こと|という|ような|"
    "全く|まったく|特に|一切|今のところ|現在|当面)*"
)
_DENIALS_JA: Final = (
    "(?:考え|検討し|予定し|想定し|希望し|望んで|視野に入れ|求め)(?:ては|て|で)?(?:い|お)?(?:り)?(?:ない|ません)",
    "(?:つもり|予定|気|気持ち|意思|意向|考え|検討|話|必要|可能性|心配|計画)(?:は|も|が|など)?(?:全く|まったく|一切)?"
    "(?:ない|なく|なし|無い|無し|ありません|ございません)(?!と(?:困|言い切れ|は))",
    "(?:しない|しません|いたしません)(?!と|ければ|か|限り|で済)",
    "(?:必要では?ない|必要ありません|不要|無用|いりません|要りません)",
    "(?:る?ほど|の?話)?(?:では|じゃ|とは思わ|とは思い)(?:ない|ありません|ません|なく)(?!か|でしょう)",
    "(?:ありません|ございません)(?!か)",
)
_RISK_JA: Final = re.compile(
    f"(?:{_NOUNS_JA})(?!{_BETWEEN_JA}(?:{'|'.join(_DENIALS_JA)}))|(?:{_SAYINGS_JA})(?!ことは(?:ない|ありません))"
)

_RISK_EN: Final = re.compile(
    r"\b(?:"
    r"cancel(?:l?ing|l?ed|lation|s)?|terminat(?:e|ing|ion)|churn(?:ing)?|"
    r"leav(?:e|ing) (?:you|for|the (?:product|service))|leaving|"
    r"switch(?:ing)? (?:to|away|over|providers?|suppliers?|vendors?)|mov(?:e|ing) (?:away|to (?:a|another))|"
    r"competitors?|alternatives?|look(?:ing)? elsewhere|replac(?:e|ing) (?:you|it|this|the (?:product|system|tool))|"
    r"refunds?|money back|lawyers?|attorney|legal action|sue|suing|breach of contract|non-renewal|"
    r"(?:not|never|no longer) (?:be |going to |planning to |want to |intend to |sure we will )?(?:be )?renew(?:ing)?|"
    r"reconsider(?:ing)?|rethink(?:ing)?|escalat(?:e|ed|ing)|complain(?:t|ts|ed)? to (?:my|our|your)|"
    r"no (?:reply|replies|response|answer)|nobody (?:replies|answers|responds)|"
    r"never (?:replied|answered|responded|got back)|"
    r"unacceptable|last straw|fed up|over and over|again and again|disappoint(?:ed|ing|ment)"
    r")\b"
    r"|n't (?:be |going to |planning to |want to |intend to )?(?:be )?renew(?:ing)?\b"
)
# The words between "not" and the word denied: only those that plan, want or think; anything else starts a new thought.
_PLANNING: Final = (
    "going|to|planning|plans?|planned|thinking|thought|about|of|considering|considered|consider|looking|look|want|wants|wanted|wanting|"
    "wish|intend|intending|intentions?|need|needed|asking|ask|for|a|an|any|the|be|being|at|all|yet|currently|really|think|would|"
    "will|ever|my|our|we|are|am|is|i|talk|talking|reason|reasons|us|in|into|even|it|this|that"
)
_DENIAL_EN: Final = re.compile(
    r"(?:\b(?<!can)(?<!can )(?<!could )not\b|(?<!ca)(?<!could)n't\b|\bnever\b|\bno\b|\bwithout\b|\bnor\b|\bnothing\b)"
    rf"(?! only)(?:\s+(?:{_PLANNING}))*\s*$"
)
# Sayings that carry their own "not" and cannot be denied by it.
_OWN_NOT: Final = re.compile(r"^(?:not|n't|never|no|nobody|non-)\b")

_WISH: Final = re.compile(
    r"(?:ご?連絡|お?電話|お?返事|ご?返信|折り?返し)を?(?:ください|下さい|いただけ|頂け|お願い|待って|お待ち|ほしい|欲しい)|"
    r"(?<!not )(?<!n't )\b(?:please (?:call|contact|phone|ring|write to|reach out to|get (?:back to|in touch with))|"
    r"(?:call|contact|phone|reach out to) me|get in touch with me|get back to (?:me|us)|call us back|"
    r"give (?:me|us) a call)\b"
)


def words_in(comment: str) -> list[str]:
    """The risk words of a comment as they stand in it, each once, in their order; denied ones left out."""
    text = _plain(comment)
    found = [match[0] for match in _RISK_JA.finditer(text)]
    found += [match[0] for match in _RISK_EN.finditer(text) if not _is_denied(text, match)]
    return list(dict.fromkeys(found))


def is_risky(comment: str) -> bool:
    return bool(comment) and bool(words_in(comment))


def wishes_contact(comment: str) -> bool:
    """Whether the customer asks in so many words to be called or written back."""
    return bool(comment) and _WISH.search(_plain(comment)) is not None


def _plain(text: str) -> str:
    """One form for full-width and half-width letters and for the many apostrophes."""
    return " ".join(unicodedata.normalize("NFKC", text).replace("’", "'").lower().split())


def _is_denied(text: str, match: re.Match[str]) -> bool:
    clause = re.split(r"[.,;:!?()\n]| but | and | or else ", text[: match.start()])[-1]
    return not _OWN_NOT.match(match[0]) and _DENIAL_EN.search(clause) is not None
