"""The house seen as files: what the tests beside this one look through."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "surveys"
TEMPLATES = ROOT / "templates"

# Each room stands on those before it; rooms on one line do not know each other (the contract in pyproject.toml).
FLOORS = (
    ("events",),
    ("settings",),
    ("delivery",),
    ("auth",),
    ("customers",),
    ("questionnaires",),
    ("invitations",),
    ("responses",),
    ("measures", "tags", "search"),
    ("followups", "ideas"),
    ("intake", "browse", "reports", "notices", "privacy"),
    ("openlinks",),
    ("api",),
    ("demo", "help", "start"),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def stands_on(upper: str, lower: str) -> bool:
    """Whether `upper` may know `lower`: itself, or a room on a lower floor."""
    return upper == lower or FLOOR_OF[lower] < FLOOR_OF[upper]


@cache
def modules() -> tuple[Path, ...]:
    return tuple(sorted(PACKAGE.rglob("*.py")))


@cache
def templates() -> tuple[Path, ...]:
    return tuple(path for path in sorted(TEMPLATES.rglob("*")) if path.suffix in (".html", ".txt", ".xml", ".svg"))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def name_of(path: Path) -> str:
    """As it is written in messages: relative to the checkout."""
    return path.relative_to(ROOT).as_posix()


def room_of(path: Path) -> str | None:
    """The room a module or template belongs to; None for those that belong to the whole house."""
    base = PACKAGE if path.is_relative_to(PACKAGE) else TEMPLATES
    first = path.relative_to(base).parts[0]
    return first if first in FLOOR_OF else None


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, docstring and all."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def dotted(node: ast.AST) -> str:
    """`a.b.c` for names and attributes, the empty string for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        front = dotted(node.value)
        return f"{front}.{node.attr}" if front else ""
    return ""


def percentile(numbers: list[int], share: float) -> int:
    """The smallest number that at least this share of them does not exceed."""
    ordered = sorted(numbers)
    return ordered[min(len(ordered) - 1, max(0, -(-len(ordered) * int(share * 100) // 100) - 1))]
