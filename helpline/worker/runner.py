"""One worker process: its jobs and its heartbeat."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import MappingProxyType

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from helpline import clock
from helpline.calls import attempt_jobs
from helpline.calls.dispatch import rounds
from helpline.directory.crisis import service as crisis_service
from helpline.directory.crisis.quick_exit import published_path
from helpline.erasure.service import Progress, erase_due
from helpline.messaging import job_failures
from helpline.messaging import service as message_service
from helpline.messaging.carrier_jobs import CarrierContext
from helpline.messaging.webhooks.service import MAX_ENABLED
from helpline.privacy import audit_chain, wal
from helpline.privacy.tombstone_file import TombstoneCopy
from helpline.text_overrides import service as text_override_service
from helpline.text_overrides.service import published_path as overrides_path
from helpline.worker import audit_job, count_job, jobs, preflight_job
from helpline.worker.due import Rounds, only_if_due
from helpline.worker.schedule import Job, clock_seconds, kind_of, throttled, unhurried

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

SLOW_JOBS = frozenset(
    {
        "alert_of_emergencies",
        "alert_staff",
        "check_audit_log",
        "close_wrap_up",
        "complete_references",
        "end_overdue",
        "end_request_behind",
        "erase_due",
        "expire_callback",
        "fetch_message",
        "forget_past_rests",
        "look_up_silent",
        "look_up_silent_call_in",
        "look_up_silent_offer",
        "look_up_text",
        "preflight",
        "remind_of_shifts",
        "return_lapsed_claim",
        "return_overdue_claim",
        "seal_audit_log",
        "send_webhook",
        "tell_of_waiting",
    }
)
"""Kinds of jobs that may be a few seconds late."""

CLOCK_JOBS = MappingProxyType(
    {
        "beat": 30,
        "copy_tombstones": 30,
        "count_day": 60,
        "empty_wal": 30,
        "publish_crisis_lines": 60,
        "publish_safety": 60,
        "publish_words": 60,
        "watch_audit_end": 30,
    }
)
"""Jobs that the clock starts, and after how many rounds: no condition in the database says when."""

CONCURRENCY = MappingProxyType({"place_call": 3, "send_webhook": MAX_ENABLED})
"""Jobs that run several times at once, since they mostly wait for others."""


def build_jobs(
    name: str,
    carriers: Sequence[CarrierContext],
    crisis_file: Path,
    *,
    every: timedelta = timedelta(seconds=1),
    tombstones: TombstoneCopy | None = None,
) -> dict[str, Job]:
    """Return every job of a worker by name.

    Args:
        name: this worker's name in its heartbeat.
        carriers: those with an account; none where advisors call from their own phones. Each has
            jobs of its own, so that none waits for another; those of the second and later ones are
            named "place_call:" and the carrier's name.
        crisis_file: the published crisis directory of this machine.
        every: the pause between two rounds.
        tombstones: the tombstone file; None: this machine keeps none.

    Raises:
        ValueError: a path is relative, so it would depend on the current folder.
    """
    if not crisis_file.is_absolute():
        raise ValueError(f"a relative path: {crisis_file}")
    known_end = audit_chain.KnownEnd(crisis_file.parent)
    sealer = audit_job.Sealer(known_end)
    beat_every = timedelta(seconds=clock_seconds(every.total_seconds(), CLOCK_JOBS["beat"]))
    all_jobs: dict[str, Job] = {
        "end_overdue": partial(jobs.end_overdue, carriers=[each.name for each in carriers]),
        "publish_crisis_lines": partial(crisis_service.publish_if_changed, crisis_file),
        "publish_safety": partial(
            crisis_service.publish_safety_if_changed, published_path(crisis_file)
        ),
        "publish_words": partial(
            text_override_service.publish_if_changed, overrides_path(crisis_file)
        ),
        "beat": partial(_heartbeat, name, beat_every),
        "preflight": preflight_job.run_if_due,
        "seal_audit_log": sealer.seal,
        "watch_audit_end": sealer.seal,
        "check_audit_log": partial(audit_job.verify_if_due, known_end),
        "empty_wal": partial(_empty_wal, wal.WalTruncation()),
        "count_day": throttled(count_job.count_day),
        "send_webhook": jobs.send_webhook,
        "erase_due": unhurried(_at_present(partial(erase_due, progress=Progress()))),
    }
    all_jobs |= {job: _at_present(verb) for job, verb in jobs.DATABASE_JOBS.items()}
    if tombstones is not None:
        all_jobs["copy_tombstones"] = partial(_copy_tombstones, tombstones)
    asking = {**jobs.CALL_JOBS, **jobs.SMS_JOBS}
    for index, carrier in enumerate(carriers):
        suffix = f":{carrier.name}" if index else ""
        all_jobs |= {job + suffix: partial(step, carrier) for job, step in asking.items()}
    if carriers:
        all_jobs["offer_callback"] = _at_present(rounds.offer_next)
    return {name: _if_due(name, _with_failure_count(run)) for name, run in all_jobs.items()}


def rounds_of(all_jobs: Collection[str]) -> Rounds:
    """Return what a worker with these jobs looks for."""
    return Rounds(_kinds_of(all_jobs), SLOW_JOBS)


def urgent_rounds_of(all_jobs: Collection[str]) -> Rounds:
    """Return what a worker with these jobs looks for when it is woken."""
    return Rounds(_kinds_of(all_jobs) - SLOW_JOBS)


def _kinds_of(all_jobs: Collection[str]) -> set[str]:
    """Return the kinds of jobs that a condition starts."""
    return {kind_of(name) for name in all_jobs} - set(CLOCK_JOBS)


def _if_due(name: str, job: Job) -> Job:
    kind = kind_of(name)
    return job if kind in CLOCK_JOBS else only_if_due(kind, job)


def _at_present(verb: Callable[..., bool]) -> Job:
    return lambda: verb(now=clock.now())


def _with_failure_count(job: Job) -> Job:
    """Count failures for the item, not those of the database: it is skipped, at last set aside."""

    def run() -> bool:
        job_failures.clear()
        try:
            return job()
        except (OperationalError, InterfaceError, PoolTimeout):
            raise
        except Exception as error:
            subject = job_failures.current_subject()
            if subject is None:
                raise
            log.exception("job failed", job=subject.job, subject=subject.id)
            if job_failures.count_failure(subject, type(error).__name__, now=clock.now()):
                log.warning(
                    "job set aside after repeated failures", job=subject.job, subject=subject.id
                )
                if subject.job == job_failures.Job.PLACE_CALL:
                    attempt_jobs.give_up_placing(subject.id, now=clock.now())
            return True

    return run


def _heartbeat(name: str, every: timedelta) -> bool:
    message_service.record_heartbeat(name, interval=every, now=clock.now())
    return False


def _empty_wal(emptying: wal.WalTruncation) -> bool:
    emptying.truncate_if_due(now=clock.now())
    return False


def _copy_tombstones(tombstones: TombstoneCopy) -> bool:
    tombstones.update(now=clock.now())
    return False
