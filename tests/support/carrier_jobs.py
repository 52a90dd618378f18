"""The steps of carrier jobs as a worker takes them, without asking a carrier."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from helpline import clock
from helpline.calls.attempt_jobs import ATTEMPTS
from helpline.calls.dispatch.offer_jobs import OFFERS
from helpline.messaging.carrier_jobs import OutboundKind, Request
from helpline.messaging.sms_delivery import SmsJobs
from helpline.telephony.adapters import FIRST
from helpline.telephony.port import Rejected
from helpline.telephony.problems import Problem, SmsProblem

SMS = SmsJobs()
LOST_AFTER = timedelta(minutes=2)


def take_attempt(lost_after: timedelta = LOST_AFTER) -> Request | bool:
    """Claim the next call to place."""
    return ATTEMPTS.next_to_start(FIRST, now=clock.now(), lost_after=lost_after)


def take_offer() -> Request | bool:
    """Claim the next offer to place."""
    return OFFERS.next_to_start(FIRST, now=clock.now(), lost_after=LOST_AFTER)


def take_text(*, budget_exhausted: bool = False) -> Request | bool:
    """Claim the next text message to send."""
    kind = SmsJobs(lambda _now: budget_exhausted)
    return kind.next_to_start(FIRST, now=clock.now(), lost_after=LOST_AFTER)


def reject(
    kind: OutboundKind[Any],
    job_id: int,
    problem: Problem | SmsProblem = Problem.REFUSED,
    code: int | None = None,
) -> None:
    """The carrier rejects a job."""
    kind.rejected(Request(job_id, "", ""), Rejected(problem, code), now=clock.now())
