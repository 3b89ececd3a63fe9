"""The two commands before anything is installed: what stands in the way is said in one line that names the fix."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from tests.house.sources import ROOT

OLD = "#!/bin/sh\nexit 1\n"
# Answers the question for its version, and fails the one for its venv module.
WITHOUT_VENV = '#!/bin/sh\ncase "$2" in *version_info*) exit 0;; *) exit 1;; esac\n'
NAMES = ("python3", "python3.11", "python3.12", "python3.13", "python3.14")


@pytest.fixture
def checkout(tmp_path):
    """A folder with what `make` reads, and no virtual environment."""
    for name in ("Makefile", "pyproject.toml", "requirements.lock", "requirements-test.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def make(checkout):
    """Run make there with a Python of our making before all others."""

    def run(target, python):
        programs = checkout / "programs"
        programs.mkdir(exist_ok=True)
        for name in NAMES:
            (programs / name).write_text(python)
            (programs / name).chmod(0o755)
        environment = {"PATH": f"{programs}:{os.environ['PATH']}", "HOME": "/nonexistent"}
        return subprocess.run(
            ["make", target], cwd=checkout, env=environment, capture_output=True, text=True, check=False
        )

    return run


@pytest.mark.parametrize("target", ["demo", "run", "test"])
def test_an_old_python_is_one_line_that_names_the_fix(make, target):
    run = make(target, OLD)
    assert run.returncode != 0
    assert run.stdout.splitlines() == [
        "Koe needs Python 3.11 or newer; on Debian or Ubuntu: sudo apt install python3 python3-venv, "
        "on macOS: brew install python"
    ]


def test_a_missing_venv_module_is_one_line_that_names_the_fix(make):
    run = make("demo", WITHOUT_VENV)
    assert run.returncode != 0
    assert run.stdout.splitlines() == [
        "python3 lacks its venv module; on Debian or Ubuntu: sudo apt install python3-venv"
    ]


def test_help_names_every_command(make):
    words = [line.split()[1] for line in make("help", OLD).stdout.splitlines()]
    assert {"demo", "run", "test", "storm", "bench"} <= set(words)


def test_plain_make_explains_itself(make):
    assert make("--silent", OLD).stdout == make("help", OLD).stdout


def test_an_installed_environment_is_used_as_it_is(checkout, make):
    """The stamp is named for the lock: nothing is asked of the network while it stands."""
    programs = checkout / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name, answer in (("koe", "koe $*"), ("python", "Python 3.11.7")):
        (programs / name).write_text(f'#!/bin/sh\necho "{answer}"\n')
        (programs / name).chmod(0o755)
    shell = "{ pwd -P; .venv/bin/python -V; cat requirements.lock pyproject.toml; } | cksum | cut -d' ' -f1"
    number = subprocess.run(shell, shell=True, cwd=checkout, capture_output=True, text=True, check=True).stdout.strip()
    (checkout / ".venv" / f".app-{number}").touch()
    assert make("demo", OLD).stdout.splitlines() == ["koe up --demo"]
    assert make("run", OLD).stdout.splitlines() == ["koe up"]


def test_ci_is_the_same_command_with_nothing_left_out():
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert "export KOE_TEST_STRICT=1" in lines
    assert lines[-1] == "exec make test"
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
