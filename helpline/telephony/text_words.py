"""The one table that turns the carrier's words and codes about texts into ours."""

from __future__ import annotations

from enum import StrEnum

from helpline.domain.text_progress import TextStatus
from helpline.telephony.carrier_codes import Fault, Remedy, meaning_of
from helpline.telephony.words import caller_of

STATUSES: dict[str, TextStatus] = {
    "accepted": TextStatus.ACCEPTED,
    "scheduled": TextStatus.ACCEPTED,
    "queued": TextStatus.ACCEPTED,
    "sending": TextStatus.ACCEPTED,
    "sent": TextStatus.SENT,
    "delivered": TextStatus.DELIVERED,
    "read": TextStatus.DELIVERED,
    "undelivered": TextStatus.UNDELIVERED,
    "failed": TextStatus.FAILED,
    "canceled": TextStatus.FAILED,
}
"""Message statuses, as in Twilio's Message resource and its status callbacks."""


class TextProblem(StrEnum):
    """Why a text was not sent, as far as somebody can do something about it."""

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
"""A text that should have arrived, and did not; the others we did not send on purpose."""

OF_ONE_PHONE = frozenset({TextProblem.NUMBER, TextProblem.UNREACHABLE})
"""Reasons that lie with one phone, such as being switched off: several of them are no alarm."""


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
"""Codes of Twilio's Messages (https://www.twilio.com/docs/api/errors/ and the code). Those that
calls have too (the account, its permissions) are in carrier_codes; any other is REFUSED."""


CHANNELS = ("whatsapp:", "rcs:")
"""What comes before a sender's number on other channels than SMS
(https://www.twilio.com/docs/messaging/channels, "Understand channel addresses")."""


def sender_of(told: str, default_region: str) -> str | None:
    """The number (E.164) of whoever sent us a text, on whatever channel; None for a short code, a
    name, or an address of a channel that is no number.

    Args:
        default_region: the region of a number that comes without "+".
    """
    number = told.strip()
    channel = next((each for each in CHANNELS if number.lower().startswith(each)), "")
    return caller_of(number[len(channel) :], default_region)


def text_status_of(word: str) -> TextStatus | None:
    """Our word for a message status; None for one we do not know, which then changes nothing."""
    return STATUSES.get(word)


def text_problem_of(code: int | None) -> TextProblem:
    """Our word for an error code."""
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
