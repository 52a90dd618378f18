"""Jobs of automatic dispatch, of closing time and of long waits."""

from __future__ import annotations

import structlog

from helpline import clock
from helpline.calls import (
    cancel_at_closing,
    carrier_failures,
    dispatch,
    offers,
    rate_control,
)
from helpline.calls.offers import OfferPlacement
from helpline.domain.call_progress import FINAL, CarrierStatus, Leg
from helpline.queue import claims
from helpline.telephony.port import CarrierError, OutcomeUnknown, Rejected, RetryLater
from helpline.worker.jobs import CarrierContext, find_unconfirmed, wait_for_rate_limit

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

_NOT_ANSWERED = (CarrierStatus.QUEUED, CarrierStatus.INITIATED, CarrierStatus.RINGING)


def offer_callback() -> bool:
    """Offer the next callback to the longest idle advisor, if automatic dispatch is on."""
    return dispatch.offer_next(now=clock.now())


def notify_of_long_wait() -> bool:
    """Notify supervisors of a callback not claimed within the deadline."""
    return dispatch.alert_waiting(now=clock.now())


def release_overdue_claim() -> bool:
    """Return a callback claimed for too long to the queue."""
    return claims.release_one_overdue_claim(now=clock.now())


def release_claim_at_closing() -> bool:
    """Return a claimed callback to the queue once the helpline has closed."""
    return claims.release_one_at_closing(now=clock.now())


def place_offer(context: CarrierContext) -> bool:
    """Call one advisor's phone with an offer, in the steps of ``place_call``."""
    if not wait_for_rate_limit(context.timing.calls_per_second):
        return False
    too_late = 2 * context.timing.lost_after
    placement = offers.next_to_place(now=clock.now(), too_late_after=too_late)
    if not isinstance(placement, OfferPlacement):
        return placement
    try:
        call = context.carrier.create_call(
            placement.advisor_number,
            answer_url=context.addresses.offer_answered(placement.ref),
            status_url=context.addresses.offer_status(placement.ref),
            ring_seconds=context.timing.advisor_ring_seconds,
            max_seconds=context.timing.longest_seconds,
        )
    except RetryLater as error:
        log.warning("call not placed, will retry", offer=placement.offer_id, problem=error.problem)
        rate_control.carrier_busy(now=clock.now())
        offers.not_placed(placement.offer_id, error.problem, now=clock.now())
    except Rejected as error:
        log.warning("carrier rejected the request", offer=placement.offer_id, problem=error.problem)
        if error.problem in offers.NOT_ADVISOR_FAULT:
            rate_control.carrier_busy(now=clock.now())
            offers.not_placed(placement.offer_id, error.problem, now=clock.now())
        else:
            offers.refused(placement.offer_id, error.problem, now=clock.now())
        carrier_failures.call_refused(placement.ref, Leg.ADVISOR, error.code, now=clock.now())
        carrier_failures.carrier_answered(error, now=clock.now())
    except OutcomeUnknown as error:
        log.warning(
            "outcome unknown, will look it up", offer=placement.offer_id, problem=error.problem
        )
        offers.mark_unconfirmed(placement.offer_id, now=clock.now())
        look_up_silent_offer(context)
    else:
        offers.placed(placement.offer_id, call, now=clock.now())
    return True


def end_unwanted_offer(context: CarrierContext) -> bool:
    call = offers.next_to_cancel(now=clock.now(), again_after=context.timing.silent_after)
    if isinstance(call, bool):
        return call
    try:
        context.carrier.hang_up(call)
    except CarrierError as error:
        log.warning("call could not be ended", call=call, problem=error.problem)
        carrier_failures.carrier_answered(error, now=clock.now())
    return True


def look_up_silent_offer(context: CarrierContext) -> bool:
    """Look up one offer at the carrier after too long without a webhook."""
    timing = context.timing
    silent = offers.next_silent(now=clock.now(), silent_after=timing.silent_after)
    if silent is None:
        return False
    try:
        _look_up_offer(context, silent)
    except CarrierError as error:
        log.warning("carrier lookup failed", offer=silent.offer_id, problem=error.problem)
        carrier_failures.carrier_answered(error, now=clock.now())
    return True


def _look_up_offer(context: CarrierContext, silent: offers.SilentOffer) -> None:
    carrier, timing = context.carrier, context.timing
    call = silent.call or find_unconfirmed(carrier, silent.advisor_number, silent.placing_at)
    if call is None:
        offers.apply_missing(silent.offer_id, now=clock.now(), lost_after=timing.lost_after)
        return
    status = carrier.fetch_call(call).status
    if status is not None:
        offers.apply_lookup(silent.offer_id, call, status, now=clock.now())
    longest = 3 * timing.silent_after + timing.lost_after
    if status not in FINAL and clock.now() > silent.placing_at + longest:
        carrier.hang_up(call)


def cancel_call_at_closing(context: CarrierContext) -> bool:
    """Cancel, once the helpline has closed, one call that is queued at the carrier or still rings
    an advisor.

    1. Lock the attempt and commit: a 1 pressed from then on calls nobody.
    2. Look the call up, and cancel it if nobody has answered.
    3. Record the result; the callback returns to its queue position.
    """
    again_after = context.timing.silent_after
    cancellable = cancel_at_closing.next_to_cancel(now=clock.now(), again_after=again_after)
    if cancellable is None:
        return False
    try:
        _cancel_call(context, cancellable)
    except CarrierError as error:
        log.warning(
            "call could not be cancelled", attempt=cancellable.attempt_id, problem=error.problem
        )
        carrier_failures.carrier_answered(error, now=clock.now())
    return True


def _cancel_call(context: CarrierContext, cancellable: cancel_at_closing.CancellableCall) -> None:
    carrier = context.carrier
    call = cancellable.call or find_unconfirmed(
        carrier, cancellable.advisor_number, cancellable.placing_at
    )
    if call is None:  # Never placed, or unknown: the lookup of silent attempts settles it.
        return
    status = carrier.fetch_call(call).status
    if status in _NOT_ANSWERED:
        carrier.cancel(call)
        status = carrier.fetch_call(call).status
    if status == CarrierStatus.CANCELED:
        cancel_at_closing.record_cancelled(cancellable.attempt_id, call, now=clock.now())
