"""House rules that neither the linter nor the import contract can see."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house.sources import PACKAGE, ROOT, dotted, modules, name_of, room_of, tree

# Who ends a transaction: the edge of a request, of a command and of a job; and claiming, which must be seen at once.
MAY_COMMIT = {"views.py", "jobs.py"}
PLAYERS = (PACKAGE / "cli", PACKAGE / "demo")  # the demo plays a year of requests and jobs
COMMITTERS = {
    "surveys/delivery/actions/recover.py",  # freeing what dead workers held: claiming, the other way round
    "surveys/lib/claim.py",
    "surveys/lib/db.py",
    "surveys/lib/jobs.py",
}

TESTS = ROOT / "tests"
ENV = {"os.environ", "os.getenv"}


def used(path: Path, *names: str) -> list[str]:
    """Where a module uses one of these dotted names."""
    return [
        f"{name_of(path)}:{node.lineno} {dotted(node)}"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute | ast.Name) and dotted(node) in names
    ]


def may_commit(path: Path) -> bool:
    is_edge = path.name in MAY_COMMIT or "views" in path.parts or any(map(path.is_relative_to, PLAYERS))
    return is_edge or name_of(path) in COMMITTERS


def imports(path: Path) -> list[tuple[int, str]]:
    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom):
            found.append((node.lineno, node.module or ""))
            found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
        elif isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
    return found


def test_transactions_end_at_the_edge():
    commits = [
        line for path in modules() if not may_commit(path) for line in used(path, "db.session.commit", "session.commit")
    ]
    assert commits == []


def test_only_the_configuration_reads_the_environment():
    readers = [line for path in modules() for line in used(path, "os.environ", "os.getenv", "os.environb")]
    readers += [f"{name_of(path)}:{line} {name}" for path in modules() for line, name in imports(path) if name in ENV]
    assert [line for line in readers if not line.startswith("surveys/config.py:")] == []


def test_nobody_draws_with_pyplot():
    drawing = [(name_of(path), line) for path in modules() for line, name in imports(path) if "pyplot" in name]
    assert drawing == []


def test_forms_stay_in_their_room():
    strangers = [
        f"{name_of(path)}:{line} {name}"
        for path in modules()
        for line, name in imports(path)
        if name.endswith(".forms") and name.startswith("surveys.") and name.split(".")[1] not in ("lib", room_of(path))
    ]
    assert strangers == []


def test_our_own_modules_are_imported_at_the_top_of_the_file():
    """But for the command line, which answers `--help` without loading the house."""
    late = [
        f"{name_of(path)}:{node.lineno}"
        for path in modules()
        if not path.is_relative_to(PACKAGE / "cli")
        for function in ast.walk(tree(path))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("surveys")
    ]
    assert late == []


def test_nothing_waits_to_be_done():
    marks = ("TODO", "FIXME", "XXX", "HACK")
    found = [name_of(path) for path in modules() if any(f"# {mark}" in path.read_text() for mark in marks)]
    assert found == []


@pytest.mark.parametrize("layer", ["actions", "queries", "models"])
def test_rules_are_typed_and_named_without_filler(layer):
    filler = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in modules()
        if layer in {path.stem, path.parent.name}
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and node.name.lstrip("_").startswith(("do_", "handle_", "process_"))
    ]
    assert filler == []


def test_only_the_job_runner_catches_everything():
    """And the door before Flask, which hands on whatever it was to be raised again inside."""
    catchers = [
        f"{name_of(path)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and (node.type is None or dotted(node.type) == "Exception")
    ]
    may = ("surveys/lib/jobs.py:", "surveys/intake/door.py:")
    assert [line for line in catchers if not line.startswith(may)] == []


def test_views_leave_refusals_to_the_one_handler():
    handlers = [
        f"{name_of(path)}:{node.lineno}"
        for path in modules()
        if path.stem == "views" or path.parent.name == "views"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and node.type is not None and dotted(node.type) == "Refused"
    ]
    assert handlers == []


def test_tests_use_the_real_thing():
    """Nothing of ours is mocked; a setting of the outside world may be replaced with pytest's monkeypatch."""
    mocks = [name_of(path) for path in TESTS.rglob("*.py") for _, name in imports(path) if name.startswith("unittest")]
    assert mocks == []


def test_tests_are_sentences():
    short = [
        f"{name_of(path)} {node.name}"
        for path in TESTS.rglob("test_*.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and node.name.count("_") < 3
    ]
    assert short == []
