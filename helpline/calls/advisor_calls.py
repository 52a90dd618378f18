"""Calls to advisors' phones, as carrier jobs: what attempts, offers and listeners share."""

from __future__ import annotations

from datetime import timedelta

from helpline.calls import rate_control
from helpline.calls.listening.models import Listener
from helpline.calls.models import Attempt, Offer
from helpline.messaging import carrier_jobs
from helpline.messaging.carrier_jobs import (
    CarrierContext,
    OutboundKind,
    Request,
    Row,
    SentJob,
)
from helpline.telephony.port import Carrier

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
