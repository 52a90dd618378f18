"""Calls to advisors' phones, as carrier jobs: what attempts, offers and listeners share."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.calls import rate_control
from helpline.calls.listening.models import Listener
from helpline.calls.models import Attempt, Offer
from helpline.db import ONE, transaction, updated_one_row
from helpline.messaging import carrier_jobs, job_failures
from helpline.messaging.carrier_jobs import (
    END_AGAIN_AFTER,
    CarrierContext,
    OutboundKind,
    Request,
    Row,
    SentJob,
)
from helpline.messaging.job_failures import Job
from helpline.telephony import carrier_limits
from helpline.telephony.port import Carrier

AdvisorCall = type[Offer] | type[Listener]
"""Rows that are their own outbox."""
_CLOCK_TOLERANCE = timedelta(seconds=5)


class AdvisorCallJobs(OutboundKind[Row]):
    """Calls to advisors' phones, within the carrier's calls per second and calls at once."""

    looked_at, look_at = "heard_at", "look_at"
    retry_event = "call not placed, will retry"
    is_call = True

    def may_start(self, context: CarrierContext) -> bool:
        return rate_control.wait_for_slot(context.name, context.timing.calls_per_second)

    def find(self, carrier: Carrier, job: SentJob) -> str | None:
        """Staff have one call at a time, so a call to their phone that belongs to nothing else is
        it.
        """
        if job.number is None:
            return None
        calls = carrier.find_calls(job.number, since=job.asked_at - _CLOCK_TOLERANCE)
        ids = carrier_jobs.unknown_ids(
            [call.id for call in calls], Attempt.advisor_call, Offer.call, Listener.call
        )
        return ids[0] if ids else None


def create_call(
    context: CarrierContext, request: Request, *, answer_url: str, status_url: str
) -> str:
    """Ask the carrier to call an advisor's phone and return its id, or raise CarrierError."""
    return context.carrier.create_call(
        request.number,
        answer_url=answer_url,
        status_url=status_url,
        ring_seconds=context.timing.advisor_ring_seconds,
        max_seconds=context.timing.longest_seconds,
    )


def begin_next(
    session: Session,
    model: AdvisorCall,
    is_queued: sa.ColumnElement[bool],
    carrier: str,
    *,
    job: Job,
    now: datetime,
) -> int | None:
    """Return the id of the oldest queued call of a carrier, to which failures belong from here on;
    None where there is none.
    """
    first = session.scalar(
        sa.select(model.id)
        .where(is_queued, model.carrier == carrier, job_failures.may_run(job, model.id, now))
        .order_by(model.created_at)
        .limit(ONE)
    )
    if first is not None:
        job_failures.begin(job, first)
    return first


def store_id(model: AdvisorCall, job_id: int, carrier_id: str, *, now: datetime) -> None:
    """Store the carrier's id of a call that it accepted, unless a webhook did."""
    with transaction() as session:
        updated_one_row(
            session,
            sa.update(model)
            .where(model.id == job_id, model.call.is_(None))
            .values(call=carrier_id, heard_at=now),
        )
        carrier = session.scalars(sa.select(model.carrier).where(model.id == job_id)).one()
        carrier_limits.restore_rate(session, carrier)


def can_be_ended(
    model: AdvisorCall, is_queued: sa.ColumnElement[bool], now: datetime
) -> sa.ColumnElement[bool]:
    """Return a condition: not yet at the carrier, or known by its id there and not asked to end a
    moment ago.
    """
    return sa.and_(
        sa.or_(is_queued, model.call.is_not(None)),
        sa.or_(model.end_asked_at.is_(None), model.end_asked_at <= now - END_AGAIN_AFTER),
    )
