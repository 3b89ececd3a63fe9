"""Looking after the data: schema, demo, health, backup, proof."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from flask import current_app

from surveys.cli.output import as_json, inside_any_app, inside_app, inside_reading_app, show
from surveys.config import Misconfigured


@click.command()
@inside_any_app
def migrate() -> None:
    """Bring the database up to date. Safe to run again; two at once wait for each other."""
    from surveys.cli import start

    start.migrate(current_app._get_current_object())  # type: ignore[attr-defined]
    click.echo("The database is up to date.")


@click.command()
@inside_any_app
def seed() -> None:
    """Fill an empty database with the demo company; refused when customers are there."""
    from surveys.cli import start
    from surveys.demo import actions
    from surveys.lib.db import db

    start.migrate(current_app._get_current_object())  # type: ignore[attr-defined]
    actions.seed()
    db.session.commit()
    for line in actions.log_ins():
        click.echo(line)


@click.command()
@as_json
def doctor(is_json: bool) -> None:
    """Look at everything Koe needs and list all problems at once; exit code 1 when there is one.

    Settings come first: while one of them is wrong (exit code 3), nothing else can be looked at.
    """
    try:
        rows, code = _findings(), 1
    except Misconfigured as error:
        rows, code = [{"check": "setting", "ok": False, "finding": line} for line in error.lines], 3
    show(rows, is_json=is_json)
    sys.exit(0 if all(row["ok"] for row in rows) else code)


@inside_any_app
def _findings() -> list[dict[str, Any]]:
    from surveys.reports import health

    findings = health.findings(current_app.extensions["koe.config"])
    return [{"check": found.name, "ok": found.is_ok, "finding": found.words} for found in findings]


@click.command()
@as_json
@inside_reading_app
def verify(is_json: bool) -> None:
    """Prove that counts, invitations and cases agree with the answers; exit code 1 when they do not."""
    from surveys.reports.proof import faults

    broken = [{"invariant": fault.name, "fault": fault.words} for fault in faults()]
    show(broken, is_json=is_json, empty="Everything agrees.")
    sys.exit(1 if broken else 0)


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@inside_app
def backup(target: Path) -> None:
    """Write everything there is (database, keys) into the file TARGET, readable by its owner only."""
    from surveys.cli import archive

    archive.write(current_app.extensions["koe.config"], target)
    click.echo(f"Everything is in {target}. It opens every door of this installation: keep it safe.")


@click.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", is_flag=True, help="Replace what is there now.")
def restore(source: Path, replace: bool) -> None:
    """Bring back what `koe backup` wrote to SOURCE. Koe must not be running. Nothing is sent until somebody says so."""
    from surveys.cli import archive
    from surveys.config import from_process, prepared

    archive.read(prepared(from_process()), source, replace=replace)
    click.echo("Everything is back. Sending stands still until an administrator lets it go on (Messages).")


COMMANDS: tuple[click.Command, ...] = (migrate, seed, doctor, verify, backup, restore)
