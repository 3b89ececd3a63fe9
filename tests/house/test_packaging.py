"""What is installed: the lock files are complete, checked and name no address; a wheel carries all it needs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.sources import ROOT

PIN = re.compile(r"^([a-z0-9._-]+)==(\S+)( ;[^\\]*)?(?: \\)?$", re.MULTILINE)
LOCKS = {
    "requirements.lock": ("build", "postgres"),
    "requirements-test.lock": ("build", "postgres", "test", "e2e", "dev"),
}
START = """
import sys
from pathlib import Path
import surveys
from surveys.app import create_app
from surveys.config import ROOT, Config

site, data = Path(sys.argv[1]), Path(sys.argv[2])
assert Path(surveys.__file__).is_relative_to(site), surveys.__file__
assert ROOT.is_relative_to(site), ROOT
app = create_app(Config(data_dir=data))
client = app.test_client()
print(client.get("/healthz").status_code, client.get("/static/css/tokens.css").status_code)
print(sorted(path.name for path in (ROOT / "migrations").iterdir() if not path.name.startswith("__")))
"""


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pins(lock):
    """Every version a lock file pins, by name: there may be one for each range of Python versions."""
    found = {}
    for name, version, _ in PIN.findall((ROOT / lock).read_text()):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_holds_what_the_project_asks_for(lock, project):
    pinned = pins(lock)
    asked = project["dependencies"] + [
        line for extra in LOCKS[lock] for line in project["optional-dependencies"][extra]
    ]
    unmet = [
        line
        for line in map(Requirement, asked)
        if not pinned.get(canonicalize_name(line.name))
        or not all(line.specifier.contains(version) for version in pinned[canonicalize_name(line.name)])
    ]
    assert list(map(str, unmet)) == [], "run `make lock`"


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_has_a_hash_for_each_package_and_no_address(lock):
    text = (ROOT / lock).read_text()
    entries = re.split(r"\n(?=\S)", text.strip())
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert re.findall(r"https?:|file:|--find-links|--index|@ ", text) == []


def test_both_locks_pin_the_same_versions():
    small, large = pins("requirements.lock"), pins("requirements-test.lock")
    assert {name: large.get(name) for name in small} == small


def test_no_dependency_needs_a_licence_that_binds_ours():
    """djlint (GPL) is a tool for developers only; psycopg (LGPL) stays a separate library."""
    assert "djlint" not in pins("requirements.lock")


@pytest.mark.slow
def test_a_wheel_built_from_the_checkout_installs_and_runs(tmp_path):
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path], cwd=ROOT, check=True)
    (wheel,) = tmp_path.glob("koe-*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        assert [name for name in archive.namelist() if name.startswith(("tests/", "surveys/tests"))] == []
        archive.extractall(site)
    environment = {**os.environ, "PYTHONPATH": str(site)}
    run = subprocess.run(
        [sys.executable, "-c", START, site, tmp_path / "data"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == ["200 200", "['alembic.ini', 'env.py', 'script.py.mako', 'versions']"]
