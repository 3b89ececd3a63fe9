"""What is checked before the first test runs: format, lint, types, import contract, templates. `make test` calls it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

TOOLS = Path(sys.executable).parent
CHECKS = {
    "format": ["ruff", "format", "--check", "--quiet", "."],
    "lint": ["ruff", "check", "--quiet", "."],
    "types": ["mypy", "--no-error-summary"],
    "imports": ["lint-imports", "--no-cache"],
    "templates": ["djlint", "--lint", "--quiet", "templates"],
}


def main() -> int:
    """Run every check, also after one failed; say what is wrong and nothing else. 1 when something is."""
    verdicts = [holds(name) for name in CHECKS]
    return 0 if all(verdicts) else 1


def holds(name: str) -> bool:
    command = CHECKS[name]
    started = time.monotonic()
    run = subprocess.run([TOOLS / command[0], *command[1:]], capture_output=True, text=True, check=False)
    verdict = "ok" if run.returncode == 0 else "FAILED"
    print(f"{name:<10} {verdict} ({time.monotonic() - started:.1f} s)", flush=True)
    if run.returncode:
        print(run.stdout + run.stderr, flush=True)
    return run.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
