"""How fast an answer is taken in, beside the least a Flask server does for one, in turns in the same run.

Only the ratio means something: every figure alone is that of the machine and of the hour. Pages are fetched a second
before they are posted, as people do; every posting has to be counted at the end.
"""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text

from surveys.config import Config
from surveys.customers.models import Account, Contact, Tier
from surveys.invitations.models import Invitation, Outcome
from surveys.lib import clock, tokens
from surveys.lib.db import db
from surveys.measures import actions as measures
from surveys.measures.models import Measure
from surveys.measures.queries import SCORES, drift
from surveys.responses.models import Response
from tests import factories
from tests.benchmarks import load

pytestmark = pytest.mark.bench

ROUNDS = int(os.environ.get("KOE_TEST_ROUNDS", "4"))
GETS, POSTS = 6000, 1500
WARM_UP = 400
# Submissions and pages, as shares of the baseline. On PostgreSQL each further statement is a trip to the server, and the
# baseline makes one: its page makes none.
LEAST = {"sqlite": (0.40, 0.60), "postgresql": (0.25, 0.40)}
NONCE = re.compile(rb'name="nonce" value="([^"]+)"')
WORDS = ("", "", "", "The export is slow at month end.", "月末締めの集計がもう少し速いと助かります。", "Fine.")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(target: str, environ: dict[str, str]) -> Iterator[int]:
    """This application on granian as `koe web` starts it: two processes of four threads."""
    port = free_port()
    options = ["--interface", "wsgi", "--factory", "--workers", "2", "--blocking-threads", "4", "--no-ws"]
    command = [sys.executable, "-m", "granian", *options, "--backpressure", "256", "--log-level", "warning"]
    process = subprocess.Popen(
        [*command, "--port", str(port), target],
        env=os.environ | environ,
        cwd=Path(__file__).parents[2],
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)


@pytest.fixture
def invited(app) -> list[str]:
    """Links of as many invitations as the run posts, of people at accounts of every tier."""
    number = WARM_UP + ROUNDS * POSTS
    campaign = factories.make_campaign()
    campaign.version.freeze()
    now = clock.now()
    tiers = [None, *Tier]
    accounts = [{"name": f"Account {at}", "tier": tiers[at % 4]} for at in range(100)]
    db.session.execute(insert(Account), [{**row, "version": 1, "properties": {}} for row in accounts])
    account_ids = db.session.scalars(select(Account.id)).all()
    people = [
        {
            "account_id": account_ids[at % 100],
            "email": f"p{at}@example.com",
            "email_key": f"p{at}@example.com",
            "version": 1,
        }
        for at in range(number)
    ]
    db.session.execute(insert(Contact), people)
    rows = [
        {
            "campaign_id": campaign.id,
            "contact_id": contact_id,
            "account_id": account_id,
            "email_key": email,
            "language": ("en", "ja")[contact_id % 2],
            "version_id": campaign.version_id,
            "product_id": campaign.product_id,
            "kind_key": "nps",
            "outcome": Outcome.SENT,
            "created_at": now,
            "sent_at": now,
            "sent_on": clock.local_day(now, "Asia/Tokyo"),
            "closes_at": now + timedelta(days=30),
        }
        for contact_id, account_id, email in db.session.execute(
            select(Contact.id, Contact.account_id, Contact.email_key)
        )
    ]
    db.session.execute(insert(Invitation), rows)
    db.session.commit()
    measures.rebuild()
    numbers = db.session.scalars(select(Invitation.id).order_by(Invitation.id)).all()
    db.session.commit()
    return [tokens.token(tokens.Purpose.SURVEY, number) for number in numbers]


def pages_of(port: int, links: list[str]) -> list[bytes]:
    """The form of each link, fetched; their order is that of the answers, so each is looked up by its link."""
    bodies = load.run(port, [load.get(f"/s/{link}", "localhost") for link in links], status=200, keep=True).bodies
    return bodies


