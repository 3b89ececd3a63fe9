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
from surveys.measures.queries import Counts, Scope
from surveys.questionnaires.models import Kind
from surveys.reports import breaks
from surveys.reports.breaks import Break
from surveys.responses.models import Response
from surveys.scales import Change, Reading, Summary, change, summary
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
    # The last change of the question inside the two periods, when there was one: they cannot be compared.
    broken: Break | None = None

    @property
    def reading(self) -> Reading:
        return self.summary.reading

    @property
    def change(self) -> Change | None:
        """How it moved since the period before; None when one of the two is empty, hidden, or asked otherwise."""
        if self.broken or Reading.HIDDEN in (self.summary.reading, self.before.reading):
            return None
        return change(self.before, self.summary)

    @property
    def response_rate(self) -> Fraction | None:
        """Answers in percent of the mails delivered in the period (RR6); None when none was."""
        return Fraction(100 * self.counts.answered, self.counts.delivered) if self.counts.delivered else None


def scores(period: Period) -> list[Score]:
    """The kinds that were answered in the period or before it, relationship first, three at the most."""
    now = measures.counts(Scope(first=period.first, last=period.today))
    first, last = period.before
    earlier = measures.counts(Scope(first=first, last=last))
    kinds, changed = db.session.scalars(select(Kind).order_by(Kind.position)), breaks.of_kinds()
    found = [
        _score(
            kind,
            now.get(kind.key, Counts()),
            earlier.get(kind.key, Counts()),
            next((each for each in reversed(changed.get(kind.key, ())) if first < each.day <= period.today), None),
        )
        for kind in kinds
        if kind.is_scored
    ]
    used = [score for score in found if score.summary.n or score.before.n]
    return sorted(used, key=lambda score: not score.kind.is_relationship)[:MOST_SCORES]


def trend_period(period: Period) -> Period:
    """What a trend shows beside a number of `period`: a year at least, for a trend needs a past."""
    return Period(max(period.days, TREND_DAYS), period.today)


def fresh_answers(most: int = 3) -> Select[Response]:
    """The newest answers that say something."""
    return (
        select(Response)
        .where(Response.comment != "", *measures.in_score())
        .order_by(Response.answered_at.desc(), Response.id.desc())
        .limit(most)
        .options(*map(joinedload, (Response.contact, Response.account, Response.kind, Response.version)))
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


def _score(kind: Kind, now: Counts, earlier: Counts, broken: Break | None) -> Score:
    scale = kind.scale
    assert scale is not None
    return Score(
        kind,
        now,
        summary(scale, now.between(scale.low, scale.high)),
        summary(scale, earlier.between(scale.low, scale.high)),
        broken,
    )
