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
from surveys.delivery.actions import queue_all
from surveys.delivery.models import Message, MessageState
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
CLIENTS = (8, 32)
GETS, POSTS = 4000, 1000
WARM_UP = 400
# What submissions and pages reach of the baseline, at 8 and at 32 clients; the baseline's page asks no database.
LEAST_POSTS, LEAST_GETS = 0.60, 0.80
MOST_WAIT = 0.060  # seconds: 99 of 100 submissions at 8 clients
# A campaign that sends so many mails a second leaves answers this share of their rate.
MAILS = 50
LEAST_BESIDE_MAILS = 0.75
NONCE = re.compile(rb'name="nonce" value="([^"]+)"')
WORKER = """
import sys, time
from surveys.app import create_app
from surveys.config import Config
from surveys.delivery.actions import send_due
from surveys.delivery.outgoing import transport
from tests.delivery.rooms import Room
class Server:
    # Takes mails into the mailbox, no more than so many a second.
    def __init__(self, inner, pace):
        self.inner, self.pace, self.began, self.sent = inner, pace, 0.0, 0
    def send(self, envelope, before_dot):
        self.began = self.began or time.monotonic()
        time.sleep(max(0.0, self.began + self.sent / self.pace - time.monotonic()))
        self.sent += 1
        return self.inner.send(envelope, before_dot)
app = create_app(Config.model_validate({"data_dir": sys.argv[1], "database_url": sys.argv[2]}))
with app.app_context():
    kinds, carrier = {"bench": Room().kind}, Server(transport(app.extensions["koe.config"]), float(sys.argv[3]))
    print("ready", flush=True)
    while send_due(kinds, carrier, worker="bench"):
        pass
"""
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
    number = WARM_UP + ROUNDS * POSTS * len(CLIENTS)
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


@pytest.fixture
def house(app, database_url) -> Iterator[tuple[int, int]]:
    """The baseline and this application, each on its port."""
    config: Config = app.extensions["koe.config"]
    koe = {"KOE_DATA_DIR": str(config.data_dir), "KOE_DATABASE_URL": database_url, "KOE_BASE_URL": "http://localhost"}
    with (
        serving("tests.benchmarks.baseline:create_app", {"BASELINE_DATABASE_URL": database_url}) as base,
        serving("surveys.app:serve", koe) as ours,
    ):
        yield base, ours


def warm(base: int, ours: int, links: list[str], chance: random.Random) -> None:
    forms = forms_of(ours, links, chance)
    time.sleep(1)
    load.run(ours, forms, status=303, lines=32)
    load.run(base, baseline_posts(len(links), chance), status=303, lines=32)


def all_is_counted(number: int) -> None:
    """Every posting is stored once, and counts."""
    standing = select(func.count()).select_from(Response).where(Response.quarantined_at.is_(None))
    assert db.session.scalar(standing) == number
    assert db.session.scalar(select(sum((func.sum(getattr(Measure, name)) for name in SCORES), start=0))) == number
    assert drift() == []


def test_an_answer_costs_little_more_than_the_least(house, invited, capsys):
    """Rates beside the baseline's in the same seconds, at 8 and at 32 clients; 99 of 100 are quick at 8."""
    chance, (base, ours) = random.Random(7), house
    rates: dict[tuple[str, int], list[load.Result]] = {}
    warm(base, ours, invited[:WARM_UP], chance)
    links = iter(invited[WARM_UP:])
    for _turn in range(ROUNDS):
        for clients in CLIENTS:
            some = [next(links) for _ in range(POSTS)]
            fetches = [load.get(f"/s/{some[at % POSTS]}?score=8", "localhost") for at in range(GETS)]
            for name, port in (("baseline GET", base), ("koe GET", ours)):
                rates.setdefault((name, clients), []).append(load.run(port, fetches, status=200, lines=clients))
            forms = forms_of(ours, some, chance)
            time.sleep(1)
            for name, port, posts in (
                ("baseline POST", base, baseline_posts(POSTS, chance)),
                ("koe POST", ours, forms),
            ):
                rates.setdefault((name, clients), []).append(load.run(port, posts, status=303, lines=clients))
    wait = statistics.median(each.quantile(0.99) for each in rates["koe POST", 8])
    with capsys.disabled():
        print(report(rates))
    sent = WARM_UP + ROUNDS * POSTS * len(CLIENTS)
    assert db.session.scalar(text("SELECT count(*) FROM baseline_answer")) == sent
    all_is_counted(sent)
    for clients in CLIENTS:
        assert ratio(rates, "POST", clients) >= LEAST_POSTS
        assert ratio(rates, "GET", clients) >= LEAST_GETS
    assert wait < MOST_WAIT


def test_a_campaign_that_sends_meanwhile_costs_answers_less_than_a_quarter(app, house, invited, database_url, capsys):
    """A worker claims, writes and sends mails in a process of its own; every second run of answers is beside it."""
    chance, (base, ours) = random.Random(8), house
    warm(base, ours, invited[:WARM_UP], chance)
    queue_all("bench", [(number, f"p{number}@example.com") for number in range(1, ROUNDS * 3000)])
    db.session.commit()
    links = iter(invited[WARM_UP:])
    quiet, busy, sent = [], [], 0
    for _turn in range(ROUNDS):
        for results, beside in ((quiet, nothing()), (busy, mailing(app, database_url))):
            forms = forms_of(ours, [next(links) for _ in range(POSTS)], chance)
            time.sleep(1)
            with beside:
                results.append(load.run(ours, forms, status=303))
    share = statistics.median(there.rate / alone.rate for alone, there in zip(quiet, busy, strict=True))
    sent = db.session.scalar(select(func.count()).select_from(Message).where(Message.state == MessageState.ACCEPTED))
    with capsys.disabled():
        print(f"\n  answers beside {MAILS} mails a second ({sent} in all): {share:.0%} of their rate without")
    assert sent
    all_is_counted(WARM_UP + ROUNDS * POSTS * 2)
    assert share > LEAST_BESIDE_MAILS


@contextmanager
def nothing() -> Iterator[None]:
    yield


@contextmanager
def mailing(app, database_url: str) -> Iterator[None]:
    """A worker that sends to the mailbox at an even pace."""
    command = [sys.executable, "-c", WORKER, str(app.extensions["koe.config"].data_dir), database_url, str(MAILS)]
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    assert worker.stdout is not None
    worker.stdout.readline()
    try:
        yield
    finally:
        worker.kill()
        worker.wait()


def ratio(rates: dict[tuple[str, int], list[load.Result]], method: str, clients: int) -> float:
    """The median of the rounds' ratios."""
    pairs = zip(rates[f"koe {method}", clients], rates[f"baseline {method}", clients], strict=True)
    return statistics.median(mine.rate / theirs.rate for mine, theirs in pairs)


def report(rates: dict[tuple[str, int], list[load.Result]]) -> str:
    lines = [
        f"  {name:14} {clients:3}   {statistics.median(each.rate for each in results):8.0f}/s"
        f"   p50 {statistics.median(each.quantile(0.5) for each in results) * 1000:6.2f} ms"
        f"   p99 {statistics.median(each.quantile(0.99) for each in results) * 1000:6.2f} ms"
        for (name, clients), results in rates.items()
    ]
    shares = [
        f"  {clients} clients: submissions {ratio(rates, 'POST', clients):.0%}, pages {ratio(rates, 'GET', clients):.0%}"
        for clients in CLIENTS
    ]
    return "\n".join(["", *lines, *shares])
