"""How long a bad link takes tells nothing of whether there is such a row (X-01)."""

from __future__ import annotations

import gc
import random
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder

from surveys.invitations.models import Invitation
from surveys.lib import tokens
from surveys.lib.db import db
from surveys.lib.tokens import Purpose
from tests import factories

SAMPLES = 2000
# How far medians may be apart, in shares of the smallest: what a stranger can see of it, and what the processor did,
# which other processes hardly disturb: one more query shows.
WAITED, WORKED = 0.05, 0.015
TRIES = 3  # a busy machine may slow down one of two things by chance, but hardly three times
BATCH = 25  # readings of a token that are timed as one
MAC = "A" * tokens.MAC_LENGTH


@dataclass
class Times:
    """Seconds that passed, and seconds of the processor."""

    waited: list[float] = field(default_factory=list)
    worked: list[float] = field(default_factory=list)

    def take(self, work: Callable[[], object]) -> None:
        began, begun = time.perf_counter(), time.thread_time()
        work()
        self.worked.append(time.thread_time() - begun)
        self.waited.append(time.perf_counter() - began)


def are_of_one_class(
    ways: dict[str, Callable[[], Callable[[], object]]], samples: int = SAMPLES, *, worked: float = WORKED
) -> bool:
    """Whether all take the same time; looked at again when they seem not to. A way prepares what is timed."""
    return any(_are_alike(ways, samples, worked) for _ in range(TRIES))


def _are_alike(ways: dict[str, Callable[[], Callable[[], object]]], samples: int, most: float) -> bool:
    times = {name: Times() for name in ways}
    order, dice = list(ways), random.Random(7)
    gc.collect()
    gc.disable()
    try:
        for _ in range(samples):
            dice.shuffle(order)  # they take turns, in another order each time
            for name in order:
                times[name].take(ways[name]())
    finally:
        gc.enable()
    waited, worked = (
        [statistics.median(getattr(each, kind)) for each in times.values()] for kind in ("waited", "worked")
    )
    print({name: f"{seconds * 1e6:.1f} µs" for name, seconds in zip(times, worked, strict=True)})
    return max(waited) <= min(waited) * (1 + WAITED) and max(worked) <= min(worked) * (1 + most)


@pytest.fixture
def invitations(app) -> list[Invitation]:
    campaign = factories.make_campaign()
    made = [factories.make_invitation(campaign=campaign) for _ in range(20)]
    db.session.commit()
    return made


@pytest.mark.slow
@pytest.mark.only("sqlite")
def test_a_link_to_a_row_with_a_wrong_proof_takes_as_long_as_one_to_no_row(app, invitations):
    """2,000 requests of each kind, all the way through; each of a network of its own, so that none is slowed down."""
    dice, networks = random.Random(1), count()
    known, largest = [each.id for each in invitations], max(each.id for each in invitations)
    db.session.commit()  # whoever has looked here holds the place of a writer
    kinds: dict[str, Callable[[], str]] = {
        "known": lambda: f"{tokens._base62(dice.choice(known))}.{MAC}",
        "unknown": lambda: f"{tokens._base62(largest + dice.randrange(1, 50))}.{MAC}",
        "malformed": lambda: dice.choice(
            ("x", "1", "0.", f".{MAC}", f"1.{MAC}A", f"1-1.{MAC}", f"1.{'é' * 22}", "a" * 300)
        ),
    }
    held: list[bool] = []

    def prepared(kind: str) -> Callable[[], None]:
        number = next(networks)
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        environ = EnvironBuilder(path=f"/s/{kinds[kind]()}", environ_base={"REMOTE_ADDR": address}).get_environ()
        return partial(ask, app, environ)

    def measure() -> None:  # in a thread, so that each request has a context of its own as on a server
        held.append(are_of_one_class({kind: partial(prepared, kind) for kind in kinds}))

    thread = threading.Thread(target=measure)
    thread.start()
    thread.join()
    assert held == [True]


def ask(app: Flask, environ: dict[str, object]) -> None:
    told: list[str] = []
    answer = app.wsgi_app(environ, lambda status, _headers, *_: told.append(status) or (lambda _: None))
    b"".join(answer)
    answer.close()
    assert told == ["404 NOT FOUND"]


TOKENS = {
    "known": f"5.{MAC}",
    "unknown": f"z.{MAC}",
    "no number": f"!.{MAC}",
    "no ASCII": f"5.{'é' * tokens.MAC_LENGTH}",
    "no proof": "5.",
    "long": f"5.{MAC}" + "A" * 300,
}


@pytest.mark.parametrize("purpose", [Purpose.SURVEY, Purpose.OPT_OUT])
def test_every_bad_token_is_read_in_the_same_time(app, purpose):
    def read(text: str) -> None:
        for _ in range(BATCH):
            tokens.read_token(purpose, text)

    ways = {name: (lambda text=text: partial(read, text)) for name, text in TOKENS.items()}
    assert are_of_one_class(ways, SAMPLES // BATCH, worked=WAITED)