def forms_of(port: int, links: list[str], chance: random.Random) -> list[bytes]:
    action = re.compile(rb'action="(/s/[^"]+)"')
    made = []
    for body in pages_of(port, links):
        path, nonce = action.search(body), NONCE.search(body)
        assert path and nonce
        made.append(
            load.post(
                path[1].decode(),
                "localhost",
                nonce=nonce[1].decode(),
                shown_in="en",
                score=chance.choices(range(11), (2, 1, 1, 2, 2, 6, 6, 12, 22, 20, 26))[0],
                comment=chance.choice(WORDS),
                website="",
            )
        )
    return made


def baseline_posts(number: int, chance: random.Random) -> list[bytes]:
    return [
        load.post(f"/s/{at}", "localhost", score=chance.randrange(11), comment=chance.choice(WORDS))
        for at in range(number)
    ]


def test_an_answer_costs_little_more_than_the_least(app, engine, database_url, invited, capsys):
    chance = random.Random(7)
    config: Config = app.extensions["koe.config"]
    koe = {"KOE_DATA_DIR": str(config.data_dir), "KOE_DATABASE_URL": database_url, "KOE_BASE_URL": "http://localhost"}
    rates: dict[str, list[load.Result]] = {"baseline GET": [], "koe GET": [], "baseline POST": [], "koe POST": []}
    with (
        serving("tests.benchmarks.baseline:create_app", {"BASELINE_DATABASE_URL": database_url}) as base,
        serving("surveys.app:create_app", koe) as ours,
    ):
        warm = forms_of(ours, invited[:WARM_UP], chance)
        time.sleep(1)
        load.run(ours, warm, status=303)
        load.run(base, baseline_posts(WARM_UP, chance), status=303)
        for turn in range(ROUNDS):
            links = invited[WARM_UP + turn * POSTS :][:POSTS]
            some = [links[at % POSTS] for at in range(GETS)]
            fetches = [load.get(f"/s/{link}?score=8", "localhost") for link in some]
            rates["baseline GET"].append(load.run(base, fetches, status=200))
            rates["koe GET"].append(load.run(ours, fetches, status=200))
            forms = forms_of(ours, links, chance)
            time.sleep(1)
            rates["baseline POST"].append(load.run(base, baseline_posts(POSTS, chance), status=303))
            rates["koe POST"].append(load.run(ours, forms, status=303))
    posts, gets = ratio(rates, "POST"), ratio(rates, "GET")
    with capsys.disabled():
        print(report(rates, posts, gets))
    sent = WARM_UP + ROUNDS * POSTS
    assert db.session.scalar(text("SELECT count(*) FROM baseline_answer")) == sent
    assert (
        db.session.scalar(select(func.count()).select_from(Response).where(Response.quarantined_at.is_(None))) == sent
    )
    assert db.session.scalar(select(sum((func.sum(getattr(Measure, name)) for name in SCORES), start=0))) == sent
    assert drift() == []
    assert posts >= LEAST[engine][0]
    assert gets >= LEAST[engine][1]


def ratio(rates: dict[str, list[load.Result]], method: str) -> float:
    """The median of the rounds' ratios."""
    pairs = zip(rates[f"koe {method}"], rates[f"baseline {method}"], strict=True)
    return statistics.median(mine.rate / theirs.rate for mine, theirs in pairs)


def report(rates: dict[str, list[load.Result]], posts: float, gets: float) -> str:
    lines = [
        f"  {name:14} {statistics.median(each.rate for each in results):8.0f}/s"
        f"   p50 {statistics.median(each.quantile(0.5) for each in results) * 1000:6.2f} ms"
        f"   p99 {statistics.median(each.quantile(0.99) for each in results) * 1000:6.2f} ms"
        for name, results in rates.items()
    ]
    return "\n".join(["", *lines, f"  submissions {posts:.0%}, pages {gets:.0%} of the baseline"])
