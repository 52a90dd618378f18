"""At closing, cancel calls that are queued at the carrier or still ring an advisor, so that none
reaches a visitor after hours. A conversation continues.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog

from helpline import clock
from helpline.calls import attempt_jobs, attempts
from helpline.calls.attempt_jobs import ATTEMPTS
from helpline.calls.models import Attempt, Channel
from helpline.db import db, transaction
from helpline.domain.call_progress import AttemptResult, AttemptState, CarrierStatus, Leg
from helpline.hours import queries as hours_queries
from helpline.messaging import carrier_alerts, job_failures
from helpline.messaging.carrier_jobs import CarrierContext, SentJob
from helpline.telephony.port import Carrier, CarrierError
from helpline.telephony.problems import Problem

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

_NOT_ANSWERED = (AttemptState.PLACING, AttemptState.ADVISOR_RINGING)
_CANCELLABLE = (CarrierStatus.QUEUED, CarrierStatus.INITIATED, CarrierStatus.RINGING)


def cancel_next(context: CarrierContext) -> bool:
    """Cancel, once the helpline has closed, one call that is queued at the carrier or still rings
    an advisor; return whether there was one.

    1. Lock the attempt and commit: a 1 pressed from then on calls nobody.
    2. Look the call up, and cancel it if nobody has answered.
    3. Record the result; the callback returns to its queue position.
    """
    job = next_to_cancel(context.name, now=clock.now(), again_after=context.timing.silent_after)
    if job is None:
        return False
    try:
        _cancel(context.carrier, job)
    except CarrierError as error:
        log.warning("call could not be cancelled", attempt=job.job_id, problem=error.problem)
        carrier_alerts.report_error(context.name, error, now=clock.now())
    return True


def next_to_cancel(carrier: str, *, now: datetime, again_after: timedelta) -> SentJob | None:
    """Claim one unanswered call of a carrier while the helpline is closed, to cancel it; a 1
    pressed in it no longer calls anybody.

    Args:
        again_after: when to retry a cancellation that failed.
    """
    if hours_queries.is_open(db.session(), now):
        return None
    with transaction() as session:
        attempt = job_failures.take_next(
            session,
            job_failures.Job.CANCEL_AT_CLOSING,
            Attempt,
            Attempt.ended_at.is_(None),
            Attempt.channel == Channel.CARRIER,
            Attempt.carrier == carrier,
            Attempt.state.in_(_NOT_ANSWERED),
            Attempt.dial_allowed.is_not(True),
            sa.or_(Attempt.end_asked_at.is_(None), Attempt.end_asked_at <= now - again_after),
            now=now,
        )
        if attempt is None:
            return None
        attempt.dial_allowed, attempt.end_asked_at = False, now
        return ATTEMPTS.sent_job(session, attempt)


def _cancel(carrier: Carrier, job: SentJob) -> None:
    call = job.carrier_id or ATTEMPTS.find(carrier, job)
    if call is None:  # Never placed, or unknown: the lookup of silent attempts settles it.
        return
    status = carrier.fetch_call(call).status
    if status in _CANCELLABLE:
        carrier.cancel(call)
        status = carrier.fetch_call(call).status
    if status == CarrierStatus.CANCELED:
        record_cancelled(job.job_id, call, now=clock.now())


def record_cancelled(attempt_id: int, call: str, *, now: datetime) -> None:
    """Record that the carrier cancelled the call; its callback returns to the queue in its old
    position.
    """
    with transaction() as session:
        attempt = attempts.lock_attempt(session, attempt_id)
        assert attempt is not None
        attempt_jobs.record_lookup(
            session, attempt, Leg.ADVISOR, call, CarrierStatus.CANCELED, now=now
        )
        attempts.end_attempt(
            session, attempt, AttemptResult.CLOSED, rang=False, now=now, problem=Problem.CLOSED
        )
