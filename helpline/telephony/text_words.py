"""The one table that turns the carrier's words and codes about texts into ours."""

from __future__ import annotations

from enum import StrEnum

from helpline.domain.text_progress import TextStatus
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
    REFUSED = "carrier_refused"


CODES: dict[int, TextProblem] = {
    20003: TextProblem.CREDENTIALS,
    20404: TextProblem.CREDENTIALS,
    21211: TextProblem.NUMBER,
    21212: TextProblem.SENDER,
    21408: TextProblem.REGION,
    21603: TextProblem.SENDER,
    21606: TextProblem.SENDER,
    21610: TextProblem.STOPPED,
    21612: TextProblem.NUMBER,
    21614: TextProblem.NUMBER,
    21659: TextProblem.SENDER,
}
"""Error codes of Twilio's Messages. Those not listed are TextProblem.REFUSED."""


CHANNELS = ("whatsapp:", "rcs:")
"""What comes before a sender's number on other channels than SMS
(https://www.twilio.com/docs/messaging/channels, "Understand channel addresses")."""


def sender_of(told: str) -> str | None:
    """The number (E.164) of whoever sent us a text, on whatever channel; None for a short code, a
    name, or an address of a channel that is no number."""
    number = told.strip()
    channel = next((each for each in CHANNELS if number.lower().startswith(each)), "")
    return caller_of(number[len(channel) :])


def text_status_of(word: str) -> TextStatus | None:
    """Our word for a message status; None for one we do not know, which then changes nothing."""
    return STATUSES.get(word)


def text_problem_of(code: int | None) -> TextProblem:
    """Our word for an error code."""
    return CODES.get(code or 0, TextProblem.REFUSED)
