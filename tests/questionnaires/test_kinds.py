"""Kinds of one's own: cut into three like the delivered ones, fixed once used, and the same rules everywhere."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from surveys.browse import exports
from surveys.browse.queries import Selection
from surveys.followups.models import Case, Lane
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.errors import Refused
from surveys.measures.queries import Scope, counts, drift
from surveys.questionnaires import actions, kinds, queries
from surveys.questionnaires.models import Kind, Questionnaire
from surveys.reports import proof
from surveys.reports.queries import Period, scores
from surveys.reports.trends import trend
from surveys.scales import SCALES, Direction, Gravity, Headline, Segment, gravity, summary
from tests import factories
from tests.intake.customers import answer

ORDER = {Segment.BAD: 0, Segment.MIDDLE: 1, Segment.GOOD: 2}
THUMBS = {
    "key": "pain",
    "name": "Pain",
    "name_ja": "つらさ",
    "low": "0",
    "high": "6",
    "direction": "lower",
    "bad": "4",
    "good": "1",
    "worst": "6",
    "headline": "mean",
    "about": "event",
}


@st.composite
def any_kind(draw):
    """Every kind the form lets pass."""
    low = draw(st.integers(0, 9))
    high = draw(st.integers(low + 1, 10))
    bad = draw(st.integers(low, high - 1))
    good = draw(st.integers(bad + 1, high))
    worst = draw(st.integers(low, bad))
    direction = draw(st.sampled_from(Direction))
    if direction is Direction.LOWER:  # the same seen from the other end
        bad, good, worst = (low + high - end for end in (bad, good, worst))
    ranges = kinds.cut((low, high), direction, bad=bad, good=good, worst=worst)
    headline = draw(st.sampled_from(Headline))
    return Kind(key="own", low=low, high=high, direction=direction.value, segments=ranges, headline=headline.value)


@given(any_kind())
def test_segments_cut_the_scale_and_a_better_answer_is_never_in_a_worse_one(kind):
    better = kind.points if kind.direction == Direction.HIGHER else kind.points[::-1]
    places = [ORDER[kind.segment(score)] for score in better]
    assert places == sorted(places)
    assert {places[0], places[-1]} == {0, 2}
    gravities = [gravity(kind.segments, score) for score in better]
    assert gravities == sorted(gravities, reverse=True)
    assert gravities[0] is Gravity.WORST
    assert all(kind.segment(score) is Segment.BAD for score in better if kind.is_worst(score))
    assert all(bool(gravity(kind.segments, score)) == kind.is_worst(score) for score in better)


@given(any_kind(), st.data())
def test_counts_and_summary_agree_for_any_kind(kind, data):
    counted = data.draw(st.lists(st.integers(0, 20), min_size=len(kind.points), max_size=len(kind.points)))
    found = summary(kind.scale, counted)
    by_hand = dict.fromkeys(Segment, 0)
    for score, number in zip(kind.points, counted, strict=True):
        by_hand[kind.segment(score)] += number
    assert found.n == sum(counted)
    assert {segment: kind.scale.count(segment, counted) for segment in Segment} == by_hand
    if found.n:
        low, high = kind.scale.limits
        assert low <= found.score <= high
        assert sum((found.split.good, found.split.middle, found.split.bad)) == 100
        if kind.headline == Headline.NPS:
            assert found.score * found.n == 100 * (by_hand[Segment.GOOD] - by_hand[Segment.BAD])


@given(any_kind())
def test_what_the_form_shows_of_a_kind_makes_the_same_kind_again(kind):
    ends = kinds.ends(kind.segments, kind.direction)
    assert kinds.cut((kind.low, kind.high), Direction(kind.direction), **ends) == kind.segments


def test_the_delivered_kinds_apologise_where_they_always_did():
    rows = {row["key"]: row["segments"] for row in kinds.rows() if row["segments"]}
    very_low = {key: [s for s in SCALES[key].scores if gravity(rows[key], s)] for key in rows}
    worst = {key: [s for s in SCALES[key].scores if gravity(rows[key], s) is Gravity.WORST] for key in rows}
    ones = {"ease5": [1], "csat": [1], "goal": [1]}
    assert very_low == {"nps": [0, 1, 2, 3, 4], "ces": [5], "ces2": [1, 2], **ones}
    assert worst == {"nps": [0, 1, 2], "ces": [5], "ces2": [1], **ones}


def add(admin, **values):
    return admin.post("/settings/kinds/new", data=THUMBS | values)


def test_an_administrator_adds_a_kind_and_a_lead_asks_with_it(admin, lead):
    assert add(admin).status_code == 303
    assert "Pain" in admin.get("/settings/kinds").text
    assert add(admin).status_code == 400, "a key is there once"
    page = lead.get("/questionnaires/new").text
    assert "Pain: the question is still to write" in page
    assert lead.post("/questionnaires/new", data={"name": "Pain", "like": "kind:pain"}).status_code == 303
    made = db.session.scalars(select(Questionnaire).where(Questionnaire.kind_key == "pain")).one()
    version = queries.latest(made)
    assert {"question", "low", "high"} <= set(version.missing("en"))
    assert "thanks" not in version.missing("ja")
    assert lead.get(f"/questionnaires/{made.id}").status_code == 200
    assert "A word for each point" in lead.get(f"/questionnaires/{made.id}/wording/en").text


@pytest.mark.parametrize(
    "wrong",
    [
        {"low": "-1"}, {"high": "11"}, {"low": "6", "high": "6"}, {"low": "7"}, {"key": "Pain!"}, {"key": ""},
        {"key": "nps"}, {"bad": "0"}, {"good": "5"}, {"worst": "3"}, {"direction": "up"}, {"headline": "sum"},
        {"name_ja": ""}, {"bad": "x"}, {"direction": "higher"},
    ],
)  # fmt: skip
def test_what_is_no_scale_is_refused_and_kept(admin, wrong):
    page = add(admin, **wrong)
    assert (page.status_code, db.session.get(Kind, "pain")) == (400, None)
    assert f'value="{({**THUMBS, **wrong})["name"]}"' in page.text


def pain(admin) -> Questionnaire:
    add(admin)
    kind = db.session.get_one(Kind, "pain")
    made = actions.create_of_kind("Pain", kind)
    for language in ("en", "ja"):
        texts = dict.fromkeys(("question", "low", "high", "why_bad", "why_middle", "why_good", "thanks_worst"), "Hurt?")
        actions.reword(made, language, texts)
    db.session.commit()
    return made


def invite(made: Questionnaire, **values):
    campaign = factories.make_campaign(key=made.key)
    return factories.make_invitation(campaign=campaign, **values)


def test_it_follows_the_same_rules_from_the_page_to_the_export(admin, client, lead):
    made = pain(admin)
    asked = clock.now()
    for score in (0, 1, 2, 3, 4, 6):
        with clock.at(asked):
            answer(client, invite(made), score, "Words of a customer")
    lanes = dict(db.session.execute(select(Case.reason, Case.lane)).all())
    assert lanes == {"very_low": Lane.CASE, "low": Lane.LIGHT}
    number = counts(Scope())["pain"]
    wrong = [fault for fault in proof.faults() if "add up" not in fault.name]  # their mails were never sent
    assert (number.n, drift(), wrong) == (6, [], [])
    period = Period(30, clock.today("Asia/Tokyo"))
    (score,) = scores(period)
    assert (score.kind.key, score.summary.score, score.summary.scale.direction) == ("pain", Fraction(16, 6), "lower")
    assert trend("pain", period)[-1].summary.n == 6
    segments = [row[exports.COLUMNS.index("segment")] for row, _held in exports.rows_of(Selection(), "UTC")]
    assert segments == ["good", "good", "middle", "middle", "bad", "bad"]
    home, voices = lead.get("/").text, lead.get("/voices?kind=pain").text
    assert "Pain" in home
    assert "lower is better" in voices
    chart = lead.get("/charts/pain.svg?theme=light&size=wide&lang=en")
    assert (chart.status_code, chart.mimetype) == (200, "image/svg+xml")
    assert "promoter" not in voices.lower().replace("promoters and good answers", "")


def test_a_changed_answer_is_worse_in_the_direction_of_its_kind(admin, client):
    made = pain(admin)
    invitation = invite(made)
    answer(client, invitation, 4)
    with clock.at(clock.now() + timedelta(minutes=5)):
        answer(client, invitation, 6)
    case = db.session.scalars(select(Case)).one()
    assert (case.lane, case.reason) == (Lane.CASE, "very_low")


def test_who_was_asked_with_it_fixes_its_scale_and_not_its_names(admin, client):
    made = pain(admin)
    changed = {name: value for name, value in THUMBS.items() if name != "key"} | {"high": "8", "worst": "8"}
    assert admin.post("/settings/kinds/pain", data=changed).status_code == 303
    assert db.session.get_one(Kind, "pain").high == 8
    answer(client, invite(made), 0)
    with pytest.raises(Refused, match="its scale stays what it is"):
        actions.change_kind(db.session.get_one(Kind, "pain"), {"direction": "higher"}, by=admin.user)
    page = admin.get("/settings/kinds/pain").text
    assert ("its scale is fixed" in page, 'name="high"' in page) == (True, False)
    admin.post("/settings/kinds/pain", data={"name": "Ache", "name_ja": "痛み", "high": "3"})
    kind = db.session.get_one(Kind, "pain")
    assert (kind.name, kind.high) == ("Ache", 8)


def test_delivered_kinds_keep_their_scale_and_stay(admin):
    with pytest.raises(Refused):
        actions.change_kind(db.session.get_one(Kind, "goal"), {"high": 7}, by=admin.user)
    assert admin.post("/settings/kinds/goal/removal").status_code == 409
    assert admin.get("/settings/kinds/form").status_code == 200
    assert admin.get("/settings/kinds/none").status_code == 404


def test_a_kind_that_nobody_uses_can_be_removed(admin):
    add(admin)
    assert "Remove kind" in admin.get("/settings/kinds/pain").text
    assert admin.post("/settings/kinds/pain/removal").status_code == 303
    assert db.session.get(Kind, "pain") is None
    pain(admin)
    assert admin.post("/settings/kinds/pain/removal").status_code == 409
