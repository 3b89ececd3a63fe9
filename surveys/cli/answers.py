"""What came back: responses, cases and scores."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import click

from surveys import scales
from surveys.cli.output import as_json, inside_reading_app, show, show_one
from surveys.scales import Scale, Segment, Summary

LIMIT = click.option("--limit", default=50, show_default=True, help="How many at the most.")


@click.command()
@click.option("--campaign", help="Only those of the campaign of this name.")
@LIMIT
@as_json
@inside_reading_app
def responses(campaign: str | None, limit: int, is_json: bool) -> None:
    """List responses, the newest first."""
    from surveys.browse import exports
    from surveys.invitations import queries

    campaign_id = queries.by_name(campaign).id if campaign else None
    show(exports.newest(campaign_id, limit), is_json=is_json, empty="No response yet.")


@click.command()
@click.option("--all", "with_done", is_flag=True, help="Also those that are done.")
@LIMIT
@as_json
@inside_reading_app
def cases(with_done: bool, limit: int, is_json: bool) -> None:
    """List cases and light items, the earliest due first."""
    from surveys.followups import queries
    from surveys.followups.models import OPEN_STATES, CaseState

    found = queries.plain_rows(tuple(CaseState) if with_done else OPEN_STATES)
    show(found[:limit], is_json=is_json, empty="Nobody is waiting.")


@click.command()
@click.argument("kind")
@click.argument("counts", nargs=-1, type=click.IntRange(min=0), metavar="COUNT…")
@as_json
def score(kind: str, counts: tuple[int, ...], is_json: bool) -> None:
    """Compute a score from how many gave each point of the scale, lowest point first.

    KIND is nps (11 counts), ces, ease5, csat or goal (5), ces2 (7), or a kind of your own.
    Example: koe score ces 3 2 2 1 0
    """
    known = scales.SCALES if kind in scales.SCALES else _kept_scales()
    scale = known.get(kind)
    if scale is None:
        raise click.BadParameter(f"there is no kind {kind!r} with a score; known are {', '.join(known)}")
    if len(counts) != len(scale.scores):
        raise click.BadParameter(
            f"{kind} has {len(scale.scores)} points and so needs as many counts, not {len(counts)}"
        )
    show_one(_as_row(scales.summary(scale, counts)), is_json=is_json)


@inside_reading_app
def _kept_scales() -> dict[str, Scale]:
    """Those of the database, with the kinds an administrator added; the delivered ones need none."""
    from surveys.questionnaires import queries

    return queries.scales()


def _as_row(summary: Summary) -> dict[str, Any]:
    interval, split = summary.interval, summary.split
    return {
        "n": summary.n,
        "score": _number(summary.score),
        "rounded": _number(summary.rounded),
        "interval": interval and {"low": float(interval.low), "high": float(interval.high), "method": interval.method},
        "split": split and {summary.scale.word(part): float(getattr(split, part.value)) for part in Segment},
    }


def _number(value: Fraction | Decimal | None) -> float | int | None:
    """As JSON knows it: whole numbers without a point."""
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)


COMMANDS: tuple[click.Command, ...] = (responses, cases, score)
