"""What the customers of the demo company say, as people write it: by language, occasion and side, with its tag."""

from __future__ import annotations

from typing import Final

from surveys.demo.comments import english, japanese
from surveys.demo.comments.topics import CSV as CSV
from surveys.demo.comments.topics import TAGS as TAGS

COMMENTS: Final = {
    ("ja", "nps", "bad"): japanese.JA_BAD,
    ("ja", "nps", "middle"): japanese.JA_MIDDLE,
    ("ja", "nps", "good"): japanese.JA_GOOD,
    ("ja", "ces", "bad"): japanese.JA_EFFORT_BAD,
    ("ja", "ces", "middle"): japanese.JA_EFFORT_BAD,
    ("ja", "ces", "good"): japanese.JA_EFFORT_GOOD,
    ("ja", "csat", "bad"): japanese.JA_EVENT[6:],
    ("ja", "csat", "middle"): japanese.JA_EVENT[1:4],
    ("ja", "csat", "good"): japanese.JA_EVENT[:6],
    ("en", "nps", "bad"): english.EN_BAD,
    ("en", "nps", "middle"): english.EN_MIDDLE,
    ("en", "nps", "good"): english.EN_GOOD,
    ("en", "ces", "bad"): english.EN_EFFORT_BAD,
    ("en", "ces", "middle"): english.EN_EFFORT_BAD,
    ("en", "ces", "good"): english.EN_EFFORT_GOOD,
    ("en", "csat", "bad"): english.EN_EVENT[3:],
    ("en", "csat", "middle"): english.EN_EVENT[1:2],
    ("en", "csat", "good"): english.EN_EVENT[:3],
}
