"""Processes and threads that write to the same counter, for the tests of lib/db."""

from __future__ import annotations

import time
from pathlib import Path

from flask import Flask
from sqlalchemy import Integer, String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from surveys.lib import db as database
from surveys.lib.db import db


class Base(DeclarativeBase):
    """Tables of these tests, apart from Koe's."""


class Counter(Base):
    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[int] = mapped_column(Integer)


def make_app(path: Path) -> Flask:
    """No Koe, only its way of connecting, on a database of one table."""
    app = Flask("writers")
    url = f"sqlite:///{path}"
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=database.engine_options(url))
    database.install(app)
    with app.app_context():
        Base.metadata.create_all(db.engine)
    return app


def add_ones(app: Flask, times: int) -> list[float]:
    """Read the counter and write one more, `times` times; how long each took, in seconds."""
    took = []
    with app.app_context():
        for _ in range(times):
            started = time.perf_counter()
            value = db.session.scalars(select(Counter.value).where(Counter.name == "n")).one()
            db.session.get_one(Counter, "n", populate_existing=True).value = value + 1
            db.session.commit()
            took.append(time.perf_counter() - started)
    return took


def add_ones_in_a_process(path: str, times: int, told: object) -> None:
    told.put(add_ones(make_app(Path(path)), times))  # type: ignore[attr-defined]


def take_the_gate_and_die(path: str, inside: object) -> None:
    """Stand inside the gate until killed."""
    with make_app(Path(path)).app_context():
        db.session.get_one(Counter, "n").value = 4711
        db.session.flush()
        inside.set()  # type: ignore[attr-defined]
        time.sleep(60)
