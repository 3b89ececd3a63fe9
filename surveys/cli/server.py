"""Starting Koe: everything at once, or the web server and the worker each by itself."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from importlib.util import find_spec
from types import FrameType
from typing import Any

import click

from surveys.cli import present
from surveys.cli.output import inside_app
from surveys.config import Config, Misconfigured, child_environment, from_process, prepared

PORTS_TO_TRY = 50
PATIENCE = 20.0  # seconds a process has to end by itself


@click.command()
@click.option("--demo", is_flag=True, help="Fill an empty database with the demo company and show its log-ins.")
def up(demo: bool) -> None:
    """Start everything on this machine: database, web server and worker. Ctrl-C stops it all."""
    from surveys.cli import start

    config = prepared(from_process())
    config = config.model_copy(update={"port": _free_port(config)})
    click.echo("Koe is getting ready …")
    _supervise(config, start.ready(config, demo=demo, tell=click.echo))


@click.command()
@click.option("--workers", default=2, show_default=True, help="Processes that answer requests.")
@click.option("--threads", default=4, show_default=True, help="Requests each of them answers at once.")
def web(workers: int, threads: int) -> None:
    """Answer requests (granian; waitress where granian has no wheel)."""
    config = prepared(from_process())
    _refuse_stale_database()
    with present.running(config.data_dir):
        if find_spec("granian") is not None:
            _granian(config, workers, threads)
        else:
            _waitress(config, workers * threads)


@click.command()
@inside_app
def worker() -> None:
    """Do the background work: send mails, take in lists, watch deadlines. Several may run on PostgreSQL."""
    from surveys.jobs import timetable
    from surveys.lib import jobs
    from surveys.lib.process import config

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with present.running(config().data_dir):
        jobs.work(timetable(), stop)


@inside_app
def _refuse_stale_database() -> None:
    """Better one line now than an error page for everybody."""


def _granian(config: Config, workers: int, threads: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    server = Granian(
        "surveys.app:serve",
        factory=True,
        address=config.host,
        port=config.port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        backpressure=256,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
    )
    server.serve()


def _waitress(config: Config, threads: int) -> None:
    import waitress

    from surveys.app import serve

    waitress.serve(serve(), host=config.host, port=config.port, threads=threads, ident="")


def _free_port(config: Config) -> int:
    """The port asked for, or the next free one."""
    for port in range(config.port, min(config.port + PORTS_TO_TRY, 65536)):
        with socket.socket(socket.AF_INET6 if ":" in config.host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((config.host, port))
            except PermissionError:
                raise Misconfigured(
                    f"KOE_PORT: {port} may only be used by the administrator; choose one above 1023"
                ) from None
            except socket.gaierror:
                raise Misconfigured(f"KOE_HOST: {config.host} is not an address of this machine") from None
            except OSError:
                continue
            if port != config.port:
                click.echo(f"Port {config.port} is taken; using {port}.")
            return port
    raise Misconfigured(f"KOE_PORT: no free port from {config.port} on")


def _supervise(config: Config, greeting: list[str]) -> None:
    """Keep web and worker running until one of them ends or somebody presses Ctrl-C; then end both.

    The greeting, with the address in it, is said when somebody answers there.
    """
    environ = child_environment(config)
    commands = ([sys.executable, "-m", "surveys", name] for name in ("web", "worker"))
    processes = [subprocess.Popen(command, env=environ, start_new_session=True) for command in commands]  # noqa: S603
    asked = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        asked.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    is_greeted = False
    while not asked.is_set() and all(process.poll() is None for process in processes):
        if not is_greeted and _answers(config):
            is_greeted = True
            click.echo("\n".join(greeting))
        asked.wait(0.3)
    failed = [process.returncode for process in processes if process.poll() not in (None, 0)]
    _end(processes)
    click.echo("Koe has stopped." if asked.is_set() else "Koe stopped because a part of it failed; see above.")
    sys.exit(1 if failed and not asked.is_set() else 0)


def _answers(config: Config) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(config.host, config.host)  # noqa: S104
    try:
        socket.create_connection((host, config.port), timeout=1).close()
    except OSError:
        return False
    return True


def _end(processes: list[subprocess.Popen[Any]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + PATIENCE
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


COMMANDS: tuple[click.Command, ...] = (up, web, worker)
