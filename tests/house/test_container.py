"""Dockerfile and compose.yaml, as far as they can be checked without an engine."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import zipfile

import pytest
import yaml

from surveys.app import create_app
from surveys.config import PREFIX, Config, from_env
from tests.house.sources import ROOT

KNOWN = {PREFIX + name.upper() for name in Config.model_fields}
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


@pytest.fixture(scope="module")
def steps():
    """The instructions of the Dockerfile, continuation lines joined."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines]


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]


def arguments(steps, name):
    return [rest for instruction, rest in steps if instruction == name]


def sources_of(steps):
    """What is copied from the checkout into the image."""
    copies = [shlex.split(rest) for rest in arguments(steps, "COPY") if not rest.startswith("--from")]
    return {source for words in copies for source in words[:-1]}


def filled(value: str) -> str:
    """As compose fills in a variable that nobody set, or that has to be set."""
    return VARIABLE.sub(lambda match: (match[3] or "") if match[2] == "-" else "secret", value)


def test_everything_copied_exists_and_is_let_in(steps):
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = sources_of(steps)
    assert copied == let_in
    assert [source for source in copied if not (ROOT / source).exists()] == []


def test_what_is_packaged_is_what_is_copied(steps):
    copied = " ".join(arguments(steps, "COPY"))
    assert [folder for folder in ("surveys", "templates", "static", "migrations") if folder not in copied] == []


@pytest.mark.slow
def test_what_is_copied_is_enough_to_build(steps, tmp_path):
    """The second pip of the image, without the image: Koe built from these files and no others."""
    context = tmp_path / "context"
    context.mkdir()
    for source in (
        each for rest in arguments(steps, "COPY") if "--from" not in rest for each in shlex.split(rest)[:-1]
    ):
        copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
        copy(ROOT / source, context / source)
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path], cwd=context, check=True)
    (wheel,) = tmp_path.glob("koe-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    wanted = ("surveys/app.py", "surveys/_bundled/migrations/env.py", "surveys/_bundled/static/css/tokens.css")
    assert [name for name in wanted if name not in names] == []


def test_the_image_uses_the_lock_and_checks_its_hashes(steps):
    installs = [rest for rest in arguments(steps, "RUN") if "pip install" in rest]
    assert "--require-hashes" in installs[0]
    assert "-r requirements.lock" in installs[0]
    assert "--no-index" in installs[1]


def test_the_process_is_not_root_and_owns_its_data(steps):
    user = arguments(steps, "USER")[-1]
    assert user not in ("root", "0")
    created = " ".join(arguments(steps, "RUN"))
    assert f"--owner={user}" in created
    assert arguments(steps, "VOLUME") == ["/data"]


def test_settings_of_the_image_are_known(steps):
    pairs = dict(pair.split("=", 1) for rest in arguments(steps, "ENV") for pair in shlex.split(rest))
    ours = {name: value for name, value in pairs.items() if name.startswith(PREFIX)}
    assert ours.keys() <= KNOWN
    assert str(from_env(ours).data_dir) == "/data"


def test_the_health_check_asks_a_page_that_exists(steps, tmp_path):
    asked = re.search(r"http://127\.0\.0\.1:(\d+)(/\w+)", arguments(steps, "HEALTHCHECK")[0])
    pages = {rule.rule for rule in create_app(Config(data_dir=tmp_path)).url_map.iter_rules()}
    assert asked[2] in pages
    assert arguments(steps, "EXPOSE") == [asked[1]]


def test_the_settings_in_compose_start_koe(services):
    settings = {name: filled(value) for name, value in services["koe"]["environment"].items()}
    assert settings.keys() <= KNOWN
    config = from_env({**settings, "KOE_DATA_DIR": "/data"})
    assert config.database == "postgresql+psycopg://koe:secret@postgres:5432/koe"
    assert config.public_url == "http://localhost:8000"


def test_compose_starts_the_database_first_and_keeps_its_rows(services):
    assert services["koe"]["depends_on"]["postgres"] == {"condition": "service_healthy"}
    assert "healthcheck" in services["postgres"]
    volumes = yaml.safe_load((ROOT / "compose.yaml").read_text())["volumes"]
    used = {mount.split(":")[0] for service in services.values() for mount in service["volumes"]}
    assert used == set(volumes)


def test_compose_and_image_agree_on_the_data_folder_and_port(services, steps):
    assert services["koe"]["volumes"] == [f"koe-data:{arguments(steps, 'VOLUME')[0]}"]
    assert services["koe"]["ports"] == [f"127.0.0.1:8000:{arguments(steps, 'EXPOSE')[0]}"]


def test_the_passwords_agree(services):
    password = services["postgres"]["environment"]["POSTGRES_PASSWORD"]
    assert password in services["koe"]["environment"]["KOE_DATABASE_URL"]
