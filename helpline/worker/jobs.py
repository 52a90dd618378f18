"""The worker's jobs. Each handles one item and returns whether there was one.

All are safe to run in many workers at once: an item is taken in the database first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from helpline import clock
from helpline.callbacks import service as callback_service
from helpline.callbacks.phone_limits import service as phone_limit_service
from helpline.callbacks.set_aside import service as set_aside_service
from helpline.calls import carrier_failures, offers, rate_control, reconciliation
from helpline.calls import service as call_service
from helpline.calls.inbound import recordings
from helpline.calls.inbound import service as inbound_service
from helpline.calls.service import Placement
from helpline.domain.call_progress import FINAL, Leg
from helpline.domain.job_limits import JobLimits
from helpline.erasure import service as erasure_service
from helpline.messaging import sms_delivery
from helpline.queue import claims
from helpline.telephony.port import Carrier, CarrierError, OutcomeUnknown, Rejected, RetryLater

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

_MAX_ATTEMPTS = 5
_RATE_LIMIT_TIMEOUT = timedelta(seconds=1.5)
_CLOCK_TOLERANCE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class WebhookUrls:
    """Webhook URLs of a call, by the attempt's reference."""

    answered: Callable[[str], str]
    status: Callable[[str, str], str]
    offer_answered: Callable[[str], str]
    offer_status: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """The operator's settings that jobs need."""

    advisor_ring_seconds: int
    longest_seconds: int
    silent_after: timedelta
    lost_after: timedelta
    calls_per_second: float


@dataclass(frozen=True, slots=True)
class CarrierContext:
    """The carrier and its settings."""

    carrier: Carrier
    addresses: WebhookUrls
    timing: Timeouts


def release_expired_claim() -> bool:
    """Return a callback with an expired lease to the queue."""
    return claims.release_one_expired_claim(now=clock.now())


def close_wrap_up() -> bool:
    return call_service.close_one_wrap_up(now=clock.now())


def end_withdrawn_call() -> bool:
    """End a call from an advisor's own phone whose callback was cancelled."""
    return call_service.end_one_cancelled(now=clock.now())


def end_follower() -> bool:
    """End a follower: a request that waited behind another one of its number."""
    return callback_service.end_one_follower(now=clock.now())


def expire_callback() -> bool:
    """Expire a callback that waited, or was set aside, longer than the policy allows."""
    now = clock.now()
    if callback_service.end_one_past_safe_time(now=now):
        return True
    return callback_service.expire_one(now=now) or set_aside_service.expire_one(now=now)


def delete_past_call_limits() -> bool:
    """Delete call limits that are over."""
    return phone_limit_service.erase_expired(now=clock.now())


def erase_due() -> bool:
    """Erase some data past its retention."""
    return erasure_service.erase_due(now=clock.now())


def place_call(context: CarrierContext) -> bool:
    """Place one call.

    1. Wait for the account's calls-per-second limit.
    2. Mark the row as sent and commit: from here on only a lookup may settle it.
    3. Ask the carrier, outside any transaction.
    4. Record its answer.
    """
    if not wait_for_rate_limit(context.timing.calls_per_second):
        return False
    placement = call_service.next_to_place(
        now=clock.now(), too_late_after=2 * context.timing.lost_after
    )
    if not isinstance(placement, Placement):
        return placement
    try:
        call = context.carrier.create_call(
            placement.advisor_number,
            answer_url=context.addresses.answered(placement.ref),
            status_url=context.addresses.status(placement.ref, "advisor"),
            ring_seconds=context.timing.advisor_ring_seconds,
            max_seconds=context.timing.longest_seconds,
        )
    except RetryLater as error:
        log.warning(
            "call not placed, will retry", attempt=placement.attempt_id, problem=error.problem
        )
        rate_control.carrier_busy(now=clock.now())
        call_service.retry_placing(
            placement.attempt_id, error.problem, now=clock.now(), max_attempts=_MAX_ATTEMPTS
        )
    except Rejected as error:
        log.warning(
            "carrier rejected the request", attempt=placement.attempt_id, problem=error.problem
        )
        call_service.refused(placement.attempt_id, error.problem, now=clock.now())
        carrier_failures.call_refused(placement.ref, Leg.ADVISOR, error.code, now=clock.now())
        carrier_failures.carrier_answered(error, now=clock.now())
    except OutcomeUnknown as error:
        log.warning(
            "outcome unknown, will look it up", attempt=placement.attempt_id, problem=error.problem
        )
        reconciliation.mark_unconfirmed(placement.attempt_id, now=clock.now())
        look_up_silent_attempt(context)
    else:
        call_service.placed(placement.attempt_id, call, now=clock.now())
    return True


