"""Customer lists from the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from surveys.cli.output import as_json, inside_app, show_one


@click.command(name="import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@as_json
@inside_app
def import_file(file: Path, dry_run: bool, is_json: bool) -> None:
    """Take in the accounts and contacts of FILE (CSV, TSV or XLSX): all of them or, when one is wrong, none.

    Headings may be English or Japanese, in any order. The same file again changes nothing. Exit code 1: rows are wrong.
    """
    from surveys.customers import imports

    with click.progressbar(length=1, label=file.name, file=sys.stderr, hidden=is_json) as shown:
        done = imports.run(file, dry_run=dry_run, progress=lambda looked_at, total: _show(shown, looked_at, total))
    problems = [{"line": line, "column": column, "problem": words} for line, column, words in done.problems]
    show_one({"run": done.run_id, "taken_over": done.is_done, **done.counts, "problems": problems}, is_json=is_json)
    sys.exit(1 if done.has_failed else 0)


def _show(bar: Any, looked_at: int, total: int) -> None:
    bar.length = max(total, 1)
    bar.update(looked_at - bar.pos)


COMMANDS: tuple[click.Command, ...] = (import_file,)
