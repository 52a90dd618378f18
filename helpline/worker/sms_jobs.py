"""Jobs that send text messages and settle unconfirmed ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from helpline import clock
from helpline.calls import carrier_failures, daily_budget
from helpline.domain.sms_progress import SmsStatus
from helpline.messaging import sms_delivery
from helpline.messaging.sms_delivery import SmsToSend
from helpline.telephony.port import Carrier, CarrierError, OutcomeUnknown, Rejected, RetryLater

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

_CLOCK_TOLERANCE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SmsContext:
    """The carrier, and how text messages are sent.

    Args:
        status_address: the status callback URL, by the message's reference.
        silent_after: how long to wait for a response before a lookup.
        lost_after: a message unknown to the carrier after so long was not sent.
    """

    carrier: Carrier
    status_address: Callable[[str], str]
    silent_after: timedelta
    lost_after: timedelta


def send_sms(context: SmsContext) -> bool:
    """Send one text message.

    1. Mark it as sent and commit: from here on only a lookup may settle it.
    2. Ask the carrier, outside any transaction.
    3. Record its answer.
    """
    now = clock.now()
    message = sms_delivery.next_to_send(
        now=now, budget_exhausted=daily_budget.is_exhausted_now(now=now)
    )
    if not isinstance(message, SmsToSend):
        return message
    try:
        carrier_id = context.carrier.send_sms(
            message.number, message.words, status_url=context.status_address(message.ref)
        )
    except RetryLater as error:
        log.warning("text not sent, will retry", text=message.text_id, problem=error.problem)
        sms_delivery.retry_later(message.text_id, error.problem, now=clock.now())
        carrier_failures.carrier_answered(error, now=clock.now())
    except Rejected as error:
        log.warning(
            "carrier rejected the request",
            text=message.text_id,
            code=error.code,
            problem=error.problem,
        )
        sms_delivery.mark_rejected(message.text_id, error.problem, error.code, now=clock.now())
        carrier_failures.carrier_answered(error, now=clock.now())
    except OutcomeUnknown as error:
        log.warning("outcome unknown, will look it up", text=message.text_id, problem=error.problem)
        sms_delivery.mark_unconfirmed(message.text_id, now=clock.now())
        look_up_sms(context)
    else:
        sms_delivery.mark_accepted(message.text_id, carrier_id, now=clock.now())
    return True


def refresh_sms_status(context: SmsContext) -> bool:
    """Look up the status of one text message after too long without a webhook."""
    pending = sms_delivery.next_without_receipt(now=clock.now())
    if pending is None:
        return False
    try:
        carrier_sms = context.carrier.fetch_sms(pending.carrier_id)
    except CarrierError as error:
        log.warning("text status lookup failed", text=pending.text_id, problem=error.problem)
        carrier_failures.carrier_answered(error, now=clock.now())
        return True
    if carrier_sms.status is not None:
        sms_delivery.apply_lookup(
            pending.text_id,
            carrier_sms.id,
            carrier_sms.status,
            carrier_sms.error_code,
            carrier_sms.problem,
            now=clock.now(),
        )
    return True


def look_up_sms(context: SmsContext) -> bool:
    """Look up one text message that the carrier may or may not have.

    It is never sent again: one that is not found is lost.
    """
    unconfirmed = sms_delivery.next_unconfirmed(now=clock.now(), silent_after=context.silent_after)
    if unconfirmed is None:
        return False
    try:
        carrier_messages = context.carrier.find_sms(
            unconfirmed.number, since=unconfirmed.asked_at - _CLOCK_TOLERANCE
        )
    except CarrierError as error:
        log.warning("carrier lookup failed", text=unconfirmed.text_id, problem=error.problem)
        carrier_failures.carrier_answered(error, now=clock.now())
        return True
    matches = {sms.id: sms for sms in carrier_messages if sms.body == unconfirmed.words}
    ids = sms_delivery.unknown_ids(list(matches))
    if ids:
        status = matches[ids[-1]].status or SmsStatus.ACCEPTED
        sms_delivery.mark_accepted(unconfirmed.text_id, ids[-1], now=clock.now(), status=status)
    else:
        sms_delivery.apply_missing(
            unconfirmed.text_id, now=clock.now(), lost_after=context.lost_after
        )
    return True
