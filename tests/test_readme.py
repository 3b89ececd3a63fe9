"""What the README says is true: every command in it runs, every setting is known, every picture is there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from surveys.config import Config

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", README, re.S) for line in block.strip().splitlines()]


def test_the_two_commands_are_there():
    assert [command for command in COMMANDS if command.startswith("make")] == ["make demo", "make test"]


@pytest.mark.parametrize("target", sorted(set(re.findall(r"make (\w+)", README)) - {"sure"}))
def test_every_make_target_it_names_exists(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.M), target


@pytest.mark.slow
def test_every_koe_command_runs_as_it_stands(tmp_path):
    (tmp_path / "customers.csv").write_text("account,email,name,tier\nAoba,sato@aoba.example.com,Sato,high touch\n")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("KOE_")}
    environ |= {"PYTHONPATH": str(ROOT)}
    for command in COMMANDS:
        if not command.startswith(".venv/bin/koe "):
            continue
        arguments = shlex.split(command)[1:]
        done = subprocess.run(
            [sys.executable, "-m", "surveys", *arguments],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"


def test_every_setting_is_in_its_table_and_no_other():
    named = set(re.findall(r"`KOE_(\w+)`", README.split("## Settings")[1].split("**Real mail.**")[0]))
    assert named == {name.upper() for name in Config.model_fields}


def test_every_picture_and_file_it_shows_is_there():
    for path in re.findall(r"\]\((static/[^)]+)\)", README) + re.findall(r"`(surveys/[\w/.]+)`", README):
        assert (ROOT / path).exists(), path
