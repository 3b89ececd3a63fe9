"""Backups: one file with a consistent snapshot of the database and the keys without which no mailed link works.

SQLite is copied by `VACUUM INTO` (a page-wise copy never ends while others write); PostgreSQL by its own `pg_dump`.
"""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy.engine import make_url

from surveys.cli import present
from surveys.config import Config, child_environment
from surveys.lib import clock
from surveys.lib.errors import Refused

KEYS = ("secret-key", "token-keys.json")
SNAPSHOT = "koe.db"
DUMP = "koe.dump"
SIDE_FILES = ("-wal", "-shm")


def write(config: Config, target: Path) -> None:
    """Write the archive; it appears under its name only when it is whole."""
    if target.exists():
        raise Refused(f"{target} exists already; choose another name.")
    part = target.with_name(f"{target.name}.part")
    try:
        with tempfile.TemporaryDirectory(dir=config.data_dir) as folder:
            _pack([_snapshot(config, Path(folder)), *(config.data_dir / name for name in KEYS)], part)
        part.replace(target)
    except OSError as error:
        raise Refused(f"{target}: {error.strerror or error}; nothing was written.") from None
    finally:
        part.unlink(missing_ok=True)


def _pack(files: Sequence[Path], part: Path) -> None:
    """Write the files into an archive beside its later name; readable by its owner only, from the first byte on."""
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw:
        with tarfile.open(fileobj=raw, mode="w:gz") as archive:
            for file in files:
                if file.exists():
                    archive.add(file, file.name)
        raw.flush()
        os.fsync(raw.fileno())


def read(config: Config, source: Path, *, replace: bool) -> None:
    """Bring an archive back into the data folder (SQLite) or database (PostgreSQL), with sending paused."""
    wanted = SNAPSHOT if config.is_sqlite else DUMP
    with present.alone(config.data_dir), tempfile.TemporaryDirectory(dir=config.data_dir) as folder:
        try:
            with tarfile.open(source) as archive:
                _unpack(archive, Path(folder))
        except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
            raise Refused(f"{source} is not a backup of Koe, or it is damaged: {error}") from None
        brought = Path(folder) / wanted
        if not brought.exists():
            raise Refused(f"{source} holds no {'SQLite' if config.is_sqlite else 'PostgreSQL'} database.")
        _put_back(config, brought, replace=replace)
        for name in KEYS:
            if (Path(folder) / name).exists():
                shutil.move(Path(folder) / name, config.data_dir / name)


def _unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Only what a backup holds, by its bare name: whatever else is in the archive leads nowhere."""
    for member in archive:
        held = archive.extractfile(member) if member.name in (SNAPSHOT, DUMP, *KEYS) and member.isreg() else None
        if held is not None:
            with held, os.fdopen(os.open(folder / member.name, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
                shutil.copyfileobj(held, file)


def _snapshot(config: Config, folder: Path) -> Path:
    if not config.is_sqlite:
        _run_tool("pg_dump", config, "--format=custom", f"--file={folder / DUMP}")
        return folder / DUMP
    connection = sqlite3.connect(_sqlite_path(config))
    try:
        connection.execute("VACUUM INTO ?", [str(folder / SNAPSHOT)])
    finally:
        connection.close()
    return folder / SNAPSHOT


def _put_back(config: Config, brought: Path, *, replace: bool) -> None:
    if config.is_sqlite:
        path = _sqlite_path(config)
        if path.exists() and not replace:
            raise Refused(f"{path.name} is there already; say --replace to replace it.")
        _pause_sqlite(brought)
        for suffix in ("", *SIDE_FILES):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        shutil.move(brought, path)
        return
    clean = ["--clean", "--if-exists"] if replace else []
    _run_tool("pg_restore", config, "--no-owner", "--exit-on-error", "--single-transaction", *clean, str(brought))
    _pause_postgresql(config)


PAUSE = """
    INSERT INTO sender_pause (id, since, until, reason, needs_operator) VALUES (1, {0}, {0}, {0}, {1})
    ON CONFLICT (id) DO UPDATE
    SET until = excluded.until, reason = excluded.reason, needs_operator = excluded.needs_operator
"""
RESTORED = "restored"
FOR_LONG = timedelta(days=3650)


def _pause_sqlite(path: Path) -> None:
    """A restored snapshot may stand behind what was sent since: a person decides before anything leaves (R-30)."""
    now = clock.now()
    moments = [moment.replace(tzinfo=None).isoformat(" ") for moment in (now, now + FOR_LONG)]
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(PAUSE.format("?", "1"), [*moments, RESTORED])
    connection.close()


def _pause_postgresql(config: Config) -> None:
    import psycopg

    now = clock.now()
    with psycopg.connect(_libpq(config)) as connection:
        connection.execute(PAUSE.format("%s", "true"), [now, now + FOR_LONG, RESTORED])


def _sqlite_path(config: Config) -> Path:
    return Path(make_url(config.database).database or "")


def _libpq(config: Config) -> str:
    return make_url(config.database).set(drivername="postgresql").render_as_string(hide_password=False)


def _run_tool(name: str, config: Config, *arguments: str) -> None:
    if shutil.which(name) is None:
        raise Refused(f"{name} is needed for this; it comes with PostgreSQL (Debian: postgresql-client).")
    url = make_url(config.database)
    # The password goes by the environment: arguments can be read by everybody on the machine.
    environ = {**child_environment(config), "PGPASSWORD": url.password or ""}
    target = url.set(drivername="postgresql", password=None).render_as_string()
    done = subprocess.run(  # noqa: S603 - a known tool, no shell
        [name, f"--dbname={target}", *arguments], env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Refused(f"{name}: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'failed'}")
