"""Background work: a timetable of small jobs, each safe to run twice and safe to kill at any instruction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, insert
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from surveys.lib import clock
from surveys.lib.db import Base, Short, db
from surveys.lib.errors import Refused

log = structlog.get_logger()

IDLE = 0.5  # seconds between two looks when nothing was due
KEPT = timedelta(days=30)
BURST = 200  # units of one job before the next job has its turn


class JobRun(Base):
    """One slot of one periodic job: who inserts the row runs it."""

    __tablename__ = "job_run"

    name: Mapped[str] = mapped_column(Short, primary_key=True)
    slot: Mapped[datetime] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]


@dataclass(frozen=True)
class Job:
    """A unit of work; `work` does one unit and says whether there may be more, or how much it did.

    `every` None: look all the time. After `burst` units the next job has its turn; jobs of long units give way sooner.
    """

    name: str
    work: Callable[[], bool | int]
    every: timedelta | None = None
    burst: int = BURST


def run_until_idle(jobs: Sequence[Job]) -> int:
    """Do all that is due now, once round after round until nothing is left; the number of units done."""
    done = 0
    while units := run_once(jobs):
        done += units
    return done


def run_once(jobs: Sequence[Job], stop: threading.Event | None = None) -> int:
    return sum(_run(job, stop) for job in jobs if not (stop and stop.is_set()))


def work(jobs: Sequence[Job], stop: threading.Event) -> None:
    """The worker's loop, until `stop` is set."""
    while not stop.is_set():
        if not run_once(jobs, stop):
            stop.wait(IDLE)


def forget_old_runs() -> bool:
    """What ran is of no use any more once its slot is long past."""
    db.session.execute(delete(JobRun).where(JobRun.slot < clock.now() - KEPT))
    return False


def _run(job: Job, stop: threading.Event | None) -> int:
    if job.every is not None and not _is_my_turn(job):
        return 0
    for units in range(job.burst):
        if (stop and stop.is_set()) or not _one(job):
            return units
    return job.burst


def _one(job: Job) -> bool | int:
    """One unit; a failure is logged and waits for the next round, it never stops the other jobs."""
    try:
        more = job.work()
        db.session.commit()
    except (Refused, DBAPIError) as error:
        log.warning("job_failed", job=job.name, error=str(error))
    except Exception:
        log.exception("job_failed", job=job.name)
    else:
        return more
    finally:
        db.session.remove()
    return False


def _is_my_turn(job: Job) -> bool:
    """Whether to start a periodic job now; a database that is busy or away is asked again in the next round."""
    assert job.every is not None
    try:
        return _slot_is_mine(job.name, job.every)
    except (Refused, DBAPIError) as error:
        log.warning("job_not_started", job=job.name, error=str(error))
        return False
    finally:
        db.session.remove()


def _slot_is_mine(name: str, every: timedelta) -> bool:
    """Whether this process is the first to start the present slot; missed slots are not made up for."""
    seconds = int(every.total_seconds())
    now = clock.now()
    slot = datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=now.tzinfo)
    if db.session.get(JobRun, (name, slot)) is not None:
        db.session.rollback()
        return False
    try:
        db.session.execute(insert(JobRun).values(name=name, slot=slot, started_at=now))
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return False
    return True
