"""Jobs for inbound calls: recorded messages, and calls without a webhook for too long."""

from __future__ import annotations

import structlog

from helpline import clock
from helpline.calls import carrier_failures
from helpline.calls.inbound import recordings
from helpline.calls.inbound import service as inbound_service
from helpline.domain.call_progress import FINAL
from helpline.telephony.port import CarrierError
from helpline.worker.jobs import CarrierContext

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


def fetch_message(context: CarrierContext) -> bool:
    """Fetch one recorded message; delete it at the carrier once it is stored."""
    message = recordings.next_to_fetch(now=clock.now())
    if message is None:
        return False
    try:
        if not message.kept:
            sound = context.carrier.fetch_recording(message.recording)
            recordings.store(message.message_id, sound, now=clock.now())
        context.carrier.delete_recording(message.recording)
    except CarrierError as error:
        log.warning(
            "recording not fetched, will retry", message=message.message_id, problem=error.problem
        )
        carrier_failures.carrier_answered(error, now=clock.now())
        recordings.retry_later(message.message_id, error.problem, now=clock.now())
    else:
        recordings.deleted_at_carrier(message.message_id, now=clock.now())
    return True


def look_up_silent_inbound_call(context: CarrierContext) -> bool:
    """Look up one inbound call at the carrier after too long without a webhook."""
    call = inbound_service.next_silent(now=clock.now(), silent_after=context.timing.silent_after)
    if call is None:
        return False
    try:
        is_over = context.carrier.fetch_call(call).status in FINAL
    except CarrierError as error:
        log.warning("inbound call lookup failed", problem=error.problem)
        carrier_failures.carrier_answered(error, now=clock.now())
    else:
        if is_over:
            inbound_service.call_ended(call, now=clock.now())
        else:
            inbound_service.record_still_on(call, now=clock.now())
    return True
