"""The command line as an operator uses it: real processes, exit codes, JSON."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from functools import partial
from pathlib import Path

import pytest

from surveys.cli import present

# Each command is a process of its own, so most are tried on one database only.
pytestmark = pytest.mark.only("sqlite")

LIST = "会社名,メール,氏名,タッチ区分\n青葉物流,sato@aoba.example.com,佐藤 花子,ハイタッチ\n青葉物流,ito@aoba.example.com,伊藤 健,ハイタッチ\n"


def run(folder, url, *arguments, code=0, **settings):
    """Run `koe …` on the installation in this folder; the finished process."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("KOE_")}
    environ |= {"KOE_DATA_DIR": str(folder / "data"), "KOE_DATABASE_URL": url, **settings}
    command = [sys.executable, "-m", "surveys", *map(str, arguments)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == code, done.stderr + done.stdout
    return done


@pytest.fixture
def koe(tmp_path, bare_database_url):
    """`koe …` on an installation of its own."""
    return partial(run, tmp_path, bare_database_url)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """A folder with an installation on SQLite that has its tables."""
    folder = tmp_path_factory.mktemp("migrated")
    run(folder, f"sqlite:///{folder / 'bare.db'}", "migrate")
    return folder


@pytest.fixture
def ready(koe, engine, migrated, tmp_path):
    """The same once `koe migrate` was run."""
    if engine == "sqlite":
        shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    else:
        koe("migrate")
    return koe


def rows(done):
    return json.loads(done.stdout)


@pytest.mark.only("sqlite", "postgresql")
def test_a_list_is_looked_at_taken_in_and_then_changes_nothing(ready, tmp_path):
    file = tmp_path / "list.csv"
    file.write_bytes(LIST.encode("cp932"))
    seen = rows(ready("import", file, "--dry-run", "--json"))
    assert (seen["taken_over"], seen["problems"]) == (False, [])
    assert rows(ready("import", file, "--json"))["taken_over"] is True
    again = rows(ready("import", file, "--json"))
    assert again["problems"] == []
    assert again["contacts"]["new"] == 0 and again["contacts"]["unchanged"] == 2, again


def test_a_wrong_row_is_named_and_nothing_is_taken_in(ready, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text(LIST + "青葉物流,not-an-address,誰か,ハイタッチ\n")
    seen = rows(ready("import", file, "--json", code=1))
    assert (seen["taken_over"], seen["problems"][0]["line"]) == (False, 4)


def test_a_campaign_adds_up_from_the_command_line(ready, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text(LIST)
    ready("import", file)
    keys = [row["key"] for row in rows(ready("questionnaire", "list", "--json"))]
    assert {"nps-default", "ces-default", "csat-default"} <= set(keys)
    made = ("campaign", "create", "--name", "Spring", "--questionnaire", "nps-default", "--audience", "tier=high_touch")
    assert rows(ready(*made, "--json"))["state"] == "draft"
    shown = rows(ready("campaign", "show", "Spring", "--json"))
    assert shown["sent"] + shown["held"] + shown["failed"] + shown["unknown"] + shown["open"] == shown["audience"] == 2


def test_contacts_chosen_by_number_are_those_and_no_others(ready, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text(LIST)
    ready("import", file)
    made = ("campaign", "create", "--questionnaire", "nps-default")
    assert rows(ready(*made, "--name", "A", "--audience", "contact_ids=12", "--json"))["audience"] == 0
    assert rows(ready(*made, "--name", "B", "--audience", "contact_ids=1,2", "--json"))["audience"] == 2
    refused = ready(*made, "--name", "C", "--audience", "properties=x", code=1)
    assert "Traceback" not in refused.stderr and "properties" in refused.stderr


def test_sending_without_a_sender_is_refused_in_one_line(ready, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text(LIST)
    ready("import", file)
    done = ready("campaign", "create", "--name", "X", "--questionnaire", "nps-default", "--send", code=1)
    assert len(done.stderr.strip().splitlines()) == 1 and "sender" in done.stderr


def test_an_empty_house_answers_with_empty_lists(ready):
    assert rows(ready("responses", "--json")) == rows(ready("cases", "--json")) == rows(ready("verify", "--json")) == []


def test_a_user_is_added_and_a_weak_password_is_not(ready):
    person = ("user", "add", "--email", "rin@example.com", "--name", "Rin", "--role", "lead")
    assert "rin@example.com" in ready(*person, "--password", "a calm and long phrase").stdout
    assert ready("user", "add", "--email", "b@example.com", "--name", "B", "--password", "password1234", code=1).stderr


def test_the_doctor_says_what_is_wrong_before_and_nothing_after(koe):
    before = {row["check"]: row["ok"] for row in rows(koe("doctor", "--json", code=1))}
    assert before["schema"] is False
    koe("migrate")
    assert all(row["ok"] for row in rows(koe("doctor", "--json")))


def test_the_doctor_lists_every_wrong_setting_at_once(koe):
    wrong = {"KOE_PORT": "99999", "KOE_TIMEZONE": "Mars/Olympus", "KOE_MIAL_URL": "smtp://localhost"}
    found = [row["finding"] for row in rows(koe("doctor", "--json", code=3, **wrong))]
    assert sorted(line.split(":")[0] for line in found) == ["KOE_MIAL_URL", "KOE_PORT", "KOE_TIMEZONE"]


@pytest.mark.parametrize("command", ["cases", "worker", "web"])
def test_a_database_that_is_behind_is_one_line_with_the_fix(koe, command):
    done = koe(command, code=1)
    assert "koe migrate" in done.stderr and len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"KOE_PROT": "1"}, "KOE_PORT"),
        ({"KOE_PORT": "high"}, "KOE_PORT"),
        ({"KOE_MAIL_URL": "mail.example.com"}, "KOE_MAIL_URL"),
        ({"KOE_MAIL_URL": "smtp://u:p@mail.example.com"}, "KOE_BASE_URL"),
        ({"KOE_MAIL_URL": "smtp://user:p@mail/word@mail.example.com"}, "KOE_MAIL_URL"),
        ({"KOE_MAIL_URL": "smtp://user:p@mail#word@mail.example.com"}, "KOE_MAIL_URL"),
        ({"KOE_MAIL_URL": "smtp://user:geheim/p@mail.example.com"}, "KOE_MAIL_URL"),
        ({"KOE_MAIL_URL": "smtp://user:p@mail.example.com:99999"}, "KOE_MAIL_URL"),
        ({"KOE_BASE_URL": "https://example.com/koe"}, "KOE_BASE_URL"),
        ({"KOE_BASE_URL": "https://example.com:port"}, "KOE_BASE_URL"),
        ({"KOE_TIMEZONE": "Tokyo"}, "KOE_TIMEZONE"),
        ({"KOE_DATABASE_URL": "mysql://x"}, "KOE_DATABASE_URL"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(koe, settings, named):
    done = koe("cases", code=3, **settings)
    assert named in done.stderr and len(done.stderr.strip().splitlines()) == 1 and "p@mail" not in done.stderr
    assert "geheim" not in done.stderr


def test_lost_or_damaged_keys_are_one_line_and_not_replaced_in_silence(ready, tmp_path):
    keys = tmp_path / "data" / "token-keys.json"
    original = keys.read_text()
    keys.unlink()
    one_line_about_keys(ready("migrate", code=3))
    for kept in ("", "{", "{}", '{"keys": [], "address": ""}', '{"keys": ["x"], "address": 1}'):
        keys.write_text(kept)
        one_line_about_keys(ready("worker", code=3))
    keys.write_text(original)
    ready("cases")


def one_line_about_keys(done):
    assert "token-keys.json" in done.stderr and "backup" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_backup_brings_everything_back_and_sends_nothing_by_itself(ready, koe, tmp_path):
    file, archive = tmp_path / "list.csv", tmp_path / "koe.tar.gz"
    file.write_text(LIST)
    ready("import", file)
    ready("backup", archive)
    assert archive.stat().st_mode & 0o077 == 0
    with tarfile.open(archive) as opened:
        assert {"koe.db", "secret-key", "token-keys.json"} == set(opened.getnames())
    assert "--replace" in koe("restore", archive, code=1).stderr
    koe("restore", archive, "--replace")
    assert rows(koe("import", file, "--json"))["contacts"]["unchanged"] == 2
    ready("backup", archive, code=1)


def test_a_backup_that_cannot_be_written_is_one_line_and_leaves_nothing_behind(ready, tmp_path):
    done = ready("backup", tmp_path / "missing" / "koe.tar.gz", code=1)
    assert "koe.tar.gz" in done.stderr and len(done.stderr.strip().splitlines()) == 1
    (tmp_path / "koe.tar.gz.part").write_bytes(b"half of an earlier one")
    ready("backup", tmp_path / "koe.tar.gz")
    assert sorted(each.name for each in tmp_path.iterdir() if "koe.tar" in each.name) == ["koe.tar.gz"]


def test_nothing_is_brought_back_under_a_running_koe(ready, tmp_path):
    archive = tmp_path / "koe.tar.gz"
    ready("backup", archive)
    with present.running(tmp_path / "data"):
        done = ready("restore", archive, "--replace", code=1)
    assert "stop it first" in done.stderr and len(done.stderr.strip().splitlines()) == 1
    with present.alone(tmp_path / "data"):
        assert "being brought back" in ready("worker", code=1).stderr
    ready("restore", archive, "--replace")


def test_every_command_explains_itself(koe):
    for command in ("up", "import", "score"):
        assert koe(command, "--help").stdout.count("\n") > 3


def test_scores_are_computed_from_counts(koe):
    nps = rows(koe("score", "nps", 20, 0, 0, 0, 0, 0, 0, 30, 0, 50, 0, "--json"))
    assert (nps["n"], nps["score"], nps["split"]) == (100, 30, {"promoter": 50, "passive": 30, "detractor": 20})
    assert nps["interval"]["low"] == pytest.approx(14.051130, abs=1e-6)
    ces = rows(koe("score", "ces", 3, 2, 2, 1, 0, "--json"))
    assert (ces["score"], ces["rounded"]) == (2.125, 2.13)
    nothing = rows(koe("score", "csat", 0, 0, 0, 0, 0, "--json"))
    assert (nothing["n"], nothing["score"], nothing["interval"], nothing["split"]) == (0, None, None, None)
    assert "11" in koe("score", "nps", 1, 2, code=2).stderr


def test_the_package_has_a_command():
    assert Path(sys.executable).with_name("koe").exists()
