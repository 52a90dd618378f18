"""Plivo's statuses of calls and text messages, its numbers and times, in our terms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

from helpline.domain.call_progress import CarrierStatus
from helpline.domain.phone_numbers import parse_presented
from helpline.domain.sms_progress import SmsStatus
from helpline.telephony.plivo.codes import CODES, ENDS

REQUEST = "request:"
"""Marks an id that names the request for a call: the call's own id is told by webhooks only."""

STATUSES: dict[str, CarrierStatus] = {
    "queued": CarrierStatus.QUEUED,
    "initiated": CarrierStatus.INITIATED,
    "ringing": CarrierStatus.RINGING,
    "early-media": CarrierStatus.RINGING,
    "in-progress": CarrierStatus.IN_PROGRESS,
    "completed": CarrierStatus.COMPLETED,
    "busy": CarrierStatus.BUSY,
    "no-answer": CarrierStatus.NO_ANSWER,
    "timeout": CarrierStatus.NO_ANSWER,
    "cancel": CarrierStatus.CANCELED,
    "failed": CarrierStatus.FAILED,
}
"""CallStatus of webhooks, call_status of the API and DialStatus, in lower case.

https://www.plivo.com/docs/voice/xml/request and https://www.plivo.com/docs/voice/xml/dial; where a
hang-up cause says more, it counts instead (``end_of``).
"""

SMS_STATUSES: dict[str, SmsStatus] = {
    "queued": SmsStatus.ACCEPTED,
    "sent": SmsStatus.SENT,
    "delivered": SmsStatus.DELIVERED,
    "read": SmsStatus.DELIVERED,
    "undelivered": SmsStatus.UNDELIVERED,
    "failed": SmsStatus.FAILED,
    "rejected": SmsStatus.FAILED,
}
"""https://www.plivo.com/docs/messaging/api/message/message-status-callbacks"""

_SHORTEST_INTERNATIONAL = 8


def status_of(carrier_status: str) -> CarrierStatus | None:
    """Return our call status; None for an unknown one, which changes nothing."""
    return STATUSES.get(carrier_status.lower())


def end_of(cause: int | None, carrier_status: str) -> CarrierStatus:
    """Return how a leg ended, by its hang-up cause, else by its status."""
    if cause in ENDS:
        return ENDS[cause]
    if cause in CODES:
        return CarrierStatus.FAILED
    return status_of(carrier_status) or CarrierStatus.FAILED


def sms_status_of(carrier_status: str) -> SmsStatus | None:
    """Return our status; None for an unknown one, which changes nothing."""
    return SMS_STATUSES.get(carrier_status.lower())


def caller_of(caller: str, default_region: str) -> str | None:
    """Return the number of a caller or sender (E.164); None where it is withheld, a short code or a
    name. Plivo writes numbers with the country code, with and without "+".

    Args:
        default_region: the region of a number without country code.
    """
    number = caller.strip()
    if number.isdigit() and len(number) >= _SHORTEST_INTERNATIONAL:
        return parse_presented(f"+{number}", default_region) or parse_presented(
            number, default_region
        )
    return parse_presented(number, default_region)


def time_of(text: object, console_zone: Callable[[], tzinfo]) -> datetime | None:
    """Return a time ("2026-11-30 10:00:00+05:30"); None for anything else.

    Args:
        console_zone: the zone of a time without offset.
    """
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=console_zone())


def time_filter(time: datetime) -> str:
    """Return a time as the filters of lists take it: UTC, without an offset."""
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
