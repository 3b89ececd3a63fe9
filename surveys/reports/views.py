"""Home, its charts, and how the installation is."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, redirect, render_template, request, url_for

from surveys.followups import queries as followups
from surveys.lib import clock, paging
from surveys.lib.access import Permission, guard, public
from surveys.lib.db import db
from surveys.lib.errors import NotFound
from surveys.lib.i18n import LANGUAGES, _, language, speaking
from surveys.questionnaires.queries import questionnaire, scale_of
from surveys.reports import charts, further, health, queries, trends, words
from surveys.reports.forms import period_from
from surveys.responses import queries as responses
from surveys.settings.queries import organisation

bp = Blueprint("reports", __name__)
SIZES = {"wide": (1000, 300), "narrow": (360, 240)}


@bp.get("/")
@guard(Permission.READ)
def home() -> Any:
    ours = organisation()
    period = period_from(request.args, clock.today(ours.timezone))
    scores = queries.scores(period)
    year = queries.trend_period(period)
    points = trends.trend(scores[0].kind.key, year) if scores else []
    return render_template(
        "reports/home.html",
        period=period,
        periods=queries.PERIODS,
        scores=scores,
        points=points,
        chart_words=words.trend(scores[0], points) if scores else "",
        chart_url=_chart_url,
        waiting=followups.waiting_people(limit=5),
        waiting_count=followups.open_count(),
        quarantined=paging.page(responses.quarantined(), 1, 1).total,
        fresh=db.session.scalars(queries.fresh_answers()).all(),
        movements=queries.tag_movements(period),
        running=queries.running_campaigns(),
        words=words,
        sizes=SIZES,
    )


@bp.get("/charts/<kind>.svg")
@guard(Permission.READ)
def chart(kind: str) -> Any:
    """The trend of one kind. It is asked again each time and sent again only when it changed."""
    theme, size, spoken = request.args.get("theme"), request.args.get("size"), request.args.get("lang")
    scale = scale_of(kind)
    if scale is None or theme not in charts.THEMES or size not in SIZES or spoken not in LANGUAGES:
        raise NotFound(_("There is no such chart."))
    period = queries.trend_period(period_from(request.args, clock.today(organisation().timezone)))
    with speaking(spoken):
        drawing = words.drawing(scale, trends.trend(kind, period))
    db.session.rollback()
    picture = charts.trend_svg(drawing, theme, SIZES[size])
    response = Response(picture, mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(hashlib.sha256(picture).hexdigest()[:20])
    return response.make_conditional(request)


@bp.get("/questionnaires/<int:id>/answers")
@guard(Permission.READ)
def further_answers(id: int) -> Any:
    """What was answered to a questionnaire's further questions."""
    found = questionnaire(id)
    period = period_from(request.args, clock.today(organisation().timezone))
    return render_template(
        "reports/further.html",
        questionnaire=found,
        period=period,
        periods=queries.PERIODS,
        readings=further.readings(found, period, language()),
        least=further.LEAST_SHOWN,
        words=words,
    )


@bp.get("/healthz")
@public
def alive() -> Any:
    """This process answers; it touches nothing."""
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def ready() -> Any:
    """Whether this process can take an answer and keep it; the settings page says why not."""
    config = current_app.extensions["koe.config"]
    fine = health.is_ready(config)
    return jsonify(status="ok" if fine else "not ready"), 200 if fine else 503


@bp.get("/settings/health")
@guard(Permission.ADMINISTER)
def installation() -> Any:
    found = health.findings(current_app.extensions["koe.config"])
    return render_template("reports/health.html", findings=found, words_of=health.NAMES)


@bp.post("/tour/dismissal")
@guard(Permission.ADMINISTER)
def tour_dismissal() -> Any:
    organisation().tour_dismissed = True
    db.session.commit()
    return redirect(url_for("reports.home"), 303)


def _chart_url(kind_key: str, theme: str, size: str) -> str:
    days = request.args.get("days")
    return url_for("reports.chart", kind=kind_key, theme=theme, size=size, lang=language(), days=days)
