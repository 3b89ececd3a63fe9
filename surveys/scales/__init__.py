"""The arithmetic of scores: scales, segments, intervals and tests of change; pure, from exact counts.

Formulae and their sources stand beside each function. Nothing here knows a database, a page or a word of text.
"""

from surveys.scales.change import MIN_ANSWERS, Change, Verdict, change, holm, paired_change
from surveys.scales.intervals import Interval, sample_size, shrunk, t_quantile, wilson, z_for
from surveys.scales.means import mean_interval, mean_of, variance_of
from surveys.scales.nps import Tally, adjusted_wald, score_tango
from surveys.scales.rounding import rounded
from surveys.scales.scale import SCALES, Direction, Gravity, Headline, NotAScore, Scale, Segment, gravity, parse_score
from surveys.scales.summary import MixedScales, Reading, Split, Summary, pooled, summary

__all__ = [
    "MIN_ANSWERS",
    "SCALES",
    "Change",
    "Direction",
    "Gravity",
    "Headline",
    "Interval",
    "MixedScales",
    "NotAScore",
    "Reading",
    "Scale",
    "Segment",
    "Split",
    "Summary",
    "Tally",
    "Verdict",
    "adjusted_wald",
    "change",
    "gravity",
    "holm",
    "mean_interval",
    "mean_of",
    "paired_change",
    "parse_score",
    "pooled",
    "rounded",
    "sample_size",
    "score_tango",
    "shrunk",
    "summary",
    "t_quantile",
    "variance_of",
    "wilson",
    "z_for",
]
