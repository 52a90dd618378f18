"""One worker process: its jobs and its heartbeat."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from types import MappingProxyType

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from helpline import clock
from helpline.calls import service as call_service
from helpline.current import services
from helpline.directory.crisis import service as crisis_service
from helpline.directory.crisis.quick_exit import published_path
from helpline.domain.job_limits import JobLimits
from helpline.messaging import job_failures
from helpline.messaging import service as message_service
from helpline.privacy import audit_chain, wal
from helpline.privacy.tombstone_file import TombstoneCopy
from helpline.text_overrides import service as text_override_service
from helpline.text_overrides.service import published_path as overrides_path
from helpline.worker import (
    audit_job,
    count_job,
    dispatch_jobs,
    inbound_jobs,
    jobs,
    preflight_job,
    sms_jobs,
)
from helpline.worker.jobs import CarrierContext
from helpline.worker.schedule import Job, throttled
from helpline.worker.sms_jobs import SmsContext

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

SLOW_JOBS = frozenset(
    {
        "ask_about_text",
        "check_audit_log",
        "close_wrap_up",
        "count_day",
        "empty_wal",
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
        "return_lapsed_claim",
        "return_overdue_claim",
        "seal_audit_log",
        "tell_of_waiting",
    }
)
"""Jobs that may be a few seconds late; most of their runs find nothing to do."""

CONCURRENCY = MappingProxyType({"place_call": 3})
"""Jobs that run several times at once, since they mostly wait for the carrier."""


def build_jobs(
    name: str,
    carrier: CarrierContext | None,
    crisis_file: Path,
    sms: SmsContext | None = None,
    every: timedelta = timedelta(seconds=1),
    tombstones: TombstoneCopy | None = None,
) -> dict[str, Job]:
    """Return every job of a worker by name.

    Args:
        name: this worker's name in its heartbeat.
        carrier: the carrier; None where advisors call from their own phones.
        crisis_file: the published crisis directory of this machine.
        sms: how text messages are sent; None where none are.
        every: the pause between two rounds.
        tombstones: the tombstone file; None: this machine keeps none.

    Raises:
        ValueError: a path is relative, so it would depend on the current folder.
    """
    if not crisis_file.is_absolute():
        raise ValueError(f"a relative path: {crisis_file}")
    known_end = audit_chain.KnownEnd(crisis_file.parent)
    jobs_by_name: dict[str, Job] = {
        "return_lapsed_claim": jobs.release_expired_claim,
        "close_wrap_up": jobs.close_wrap_up,
        "end_withdrawn_call": jobs.end_withdrawn_call,
        "end_request_behind": jobs.end_follower,
        "end_overdue": lambda: jobs.end_overdue(_job_limits(), has_carrier=carrier is not None),
        "expire_callback": jobs.expire_callback,
        "forget_past_rests": jobs.delete_past_call_limits,
        "publish_crisis_lines": lambda: crisis_service.publish_if_changed(crisis_file),
        "publish_safety": lambda: crisis_service.publish_safety_if_changed(
            published_path(crisis_file)
        ),
        "publish_words": lambda: text_override_service.publish_if_changed(
            overrides_path(crisis_file)
        ),
        "beat": partial(_heartbeat, name, every),
        "tell_of_waiting": dispatch_jobs.notify_of_long_wait,
        "return_overdue_claim": dispatch_jobs.release_overdue_claim,
        "return_claim_at_closing": dispatch_jobs.release_claim_at_closing,
        "preflight": preflight_job.run_if_due,
        "seal_audit_log": audit_job.Sealer(known_end).seal,
        "check_audit_log": partial(audit_job.verify_if_due, known_end),
        "empty_wal": partial(_empty_wal, wal.WalTruncation()),
        "erase_due": jobs.erase_due,
        "count_day": throttled(count_job.count_day),
    }
    if tombstones is not None:
        jobs_by_name["copy_tombstones"] = partial(_copy_tombstones, tombstones)
    if carrier is not None:
        jobs_by_name |= {
            "place_call": partial(jobs.place_call, carrier),
            "end_unwanted_call": partial(jobs.end_unwanted_call, carrier),
            "look_up_silent": partial(jobs.look_up_silent_attempt, carrier),
            "fetch_message": partial(inbound_jobs.fetch_message, carrier),
            "look_up_silent_call_in": partial(inbound_jobs.look_up_silent_inbound_call, carrier),
            "offer_callback": dispatch_jobs.offer_callback,
            "place_offer": partial(dispatch_jobs.place_offer, carrier),
            "end_unwanted_offer": partial(dispatch_jobs.end_unwanted_offer, carrier),
            "look_up_silent_offer": partial(dispatch_jobs.look_up_silent_offer, carrier),
            "take_back_at_closing": partial(dispatch_jobs.cancel_call_at_closing, carrier),
        }
    if sms is not None:
        jobs_by_name |= {
            "send_text": partial(sms_jobs.send_sms, sms),
            "look_up_text": partial(sms_jobs.look_up_sms, sms),
            "ask_about_text": partial(sms_jobs.refresh_sms_status, sms),
        }
    return {name: _with_failure_count(job) for name, job in jobs_by_name.items()}


def _job_limits() -> JobLimits:
    settings = services().settings
    return JobLimits.of(
        ring_seconds=settings.advisor_ring_seconds,
        longest_seconds=settings.longest_call_minutes * 60,
        longest_message_seconds=settings.longest_message_seconds,
        silent_after=timedelta(seconds=settings.silent_after_seconds),
        lost_after=timedelta(seconds=settings.lost_after_seconds),
    )


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
                    call_service.give_up_placing(subject.id, now=clock.now())
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
