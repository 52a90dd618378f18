"""Scheduling of jobs by APScheduler."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

Job = Callable[[], bool]
Scope = Callable[[], AbstractContextManager[object]]

_MAX_ITEMS_PER_RUN = 50
_PAUSE_FACTOR = 19
_CLOCK_CHECK_SECONDS = 5.0


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


class _ClockSafeScheduler(BlockingScheduler):  # type: ignore[misc]
    """APScheduler waits for a time of day, which is far ahead once the clock was set back: a
    time too far ahead counts as due now.
    """

    def _process_jobs(self) -> float | None:
        now = datetime.now(UTC)
        for job in self.get_jobs():
            interval = getattr(job.trigger, "interval", timedelta())  # None where it runs once.
            if job.next_run_time and job.next_run_time - now > 2 * interval:
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
    find_due: Callable[[], Collection[str]] | None = None,
) -> BlockingScheduler:
    """Return a scheduler that runs jobs without overlap in this process.

    Args:
        jobs: by name. What follows a colon tells jobs of the same kind apart.
        scope: gives each run its own database session.
        every_seconds: the pause between two rounds.
        by_clock: jobs that run with or without work, and every how many rounds of a second.
        concurrency: how often a job may overlap itself, for those that mostly wait for others.
        find_due: returns the kinds of jobs to run in a round; None for all.
    """
    scheduler = _ClockSafeScheduler(
        executors={"default": ThreadPoolExecutor(max(4, len(jobs) + sum(concurrency.values())))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 60},
        timezone=UTC,
    )

    def add(name: str, job: Job, seconds: float | None) -> None:
        every = {} if seconds is None else {"trigger": "interval", "seconds": seconds}
        for copy in range(concurrency.get(_kind(name), 1)):
            scheduler.add_job(
                run_until_idle,
                args=(job, scope, _MAX_ITEMS_PER_RUN, name),
                id=f"{name} {copy}" if copy else name,
                next_run_time=datetime.now(UTC),
                replace_existing=True,
                **every,
            )

    def start_due() -> bool:
        assert find_due is not None
        due = set(find_due())
        for name, job in jobs.items():
            if _kind(name) in due:
                add(name, job, None)
        return False

    for name, job in jobs.items():
        if name in by_clock:
            add(name, job, clock_seconds(every_seconds, by_clock[name]))
        elif find_due is None:
            add(name, job, every_seconds)
    if find_due is not None:
        add("find_due", start_due, every_seconds)
    return scheduler


def clock_seconds(every_seconds: float, rounds: int) -> float:
    """Return the interval of a job by the clock, which long pauses between rounds do not stretch:
    nobody would hear from the worker.
    """
    return max(every_seconds, min(every_seconds, 1) * rounds)


def _kind(name: str) -> str:
    return name.partition(":")[0]
