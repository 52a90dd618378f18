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
from helpline.messaging.sms_delivery import Sending
from helpline.telephony.carrier import Carrier, CarrierError, OutcomeUnknown, Rejected, RetryLater
from helpline.telephony.sms_status_map import sms_problem_of

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

_A_MOMENT = timedelta(minutes=1)


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


def send_sms(texting: SmsContext) -> bool:
    """Send one text message.

    1. Mark it as sent and commit: from here on only a lookup may settle it.
    2. Ask the carrier, outside any transaction.
    3. Record its answer.
    """
    now = clock.now()
    taken = sms_delivery.next_to_send(now=now, spent=daily_budget.exhausted(now=now))
    if not isinstance(taken, Sending):
        return taken
    try:
        carrier_id = texting.carrier.send_text(
            taken.number, taken.words, status_url=texting.status_address(taken.ref)
        )
    except RetryLater as error:
        log.warning("text not sent, will retry", text=taken.text_id, problem=error.problem)
        sms_delivery.retry_later(taken.text_id, error.problem, now=clock.now())
        carrier_failures.carrier_answered(error, now=clock.now())
    except Rejected as error:
        problem = sms_problem_of(error.code)
        log.warning(
            "carrier rejected the request", text=taken.text_id, code=error.code, problem=problem
        )
        sms_delivery.mark_rejected(taken.text_id, problem, error.code, now=clock.now())
        carrier_failures.carrier_answered(error, now=clock.now())
    except OutcomeUnknown as error:
        log.warning("outcome unknown, will look it up", text=taken.text_id, problem=error.problem)
        sms_delivery.mark_unconfirmed(taken.text_id, now=clock.now())
        look_up_sms(texting)
    else:
        sms_delivery.mark_accepted(taken.text_id, carrier_id, now=clock.now())
    return True


def refresh_sms_status(texting: SmsContext) -> bool:
    """Look up the status of one text message after too long without a webhook."""
    under_way = sms_delivery.next_without_receipt(now=clock.now())
    if under_way is None:
        return False
    try:
        found = texting.carrier.look_at_text(under_way.carrier_id)
    except CarrierError as error:
        log.warning("text status lookup failed", text=under_way.text_id, problem=error.problem)
        carrier_failures.carrier_answered(error, now=clock.now())
        return True
    if found.status is not None:
        sms_delivery.apply_lookup(
            under_way.text_id, found.sid, found.status, found.error_code, now=clock.now()
        )
    return True


def look_up_sms(texting: SmsContext) -> bool:
    """Look up one text message that the carrier may or may not have.

    It is never sent again: one that is not found is lost.
    """
    unsure = sms_delivery.next_unconfirmed(now=clock.now(), silent_after=texting.silent_after)
    if unsure is None:
        return False
    try:
        found = texting.carrier.find_texts(unsure.number, since=unsure.asked_at - _A_MOMENT)
    except CarrierError as error:
        log.warning("carrier lookup failed", text=unsure.text_id, problem=error.problem)
        carrier_failures.carrier_answered(error, now=clock.now())
        return True
    same = {each.sid: each for each in found if each.words == unsure.words}
    mine = sms_delivery.unknown_ids(list(same))
    if mine:
        status = same[mine[-1]].status or SmsStatus.ACCEPTED
        sms_delivery.mark_accepted(unsure.text_id, mine[-1], now=clock.now(), status=status)
    else:
        sms_delivery.apply_missing(unsure.text_id, now=clock.now(), lost_after=texting.lost_after)
    return True
