"""The least a Flask and SQLAlchemy server does for an answer: what Koe's submissions are measured against.

One ORM insert with its commit for a POST, one compiled page of 6 kB for a GET. The server, the database and how it is
opened (SQLite: WAL, FULL, our own BEGIN and gate; PostgreSQL: the pool) are Koe's.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime

from flask import Flask, redirect, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from surveys.lib.db import engine_options, listen

PAGE_BYTES = 6000
FILLER = "\n".join(f".box-{number}{{margin:{number}px;color:#{number * 4099:06x}}}" for number in range(120))
PAGE = """<!doctype html><html lang="en"><head><title>Survey</title><style>{{ filler }}</style></head><body>
<form method="post">{% for score in range(11) %}<label><input type="radio" name="score" value="{{ score }}"
{% if chosen == score|string %} checked{% endif %}>{{ score }}</label>{% endfor %}
<textarea name="comment"></textarea><button>Send</button></form></body></html>"""


class Base(DeclarativeBase):
    """Apart from Koe's own, so that no schema of ours has this table."""


db = SQLAlchemy(model_class=Base, disable_autonaming=True)


class Answer(Base):
    """One answer and nothing else."""

    __tablename__ = "baseline_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str]
    score: Mapped[int]
    comment: Mapped[str]
    at: Mapped[datetime]


def create_app() -> Flask:
    app = Flask("baseline")
    url = os.environ["BASELINE_DATABASE_URL"]
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=engine_options(url))
    db.init_app(app)
    with app.app_context():
        listen(db.engine)
        with suppress(DBAPIError):  # the other process makes it at the same moment
            db.create_all()
    template = app.jinja_env.from_string(PAGE)
    filler = FILLER[: PAGE_BYTES - 1100]

    @app.get("/s/<token>")
    def page(token: str) -> str:
        return template.render(filler=filler, chosen=request.args.get("score", ""), token=token)

    @app.post("/s/<token>")
    def answer(token: str):
        row = Answer(
            token=token, score=int(request.form["score"]), comment=request.form["comment"], at=datetime.now(UTC)
        )
        db.session.add(row)
        db.session.commit()
        return redirect(f"/s/{token}/thanks", 303)

    @app.get("/healthz")
    def health() -> str:
        return "ok"

    return app
