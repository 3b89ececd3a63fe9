"""An import killed at any moment leaves all of the list or nothing of it (R-38)."""

import os
import signal
import subprocess
import sys
import time

import pytest
from sqlalchemy import func, select

from surveys.customers import imports
from surveys.customers.models import Account, AccountFact, Contact, Contract, ImportRun, ImportState
from surveys.lib.db import db

ROWS = 2_000
SCRIPT = """
import sys
from surveys.app import create_app
from surveys.config import Config
from surveys.customers import imports
app = create_app(Config.model_validate({"data_dir": sys.argv[1], "database_url": sys.argv[2]}))
with app.app_context():
    imports.run(open(sys.argv[3], "rb").read(), progress=lambda done, total: print(done, total, flush=True))
    print("finished", flush=True)
"""


@pytest.fixture
def customers_list(tmp_path):
    path = tmp_path / "customers.csv"
    rows = [f"p{n}@a{n % 400}.example.com,Person {n},Account {n % 400},high,{1000 + n % 400}" for n in range(ROWS)]
    path.write_text("email,name,company,tier,MRR\n" + "\n".join(rows))
    return path


def started(app, path):
    command = [
        sys.executable,
        "-c",
        SCRIPT,
        str(path.parent / "data"),
        app.extensions["koe.config"].database,
        str(path),
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ})


def killed_when(process, is_time):
    """Kill it hard as soon as a line of its output says so."""
    for line in process.stdout:
        if is_time(line.split()):
            break
    process.send_signal(signal.SIGKILL)
    process.wait()


def everything():
    db.session.rollback()
    return [
        db.session.scalar(select(func.count()).select_from(model))
        for model in (Account, Contact, Contract, AccountFact)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("at_row", [500, ROWS])
def test_a_killed_import_leaves_all_or_nothing_and_the_next_one_succeeds(app, customers_list, at_row):
    process = started(app, customers_list)
    killed_when(process, lambda words: words[0] == "finished" or (words[1] != "0" and int(words[0]) >= at_row))
    assert everything() in ([0, 0, 0, 0], [400, ROWS, 400, 800])
    result = imports.run(customers_list)
    assert everything() == [400, ROWS, 400, 800]
    assert imports.run(customers_list).counts["differences"] == 0
    assert not result.has_failed


@pytest.mark.slow
def test_an_import_killed_while_it_is_taken_over_leaves_all_or_nothing(app, customers_list):
    for pause in (0.0, 0.05):
        process = started(app, customers_list)
        for line in process.stdout:
            if line.split()[:2] == [str(ROWS), str(ROWS)]:
                break
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert everything() in ([0, 0, 0, 0], [400, ROWS, 400, 800])
    states = db.session.scalars(select(ImportRun.state)).all()
    assert set(states) & {ImportState.UPLOADED, ImportState.REFUSED} == set()
