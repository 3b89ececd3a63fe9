"""A run says what it left out, once a reason; a strict run fails for it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.house.sources import ROOT

TESTS = """
import pytest

@pytest.mark.parametrize("n", [1, 2])
def test_in_a_browser(n):
    pytest.skip("browser tests: no Chromium was found")

def test_that_passes():
    pass
"""


@pytest.fixture
def run(tmp_path):
    (tmp_path / "test_some.py").write_text(TESTS)

    def go(*arguments, **environment):
        command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.reporting", *arguments, "test_some.py"]
        settings = {**os.environ, "PYTHONPATH": str(ROOT), "KOE_TEST_STRICT": "", **environment}
        for name in [name for name in settings if name.startswith("PYTEST_")]:
            del settings[name]
        return subprocess.run(command, cwd=tmp_path, env=settings, capture_output=True, text=True, check=False)

    return go


@pytest.mark.parametrize("workers", ["0", "2"])
def test_each_reason_is_one_line_with_its_count(run, workers):
    result = run("-n", workers)
    assert result.returncode == 0
    assert result.stdout.count("Left out:") == 1
    assert "Left out: browser tests: no Chromium was found (2 tests)" in result.stdout


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_strict_run_fails_for_what_it_leaves_out(run, workers):
    result = run("-n", workers, KOE_TEST_STRICT="1")
    assert result.returncode == 1
    assert "1 passed, 2 skipped" in result.stdout


def test_a_strict_run_that_leaves_out_nothing_passes(run):
    assert run("-k", "passes", KOE_TEST_STRICT="1").returncode == 0
