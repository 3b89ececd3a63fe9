"""How fast 100,000 customers come in, in how much memory, and how long others wait for their writes meanwhile.

The list is imported by a process of its own, as `koe import` and the worker do it; this one writes a small row every
few milliseconds through the same database and takes the time.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from surveys.customers.models import Contact
from surveys.events.actions import note
from surveys.lib.db import db
from surveys.settings.queries import organisation

pytestmark = pytest.mark.bench

ROWS = 100_000
MOST_SECONDS, MOST_MEMORY, LONGEST_WAIT = 60.0, 300.0, 0.250
HEADINGS = "取引先コード,会社名,担当者ID,メールアドレス,氏名,フリガナ,部署,役職,役割,タッチ区分,フェーズ,月額（円）,契約更新日,業種"
IMPORT = """
import json, resource, sys, time
from surveys.app import create_app
from surveys.config import Config
from surveys.customers import imports
app = create_app(Config.model_validate({"data_dir": sys.argv[1], "database_url": sys.argv[2]}))
with app.app_context():
    data = open(sys.argv[3], "rb").read()
    began, used = time.perf_counter(), time.process_time()
    result = imports.run(data)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {"seconds": time.perf_counter() - began, "processor": time.process_time() - used, "memory": memory}
    print(json.dumps({**figures, "is_done": result.is_done, "differences": result.counts["differences"]}))
"""


@pytest.fixture
def customers_list(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv"
    with path.open("w") as file:
        file.write(HEADINGS + "\n")
        for number in range(ROWS):
            account = number // 10
            file.write(
                f"A-{account:06},株式会社あおば{account},C-{number:07},taro{number}@customer{account}.example.com,"
                f"山田 太郎{number},ヤマダ タロウ,経理部,部長,利用者,ハイタッチ,活用,{480_000 + account},"
                f"2026/12/{account % 28 + 1:02},物流\n"
            )
    return path


def imported(app, path):
    """Import in another process; its figures, and how long each of our own small writes took meanwhile."""
    command = [
        sys.executable,
        "-c",
        IMPORT,
        str(path.parent / "data"),
        app.extensions["koe.config"].database,
        str(path),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    waits = []
    while process.poll() is None:
        began = time.perf_counter()
        note("bench", organisation())
        db.session.commit()
        waits.append(time.perf_counter() - began)
        time.sleep(0.005)
    assert process.stdout is not None
    return json.loads(process.stdout.read()), sorted(waits)


def test_a_hundred_thousand_customers_come_in_while_others_write(app, customers_list, record_property):
    for turn, differences in (("first", 110_000), ("again", 0)):
        figures, waits = imported(app, customers_list)
        longest, p99 = waits[-1], waits[int(len(waits) * 0.99)]
        told = f"{turn}: {ROWS / figures['seconds']:,.0f} rows/s, {figures['seconds']:.1f} s ({figures['processor']:.1f} s of one processor), "
        told += f"{figures['memory']:.0f} MB; {len(waits)} other writes, p99 {p99 * 1000:.0f} ms, longest {longest * 1000:.0f} ms"
        print(told)
        record_property(turn, told)
        assert figures["differences"] == differences
        assert figures["seconds"] < MOST_SECONDS
        assert figures["memory"] < MOST_MEMORY
        assert p99 < LONGEST_WAIT
    assert db.session.scalar(select(func.count()).select_from(Contact)) == ROWS
