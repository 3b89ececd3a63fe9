"""Where things stand: the top level, the rooms and the few file names inside them."""

from __future__ import annotations

import subprocess
import tomllib

from tests.house.sources import FLOOR_OF, FLOORS, PACKAGE, ROOT, TEMPLATES, name_of

TOP = {
    ".ci",
    ".dockerignore",
    ".gitattributes",
    ".gitignore",
    "CHANGELOG.md",
    "Dockerfile",
    "LICENSE",
    "Makefile",
    "README.md",
    "compose.yaml",
    "migrations",
    "pyproject.toml",
    "requirements-test.lock",
    "requirements.lock",
    "static",
    "surveys",
    "templates",
    "tests",
    "wsgi.py",
}
# Beside the rooms: the ground floor, and the roof that knows all rooms.
HOUSE = {"__init__", "__main__", "app", "cli", "config", "frame", "jobs", "lib", "locale", "scales"}
FILES = {"__init__", "views", "forms", "charts", "exports", "actions", "queries", "imports", "kinds", "models"}
# A room with an idea of its own keeps it in a file named for the idea.
IDEAS: dict[str, set[str]] = {
    "auth": {"duties", "limits", "mails", "passwords", "sessions"},
    "customers": {"wishes"},
    "delivery": {"journal", "mail", "outgoing", "replies", "transport"},
    "demo": {
        "answering",
        "asking",
        "clockwork",
        "comments",
        "desk",
        "english",
        "further",
        "japanese",
        "mailing",
        "mark",
        "people",
        "seminar",
        "story",
        "topics",
        "world",
    },
    "followups": {"causes", "priority", "risk", "triage", "words"},
    "help": {"glossary"},
    "intake": {"door", "faces", "late", "nonces", "pages", "reading", "sent", "sheets"},
    "invitations": {
        "answers",
        "approval",
        "checks",
        "intents",
        "letters",
        "links",
        "mails",
        "names",
        "news",
        "pages",
        "planning",
        "reading",
        "reasons",
        "rules",
    },
    "measures": {"figures"},
    "openlinks": {"limits", "pages", "qr", "words"},
    "questionnaires": {"english", "japanese", "offers", "previews", "questions", "ready", "rows", "wording"},
    "reports": {"breaks", "further", "health", "proof", "trends", "words"},
    "responses": {"evidence"},
    "search": {"pieces"},
    "settings": {"colours", "faces", "logos", "usage"},
}
VAGUE = {"utils", "util", "helpers", "common", "manager", "managers", "misc", "scripts", "docs"}


def committed() -> list[str]:
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return listing.stdout.splitlines()


def test_the_top_level_holds_what_was_agreed_and_nothing_else():
    assert {path.split("/")[0] for path in committed()} <= TOP


def test_every_package_is_a_room_of_the_plan():
    found = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert found - HOUSE - FLOOR_OF.keys() == set()


def test_the_package_itself_says_nothing():
    assert (PACKAGE / "__init__.py").read_text() == ""


def test_rooms_hold_the_same_few_files():
    """A file that outgrew its limit is a folder of the same name, split by idea."""
    strange = [
        name_of(path)
        for room in FLOOR_OF
        for path in (PACKAGE / room).glob("*")
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and path.stem not in FILES | IDEAS.get(room, set())
    ]
    assert strange == []


def test_no_name_is_vague():
    assert [path for path in committed() if VAGUE & set(path.removesuffix(".py").split("/"))] == []


def test_template_folders_are_named_like_the_rooms():
    found = {path.name for path in TEMPLATES.iterdir()}
    assert found - {"layouts", "components", "errors"} - FLOOR_OF.keys() == set()


def test_the_floors_here_are_those_of_the_import_contract():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contract = next(each for each in settings["tool"]["importlinter"]["contracts"] if each["id"] == "house")
    floors = [{part.strip(" ()") for part in layer.split("|")} for layer in reversed(contract["layers"])]
    assert [floor for floor in floors if not floor & HOUSE] == [set(floor) for floor in FLOORS]
