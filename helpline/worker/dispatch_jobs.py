"""Jobs of automatic dispatch, of closing time and of long waits."""

from __future__ import annotations

from datetime import timedelta

import structlog

from helpline import clock
from helpline.calls import (
    cancel_at_closing,
    carrier_failures,
    dispatch,
    offers,
    rate_control,
    reconciliation,
)
from helpline.calls.offers import OfferPlacement
from helpline.domain.call_progress import FINAL, CarrierStatus, Leg
from helpline.queue import claims as queue
from helpline.telephony.carrier import CarrierError, OutcomeUnknown, Rejected, RetryLater
from helpline.worker.jobs import CarrierContext, wait_for_turn

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

_A_MOMENT = timedelta(seconds=5)
_NOT_ANSWERED = (CarrierStatus.QUEUED, CarrierStatus.INITIATED, CarrierStatus.RINGING)


def offer_callback() -> bool:
    """Offer the next callback to the longest idle advisor, if automatic dispatch is on."""
    return dispatch.offer_next(now=clock.now())


def tell_of_waiting() -> bool:
    """Notify supervisors of a callback not claimed within the deadline."""
    return dispatch.alert_waiting(now=clock.now())


def return_overdue_claim() -> bool:
    """Return a callback claimed for too long to the queue."""
    return queue.release_one_overdue_claim(now=clock.now())


def return_claim_at_closing() -> bool:
    """Return a claimed callback to the queue once the helpline has closed."""
    return queue.release_one_at_closing(now=clock.now())


def place_offer(telephone: CarrierContext) -> bool:
    """Call one advisor's phone with an offer, in the steps of ``place_call``."""
    if not wait_for_turn(telephone.timing.calls_per_second):
        return False
    too_late = 2 * telephone.timing.lost_after
    taken = offers.next_to_place(now=clock.now(), too_late_after=too_late)
    if not isinstance(taken, OfferPlacement):
        return taken
    try:
        call = telephone.carrier.ring(
            taken.advisor_number,
            answer_url=telephone.addresses.offer_answered(taken.ref),
            status_url=telephone.addresses.offer_status(taken.ref),
            ring_seconds=telephone.timing.advisor_ring_seconds,
            longest_seconds=telephone.timing.longest_seconds,
        )
    except RetryLater as error:
        log.warning("call not placed, will retry", offer=taken.offer_id, problem=error.problem)
        rate_control.carrier_busy(now=clock.now())
        offers.not_placed(taken.offer_id, error.problem, now=clock.now())
    except Rejected as error:
        log.warning("carrier rejected the request", offer=taken.offer_id, problem=error.problem)
        if error.problem in offers.NOT_THE_ADVISORS:
            rate_control.carrier_busy(now=clock.now())
            offers.not_placed(taken.offer_id, error.problem, now=clock.now())
        else:
            offers.refused(taken.offer_id, error.problem, now=clock.now())
        carrier_failures.call_refused(taken.ref, Leg.ADVISOR, error.code, now=clock.now())
        carrier_failures.carrier_answered(error, now=clock.now())
    except OutcomeUnknown as error:
        log.warning("outcome unknown, will look it up", offer=taken.offer_id, problem=error.problem)
        offers.mark_unconfirmed(taken.offer_id, now=clock.now())
        look_up_silent_offer(telephone)
    else:
        offers.placed(taken.offer_id, call, now=clock.now())
    return True


def end_unwanted_offer(telephone: CarrierContext) -> bool:
    """End an offer call that is no longer needed."""
    call = offers.next_to_cancel(now=clock.now(), again_after=telephone.timing.silent_after)
    if isinstance(call, bool):
        return call
    try:
        telephone.carrier.end(call)
    except CarrierError as error:
        log.warning("call could not be ended", call=call, problem=error.problem)
        carrier_failures.carrier_answered(error, now=clock.now())
    return True


def look_up_silent_offer(telephone: CarrierContext) -> bool:
    """Look up one offer at the carrier after too long without a webhook."""
    timing = telephone.timing
    silent = offers.next_silent(now=clock.now(), silent_after=timing.silent_after)
    if silent is None:
        return False
    try:
        _look_up(telephone, silent)
    except CarrierError as error:
        log.warning("carrier lookup failed", offer=silent.offer_id, problem=error.problem)
        carrier_failures.carrier_answered(error, now=clock.now())
    return True


def _look_up(telephone: CarrierContext, silent: offers.SilentOffer) -> None:
    carrier, timing = telephone.carrier, telephone.timing
    call = silent.call
    if call is None and silent.advisor_number is not None:
        seen = carrier.find(silent.advisor_number, since=silent.placing_at - _A_MOMENT)
        mine = reconciliation.unknown_ids([each.sid for each in seen])
        call = mine[0] if mine else None
    if call is None:
        offers.apply_missing(silent.offer_id, now=clock.now(), lost_after=timing.lost_after)
        return
    status = carrier.look(call).status
    if status is not None:
        offers.apply_lookup(silent.offer_id, call, status, now=clock.now())
    longest = 3 * timing.silent_after + timing.lost_after
    if status not in FINAL and clock.now() > silent.placing_at + longest:
        carrier.end(call)


def take_back_at_closing(telephone: CarrierContext) -> bool:
    """Cancel, once the helpline has closed, one call that is queued at the carrier or still rings
    an advisor.

    1. Lock the attempt and commit: a 1 pressed from then on calls nobody.
    2. Look the call up, and cancel it if nobody has answered.
    3. Record the result; the callback returns to its queue position.
    """
    again_after = telephone.timing.silent_after
    held = cancel_at_closing.next_to_cancel(now=clock.now(), again_after=again_after)
    if held is None:
        return False
    try:
        _take_back(telephone, held)
    except CarrierError as error:
        log.warning("call could not be cancelled", attempt=held.attempt_id, problem=error.problem)
        carrier_failures.carrier_answered(error, now=clock.now())
    return True


def _take_back(telephone: CarrierContext, held: cancel_at_closing.CancellableCall) -> None:
    carrier, call = telephone.carrier, held.call
    if call is None and held.advisor_number is not None:
        seen = carrier.find(held.advisor_number, since=held.placing_at - _A_MOMENT)
        mine = reconciliation.unknown_ids([each.sid for each in seen])
        call = mine[0] if mine else None
    if call is None:  # Never placed, or unknown: the lookup of silent attempts settles it.
        return
    status = carrier.look(call).status
    if status in _NOT_ANSWERED:
        carrier.take_back(call)
        status = carrier.look(call).status
    if status == CarrierStatus.CANCELED:
        cancel_at_closing.record_cancelled(held.attempt_id, call, now=clock.now())
