"""Says at the end what a run left out, in one line each; with KOE_TEST_STRICT=1 leaving out anything is a failure."""

from __future__ import annotations

import os
from collections import Counter

import hypothesis
import pytest


def left_out(reporter: object) -> Counter[str]:
    """How many tests were skipped, by reason."""
    stats = reporter.stats  # type: ignore[attr-defined]
    return Counter(reason_of(report) for report in stats.get("skipped", []))


def reason_of(report: pytest.CollectReport | pytest.TestReport) -> str:
    detail = report.longrepr
    text = detail[2] if isinstance(detail, tuple) else str(detail)
    return text.removeprefix("Skipped: ")


def is_strict() -> bool:
    return os.environ.get("KOE_TEST_STRICT", "") not in ("", "0")


def pytest_configure() -> None:
    """What a strict run refuses has to fail the same way again; elsewhere each run looks somewhere else."""
    hypothesis.settings.register_profile("strict", derandomize=True)
    if is_strict():
        hypothesis.settings.load_profile("strict")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if is_strict() and not hasattr(session.config, "workerinput") and left_out(reporter) and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for reason, count in left_out(terminalreporter).items():
        line = f"Left out: {reason} ({count} test{'s' if count > 1 else ''})"
        terminalreporter.write_line(line, red=is_strict(), yellow=not is_strict())
