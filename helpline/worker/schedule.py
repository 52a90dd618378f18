"""APScheduler runs the ticks. Nothing is decided here but how often."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from types import MappingProxyType

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

Job = Callable[[], bool]
Scope = Callable[[], AbstractContextManager[object]]

_MOST_AT_ONCE = 50
_UNHURRIED_ROUNDS = 5
_RESTS_TIMES = 19
_LOOKS_AT_THE_CLOCK_SECONDS = 5.0


def run_until_idle(
    tick: Job, scope: Scope, most: int = _MOST_AT_ONCE, name: str = "unnamed"
) -> int:
    """Runs a tick until there is nothing left for it, within bounds.

    An error ends this round of this tick only; it is logged, and the next round tries again.

    Returns:
        How many pieces of work were done.
    """
    done = 0
    with structlog.contextvars.bound_contextvars(tick=name):
        try:
            while done < most:
                with scope():
                    if not tick():
                        break
                done += 1
        except Exception:
            log.exception("worker job failed")
    return done


def throttled(tick: Job) -> Job:
    """The same tick, which takes a twentieth of its worker's time at most: what is long must not
    keep from what is urgent."""
    until = 0.0

    def rest_or_run() -> bool:
        nonlocal until
        began = time.monotonic()
        if began < until:
            return False
        try:
            return tick()
        finally:
            until = time.monotonic() + _RESTS_TIMES * (time.monotonic() - began)

    return rest_or_run


class _Steady(BlockingScheduler):  # type: ignore[misc]
    """APScheduler waits for a time of day. Where the clock was set back, that is far ahead, and
    nothing would be done until the clock has caught up; so what is too far ahead is due now."""

    def _process_jobs(self) -> float | None:
        now = datetime.now(UTC)
        for job in self.get_jobs():
            if job.next_run_time and job.next_run_time - now > 2 * job.trigger.interval:
                job.modify(next_run_time=now)
        wait: float | None = super()._process_jobs()
        return None if wait is None else min(wait, _LOOKS_AT_THE_CLOCK_SECONDS)


def build(
    ticks: Mapping[str, Job],
    scope: Scope,
    every_seconds: float,
    unhurried: Collection[str] = (),
    beside: Mapping[str, int] = MappingProxyType({}),
) -> BlockingScheduler:
    """A scheduler that runs each tick every so many seconds, never twice at once in this process
    but for those that may.

    Args:
        ticks: by name.
        scope: gives each run its own database session.
        every_seconds: the pause between two rounds, in seconds.
        unhurried: those that run in every fifth round only.
        beside: those that mostly wait for others, and so run beside themselves: how many times.
    """
    scheduler = _Steady(
        executors={"default": ThreadPoolExecutor(max(4, len(ticks) + sum(beside.values())))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 60},
        timezone=UTC,
    )
    for name, tick in ticks.items():
        for turn in range(beside.get(name, 1)):
            scheduler.add_job(
                run_until_idle,
                "interval",
                (tick, scope, _MOST_AT_ONCE, name),
                id=f"{name} {turn}" if turn else name,
                seconds=every_seconds * (_UNHURRIED_ROUNDS if name in unhurried else 1),
            )
    return scheduler
