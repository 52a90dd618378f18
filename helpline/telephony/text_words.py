"""Map the carrier's statuses and codes of text messages."""

from __future__ import annotations

from enum import StrEnum

from helpline.domain.sms_progress import SmsStatus
from helpline.telephony.carrier_codes import Fault, Remedy, meaning_of
from helpline.telephony.words import caller_of

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


class TextProblem(StrEnum):
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


BY_CARRIER = frozenset(
    {
        TextProblem.LOST,
        TextProblem.NUMBER,
        TextProblem.SENDER,
        TextProblem.REGION,
        TextProblem.CREDENTIALS,
        TextProblem.ACCOUNT,
        TextProblem.NO_ROUTE,
        TextProblem.UNREACHABLE,
        TextProblem.FILTERED,
        TextProblem.UNDELIVERED,
        TextProblem.REFUSED,
    }
)
"""Delivery failures; the other messages were withheld on purpose."""

OF_ONE_PHONE = frozenset({TextProblem.NUMBER, TextProblem.UNREACHABLE})
"""Failures of a single phone, such as one switched off: several are no reason for an alert."""


_OWN = {
    21211: TextProblem.NUMBER,
    21214: TextProblem.NUMBER,
    21212: TextProblem.SENDER,
    21603: TextProblem.SENDER,
    21606: TextProblem.SENDER,
    21610: TextProblem.STOPPED,
    21612: TextProblem.NO_ROUTE,
    21614: TextProblem.NUMBER,
    21635: TextProblem.NUMBER,
    21659: TextProblem.SENDER,
    30003: TextProblem.UNREACHABLE,
    30004: TextProblem.FILTERED,
    30005: TextProblem.UNREACHABLE,
    30006: TextProblem.NUMBER,
    30007: TextProblem.FILTERED,
    30008: TextProblem.UNDELIVERED,
}
"""Codes of Twilio's Messages (https://www.twilio.com/docs/api/errors/ and the code). Those shared
with
calls are in carrier_codes; any other is REFUSED.
"""


CHANNELS = ("whatsapp:", "rcs:")
"""Address prefixes of channels other than SMS (https://www.twilio.com/docs/messaging/channels,
"Understand channel addresses").
"""


def sender_of(told: str, default_region: str) -> str | None:
    """Return the sender's number (E.164) on any channel; None for a short code, a name or another
    address.

    Args:
        default_region: the region of a number without "+".
    """
    number = told.strip()
    channel = next((each for each in CHANNELS if number.lower().startswith(each)), "")
    return caller_of(number[len(channel) :], default_region)


def text_status_of(word: str) -> SmsStatus | None:
    """Return our status; None for an unknown one, which changes nothing."""
    return STATUSES.get(word)


def text_problem_of(code: int | None) -> TextProblem:
    """Return our problem for an error code."""
    if code in _OWN:
        return _OWN[code]
    meaning = meaning_of(code)
    if meaning.remedy == Remedy.CORRECT_CREDENTIALS:
        return TextProblem.CREDENTIALS
    return {
        Fault.ACCOUNT: TextProblem.ACCOUNT,
        Fault.REGION: TextProblem.REGION,
        Fault.CALLER_ID: TextProblem.SENDER,
    }.get(meaning.fault, TextProblem.REFUSED)
