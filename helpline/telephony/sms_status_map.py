"""Map the carrier's statuses and codes of text messages."""

from __future__ import annotations

from enum import StrEnum

from helpline.domain.sms_progress import SmsStatus
from helpline.telephony.carrier_codes import Fault, Remedy, meaning_of
from helpline.telephony.status_map import caller_of

STATUSES: dict[str, SmsStatus] = {
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


class SmsProblem(StrEnum):
    """Why a text message was not sent, as far as someone can act on it."""

    STOPPED = "stopped"
    NO_LONGER_TRUE = "no_longer_true"
    TOO_LATE = "too_late"
    SPENT = "spent"
    ERASED = "erased"
    LOST = "text_lost"
    NUMBER = "number_takes_no_texts"
    SENDER = "sender_refused"
    REGION = "region_refused"
    CREDENTIALS = "credentials_refused"
    ACCOUNT = "account_refused"
    NO_ROUTE = "no_route"
    UNREACHABLE = "handset_unreachable"
    FILTERED = "carrier_filtered"
    UNDELIVERED = "not_delivered"
    REFUSED = "carrier_refused"


DELIVERY_FAILURES = frozenset(
    {
        SmsProblem.LOST,
        SmsProblem.NUMBER,
        SmsProblem.SENDER,
        SmsProblem.REGION,
        SmsProblem.CREDENTIALS,
        SmsProblem.ACCOUNT,
        SmsProblem.NO_ROUTE,
        SmsProblem.UNREACHABLE,
        SmsProblem.FILTERED,
        SmsProblem.UNDELIVERED,
        SmsProblem.REFUSED,
    }
)
"""Delivery failures; the other messages were withheld on purpose."""

SINGLE_PHONE_PROBLEMS = frozenset({SmsProblem.NUMBER, SmsProblem.UNREACHABLE})
"""Failures of a single phone, such as one switched off: several are no reason for an alert."""


_SMS_CODES = {
    21211: SmsProblem.NUMBER,
    21214: SmsProblem.NUMBER,
    21212: SmsProblem.SENDER,
    21603: SmsProblem.SENDER,
    21606: SmsProblem.SENDER,
    21610: SmsProblem.STOPPED,
    21612: SmsProblem.NO_ROUTE,
    21614: SmsProblem.NUMBER,
    21635: SmsProblem.NUMBER,
    21659: SmsProblem.SENDER,
    30003: SmsProblem.UNREACHABLE,
    30004: SmsProblem.FILTERED,
    30005: SmsProblem.UNREACHABLE,
    30006: SmsProblem.NUMBER,
    30007: SmsProblem.FILTERED,
    30008: SmsProblem.UNDELIVERED,
}
"""Codes of Twilio's Messages (https://www.twilio.com/docs/api/errors/ and the code). Those shared
with calls are in carrier_codes; any other is REFUSED.
"""


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
    return STATUSES.get(carrier_status)


def sms_problem_of(code: int | None) -> SmsProblem:
    """Return our problem for an error code."""
    if code in _SMS_CODES:
        return _SMS_CODES[code]
    meaning = meaning_of(code)
    if meaning.remedy == Remedy.CORRECT_CREDENTIALS:
        return SmsProblem.CREDENTIALS
    return {
        Fault.ACCOUNT: SmsProblem.ACCOUNT,
        Fault.REGION: SmsProblem.REGION,
        Fault.CALLER_ID: SmsProblem.SENDER,
    }.get(meaning.fault, SmsProblem.REFUSED)