def wait_for_rate_limit(calls_per_second: float) -> bool:
    """Wait a second or two until this worker may place a call.

    Returns:
        False when no call is to be placed, or other workers used up the rate.
    """
    now, until = clock.now(), clock.now() + _RATE_LIMIT_TIMEOUT
    while now <= until:
        wait = rate_control.acquire_slot(now=now, calls_per_second=calls_per_second)
        if not wait:
            return wait is not None
        if now + wait > until:
            return False
        clock.wait(wait)
        now = max(clock.now(), now + wait)
    return False


def end_unwanted_call(context: CarrierContext) -> bool:
    call = call_service.next_to_cancel(now=clock.now())
    if call is None:
        return False
    try:
        context.carrier.hang_up(call)
    except CarrierError as error:
        log.warning("call could not be ended", call=call, problem=error.problem)
        carrier_failures.carrier_answered(error, now=clock.now())
    return True


def look_up_silent_attempt(context: CarrierContext) -> bool:
    """Look up one attempt at the carrier after too long without a webhook."""
    timing = context.timing
    silent = reconciliation.next_silent(now=clock.now(), silent_after=timing.silent_after)
    if silent is None:
        return False
    try:
        _look_up_attempt(context, silent)
    except CarrierError as error:
        log.warning("carrier lookup failed", attempt=silent.attempt_id, problem=error.problem)
        carrier_failures.carrier_answered(error, now=clock.now())
    return True


def end_overdue(limits: JobLimits, *, has_carrier: bool) -> bool:
    """End one carrier job that has lasted longer than any can, with or without the carrier.

    A recorded message is ended here only without a carrier: with one, fetching ends after some
    retries, and after an outage of the worker it can still be fetched.
    """
    now = clock.now()
    return (
        reconciliation.end_one_overdue(now=now, limits=limits)
        or offers.end_one_overdue(now=now, limits=limits)
        or inbound_service.end_one_overdue(now=now, limits=limits)
        or sms_delivery.end_one_overdue(now=now, limits=limits)
        or (not has_carrier and recordings.end_one_overdue(now=now, limits=limits))
    )


def _look_up_attempt(context: CarrierContext, silent: reconciliation.SilentAttempt) -> None:
    carrier, timing = context.carrier, context.timing
    call = silent.advisor_call or find_unconfirmed(
        carrier, silent.advisor_number, silent.placing_at
    )
    if call is None:
        reconciliation.apply_missing(
            silent.attempt_id, now=clock.now(), lost_after=timing.lost_after
        )
        return
    advisor = carrier.fetch_call(call)
    if advisor.status is None:
        return
    visitor = next((c for c in carrier.fetch_legs(call) if c.status), None)
    reconciliation.apply_lookup(
        silent.attempt_id,
        call,
        advisor.status,
        (visitor.id, visitor.status) if visitor and visitor.status else None,
        now=clock.now(),
    )
    rings_too_long = (
        advisor.created_at is not None
        and advisor.status not in FINAL
        and visitor is None
        and clock.now() > advisor.created_at + 3 * timing.silent_after + timing.lost_after
    )
    if rings_too_long:
        carrier.hang_up(call)


def find_unconfirmed(carrier: Carrier, number: str | None, placing_at: datetime) -> str | None:
    """Return the carrier's id of a call whose placing is unconfirmed; None where there is none.

    An advisor has one call at a time, so a call to their phone that belongs to nothing else is it.
    """
    if number is None:
        return None
    calls = carrier.find_calls(number, since=placing_at - _CLOCK_TOLERANCE)
    ids = reconciliation.unknown_ids([call.id for call in calls])
    return ids[0] if ids else None
