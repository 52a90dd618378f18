"""Twilio's statuses of calls and text messages, its numbers and times, in our terms."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from helpline.domain.call_progress import CarrierStatus
from helpline.domain.phone_numbers import parse_presented
from helpline.domain.sms_progress import SmsStatus
from helpline.telephony.events import Detection

STATUSES: dict[str, CarrierStatus] = {
    "queued": CarrierStatus.QUEUED,
    "initiated": CarrierStatus.INITIATED,
    "ringing": CarrierStatus.RINGING,
    "in-progress": CarrierStatus.IN_PROGRESS,
    "answered": CarrierStatus.IN_PROGRESS,
    "completed": CarrierStatus.COMPLETED,
    "busy": CarrierStatus.BUSY,
    "no-answer": CarrierStatus.NO_ANSWER,
    "canceled": CarrierStatus.CANCELED,
    "failed": CarrierStatus.FAILED,
}
"""Statuses of Twilio's Call resource and its status callbacks ("answered" is the event name,
"in-progress" the status).
"""


def detection_of(answered_by: str) -> Detection:
    """Return our result for Twilio's AnsweredBy; UNSURE without detection.

    Its values: human, fax, machine_start, machine_end_beep and the like, unknown.
    """
    if answered_by == "human":
        return Detection.PERSON
    return Detection.MACHINE if answered_by.startswith(("machine", "fax")) else Detection.UNSURE


SMS_STATUSES: dict[str, SmsStatus] = {
    "accepted": SmsStatus.ACCEPTED,
    "scheduled": SmsStatus.ACCEPTED,
    "queued": SmsStatus.ACCEPTED,
    "sending": SmsStatus.ACCEPTED,
    "sent": SmsStatus.SENT,
    "delivered": SmsStatus.DELIVERED,
    "read": SmsStatus.DELIVERED,
    "undelivered": SmsStatus.UNDELIVERED,
    "failed": SmsStatus.FAILED,
    "canceled": SmsStatus.FAILED,
}
"""Message statuses of Twilio's Message resource and its status callbacks."""

NUMBERS_WITHHELD = frozenset(
    {"+266696687", "+86282452253", "+7378742833", "+2562533", "+8656696", "+464"}
)
"""Placeholders for withheld numbers as Twilio passes them on: ANONYMOUS, UNAVAILABLE, RESTRICTED,
BLOCKED, UNKNOWN and so on, typed on a phone's keys.
"""


def caller_of(caller: str, default_region: str) -> str | None:
    """Return the caller's number (E.164); None where it is withheld.

    Args:
        default_region: the region of a number without "+".
    """
    number = caller.strip()
    if f"+{number.lstrip('+')}" in NUMBERS_WITHHELD:
        return None
    return parse_presented(number, default_region)


def status_of(carrier_status: str) -> CarrierStatus | None:
    """Return our call status; None for an unknown one, which changes nothing."""
    return STATUSES.get(carrier_status)


CHANNELS = ("whatsapp:", "rcs:")
"""Address prefixes of channels other than SMS (https://www.twilio.com/docs/messaging/channels,
"Understand channel addresses").
"""


def sender_of(sender: str, default_region: str) -> str | None:
    """Return the sender's number (E.164) on any channel; None for a short code, a name or another
    address.

    Args:
        default_region: the region of a number without "+".
    """
    number = sender.strip()
    channel = next((prefix for prefix in CHANNELS if number.lower().startswith(prefix)), "")
    return caller_of(number[len(channel) :], default_region)


def sms_status_of(carrier_status: str) -> SmsStatus | None:
    """Return our status; None for an unknown one, which changes nothing."""
    return SMS_STATUSES.get(carrier_status)


def time_of(text: str) -> datetime | None:
    """Return a time (RFC 2822); None for anything else."""
    try:
        time = parsedate_to_datetime(text)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
