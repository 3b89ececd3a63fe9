"""What Home and the reports say: each score with what makes it honest, its past, and how it moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from surveys.invitations.models import Campaign, CampaignState, Invitation, Outcome
from surveys.invitations.queries import answers_of
from surveys.lib.db import db
from surveys.measures import queries as measures
from surveys.measures.queries import Counts, Scope, Step
from surveys.questionnaires.models import Kind
from surveys.responses.models import Response
from surveys.scales import SCALES, Change, Reading, Summary, change, summary
from surveys.tags import queries as tags

MOST_SCORES = 3
PERIODS = (30, 90, 365)
TREND_DAYS = 365
SHOWN_CAMPAIGNS = 5


@dataclass(frozen=True)
class Period:
    """Local days up to today; `days` of them, and as many before to compare with."""

    days: int
    today: date

    @property
    def first(self) -> date:
        return self.today - timedelta(days=self.days - 1)

    @property
    def before(self) -> tuple[date, date]:
        return self.first - timedelta(days=self.days), self.first - timedelta(days=1)


@dataclass(frozen=True)
class Score:
    """One kind's number of the period, with the period before."""

    kind: Kind
    counts: Counts
    summary: Summary
    before: Summary

    @property
    def reading(self) -> Reading:
        return self.summary.reading

    @property
    def change(self) -> Change | None:
        """How it moved since the period before; None when one of the two has no answer or is hidden."""
        if Reading.HIDDEN in (self.summary.reading, self.before.reading):
            return None
        return change(self.before, self.summary)

    @property
    def response_rate(self) -> Fraction | None:
        """Answers in percent of the mails delivered in the period (RR6); None when none was."""
        return Fraction(100 * self.counts.answered, self.counts.delivered) if self.counts.delivered else None


@dataclass(frozen=True)
class Point:
    """One step of a trend."""

    start: date
    summary: Summary


def scores(period: Period) -> list[Score]:
    """The kinds that were answered in the period or before it, relationship first, three at the most."""
    now = measures.counts(Scope(first=period.first, last=period.today))
    first, last = period.before
    earlier = measures.counts(Scope(first=first, last=last))
    kinds = db.session.scalars(select(Kind).order_by(Kind.position))
    found = [
        _score(kind, now.get(kind.key, Counts()), earlier.get(kind.key, Counts()))
        for kind in kinds
        if kind.key in SCALES
    ]
    used = [score for score in found if score.summary.n or score.before.n]
    return sorted(used, key=lambda score: not score.kind.is_relationship)[:MOST_SCORES]


def trend_period(period: Period) -> Period:
    """What a trend shows beside a number of `period`: a year at least, for a trend needs a past."""
    return Period(max(period.days, TREND_DAYS), period.today)


def trend(kind_key: str, period: Period) -> list[Point]:
    """One kind by month, oldest first; months without an answer are there, with n = 0."""
    scale = SCALES[kind_key]
    first = period.first.replace(day=1)
    counted = measures.series(Scope(first=first, last=period.today), kind_key, Step.MONTH)
    return [
        Point(start, summary(scale, counted.get(start, Counts()).between(scale.low, scale.high)))
        for start in _months(first, period.today)
    ]


def fresh_answers(most: int = 3) -> Select[Response]:
    """The newest answers that say something."""
    return (
        select(Response)
        .where(Response.comment != "", *measures.in_score())
        .order_by(Response.answered_at.desc(), Response.id.desc())
        .limit(most)
        .options(joinedload(Response.contact), joinedload(Response.account), joinedload(Response.kind))
    )


@dataclass(frozen=True)
class Running:
    """A campaign that is being answered, and how it goes so far."""

    campaign: Campaign
    sent: int
    answered: int

    @property
    def rate(self) -> Fraction | None:
        return Fraction(100 * self.answered, self.sent) if self.sent else None


def tag_movements(period: Period) -> Sequence[tags.Movement]:
    """The tags of the period's answers, the most frequent first, beside the period before."""
    first, _last = period.before
    return tags.movements(first, period.first, period.today)


def running_campaigns() -> Sequence[Running]:
    """The newest campaigns that went out, with what was delivered and answered so far: three queries."""
    launched = db.session.scalars(
        select(Campaign)
        .where(Campaign.state.in_((CampaignState.SENDING, CampaignState.FINISHED)))
        .order_by(Campaign.launched_at.desc(), Campaign.id.desc())
        .limit(SHOWN_CAMPAIGNS)
    ).all()
    if not launched:
        return []
    ids = [campaign.id for campaign in launched]
    rows = db.session.execute(
        select(Invitation.campaign_id, func.count())
        .where(Invitation.campaign_id.in_(ids), Invitation.outcome == Outcome.SENT)
        .group_by(Invitation.campaign_id)
    )
    sent, answered = dict(rows.all()), answers_of(ids)
    return [Running(each, sent.get(each.id, 0), answered.get(each.id, 0)) for each in launched]


def answers_in_score() -> Select[int, int]:
    """The campaign and invitation of every answer that counts (M-01), for the pages of the campaigns."""
    known = (Response.campaign_id.is_not(None), Response.invitation_id.is_not(None))
    return select(Response.campaign_id, Response.invitation_id).where(*known, *measures.in_score())  # type: ignore[return-value]


def _score(kind: Kind, now: Counts, earlier: Counts) -> Score:
    scale = SCALES[kind.key]
    return Score(
        kind,
        now,
        summary(scale, now.between(scale.low, scale.high)),
        summary(scale, earlier.between(scale.low, scale.high)),
    )


def _months(first: date, last: date) -> list[date]:
    """The first days of the months from `first`, itself one, to the month of `last`."""
    months = [first]
    while (following := (months[-1] + timedelta(days=31)).replace(day=1)) <= last:
        months.append(following)
    return months
