"""Scheduling of jobs by APScheduler."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import partial
from types import MappingProxyType

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from sqlalchemy.engine import Engine

from helpline import wakeups

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

Job = Callable[[], bool]
Scope = Callable[[], AbstractContextManager[object]]
FindDue = Callable[[], Collection[str]]

_MAX_ITEMS_PER_RUN = 50
_PAUSE_FACTOR = 19
_REST_FACTOR = 4
_CLOCK_CHECK_SECONDS = 5.0
_LISTEN_AGAIN_SECONDS = 5.0
_NEXT_COPY_AFTER = timedelta(milliseconds=50)
_FURTHEST = timedelta(seconds=1)


def run_until_idle(
    job: Job, scope: Scope, max_items: int = _MAX_ITEMS_PER_RUN, name: str = "unnamed"
) -> int:
    """Run a job until nothing is left for it, within bounds; return how many items it handled.

    An error ends this round of this job only; it is logged, and the next round retries.
    """
    done = 0
    with structlog.contextvars.bound_contextvars(tick=name):
        try:
            while done < max_items:
                with scope():
                    if not job():
                        break
                done += 1
        except Exception:
            log.exception("worker job failed")
    return done


def throttled(job: Job) -> Job:
    """Return the job limited to 5 % of its worker's time, so that urgent work is not delayed."""
    until = 0.0

    def rest_or_run() -> bool:
        nonlocal until
        began = time.monotonic()
        if began < until:
            return False
        try:
            return job()
        finally:
            until = time.monotonic() + _PAUSE_FACTOR * (time.monotonic() - began)

    return rest_or_run


def unhurried(job: Job) -> Job:
    """Return the job with a pause after each piece of work, four times as long as that took, so
    that whoever waited for it goes first.
    """

    def run_and_rest() -> bool:
        began = time.monotonic()
        has_more = job()
        if has_more:
            time.sleep(_REST_FACTOR * (time.monotonic() - began))
        return has_more

    return run_and_rest


class WorkerScheduler(BlockingScheduler):  # type: ignore[misc]
    """Runs jobs without overlap in this process.

    Args:
        jobs: by name. What follows a colon tells jobs of the same kind apart.
        scope: gives each run its own database session.
        concurrency: how often a job may overlap itself, for those that mostly wait for others.
    """

    def __init__(self, jobs: Mapping[str, Job], scope: Scope, concurrency: Mapping[str, int]):
        super().__init__(
            executors={
                "default": ThreadPoolExecutor(max(4, len(jobs) + sum(concurrency.values())))
            },
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 60},
            timezone=UTC,
        )
        self._runs, self._scope, self._concurrency = jobs, scope, concurrency
        self._is_stopping = threading.Event()

    def shutdown(self, wait: bool = True) -> None:
        """Stop. A job that runs finishes its item and begins no other."""
        self._is_stopping.set()
        super().shutdown(wait)

    def add(self, name: str, job: Job, seconds: float | None) -> None:
        """Run a job now, and every so many seconds after that; None: once.

        Its copies follow a moment later, so that they do not compete with it for a single item.
        """
        every = {} if seconds is None else {"trigger": "interval", "seconds": seconds}

        def run() -> bool:
            return not self._is_stopping.is_set() and job()

        for copy in range(self._concurrency.get(kind_of(name), 1)):
            self.add_job(
                run_until_idle,
                args=(run, self._scope, _MAX_ITEMS_PER_RUN, name),
                id=f"{name} {copy}" if copy else name,
                next_run_time=datetime.now(UTC) + copy * _NEXT_COPY_AFTER,
                replace_existing=True,
                **every,
            )

    def run_due(self, find_due: FindDue) -> bool:
        """Run the jobs that are due now; return False: it is no work itself."""
        kinds = set(find_due())
        for name, job in self._runs.items():
            if kind_of(name) in kinds:
                self.add(name, job, None)
        return False

    def run_when_woken(self, engine: Engine, find_due: FindDue) -> None:
        """Run what is due at each wake-up of the workers of this database, for ever."""
        while True:
            try:
                with wakeups.listening(engine) as wait:
                    while wait is not None:
                        wait()
                        run_until_idle(partial(self.run_due, find_due), self._scope, name="wake_up")
                return
            except Exception as error:  # Of whichever library lost the connection.
                log.warning("worker cannot be woken", problem=type(error).__name__)
            time.sleep(_LISTEN_AGAIN_SECONDS)

    def _process_jobs(self) -> float | None:
        """APScheduler waits for a time of day, which is far ahead once the clock was set back: a
        time too far ahead counts as due now.
        """
        now = datetime.now(UTC)
        for job in self.get_jobs():
            interval = getattr(job.trigger, "interval", timedelta())  # None where it runs once.
            furthest = max(2 * interval, _FURTHEST)
            if job.next_run_time and job.next_run_time - now > furthest:
                job.modify(next_run_time=now)
        wait: float | None = super()._process_jobs()
        return None if wait is None else min(wait, _CLOCK_CHECK_SECONDS)


def build_scheduler(
    jobs: Mapping[str, Job],
    scope: Scope,
    every_seconds: float,
    *,
    by_clock: Mapping[str, int] = MappingProxyType({}),
    concurrency: Mapping[str, int] = MappingProxyType({}),
    find_due: FindDue | None = None,
) -> WorkerScheduler:
    """Return a scheduler with these jobs, as ``WorkerScheduler`` takes them.

    Args:
        every_seconds: the pause between two rounds.
        by_clock: jobs that run with or without work, and every how many rounds of a second.
        find_due: returns the kinds of jobs to run in a round; None for all.
    """
    scheduler = WorkerScheduler(jobs, scope, concurrency)
    for name, job in jobs.items():
        if name in by_clock:
            scheduler.add(name, job, clock_seconds(every_seconds, by_clock[name]))
        elif find_due is None:
            scheduler.add(name, job, every_seconds)
    if find_due is not None:
        scheduler.add("find_due", partial(scheduler.run_due, find_due), every_seconds)
    return scheduler


def clock_seconds(every_seconds: float, rounds: int) -> float:
    """Return the interval of a job by the clock, which long pauses between rounds do not stretch:
    nobody would hear from the worker.
    """
    return max(every_seconds, min(every_seconds, 1) * rounds)


def kind_of(name: str) -> str:
    """Return the kind of a job: what follows a colon in its name tells those of a kind apart."""
    return name.partition(":")[0]
