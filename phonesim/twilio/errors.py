"""Twilio's error codes that the simulation can answer with.

Source: https://www.twilio.com/docs/api/errors (the words and HTTP statuses as the API sends them).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from phonesim import carrier, instructions

# code: (HTTP status, message; {} stands for the number or address it is about)
KNOWN: dict[int, tuple[int, str]] = {
    10001: (403, "Account is not active"),
    10004: (400, "Call concurrency limit exceeded"),
    20001: (400, "Invalid parameter: {}"),
    20003: (401, "Authenticate"),
    20005: (403, "Account not active"),
    20006: (403, "Access Denied"),
    20404: (404, "The requested resource {} was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    20503: (503, "Service unavailable, please try again later"),
    13214: (400, "Dial: Invalid callerId value"),
    13223: (400, "Dial: Invalid phone number format"),
    13224: (400, "Dial: Twilio does not support calling this number or the number is invalid"),
    13225: (400, "Dial: Call blocked by Twilio"),
    13227: (400, "Geo Permission configuration is not permitting call"),
    21201: (400, "No 'To' number is specified"),
    21202: (400, "'To' phone number is a premium number"),
    21205: (400, "Url is not a valid URL: {}"),
    21208: (400, "Invalid Timeout"),
    21210: (
        400,
        "The source phone number provided, {}, is not yet verified for your account. You may only"
        " make calls from phone numbers that you've verified or purchased from Twilio.",
    ),
    21211: (400, "The phone number you are attempting to call, {}, is not valid."),
    21212: (400, "From is not a valid phone number: {}"),
    21213: (400, "No 'From' number is specified"),
    21214: (400, "'To' phone number {} cannot be reached"),
    21215: (
        400,
        "Account not authorized to call {}. Perhaps you need to enable some international"
        " permissions: https://www.twilio.com/console/voice/calls/geo-permissions/low-risk",
    ),
    21216: (400, "Call blocked by Twilio: {}"),
    21217: (400, "Phone number does not appear to be valid: {}"),
    21219: (
        400,
        "The number {} is unverified. Trial accounts may only make calls to verified numbers.",
    ),
    21220: (400, "Call is not in-progress. Cannot redirect."),
    21408: (
        400,
        "Permission to send an SMS has not been enabled for the region indicated by the 'To'"
        " number: {}",
    ),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21609: (400, "The 'StatusCallback' URL {} is not a valid URL."),
    21606: (
        400,
        "The 'From' phone number provided ({}) is not a valid message-capable Twilio phone number"
        " for this destination.",
    ),
    21608: (
        400,
        "The number {} is unverified. Trial accounts cannot send messages to unverified numbers.",
    ),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21614: (400, "'To' number {} is not a valid mobile number"),
    21266: (400, "'To' and 'From' number cannot be the same: {}"),
    21626: (400, "Invalid 'StatusCallbackEvent'"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    21612: (400, "Message cannot be sent with the current combination of 'To' ({}) and 'From'"),
    30003: (400, "Unreachable destination handset"),
    30007: (400, "Message filtered"),
    30008: (400, "Unknown error"),
    32205: (400, "Geo Permission configuration is not permitting call"),
}

CODES: Mapping[str, int] = {
    carrier.CALLER_ID: 13214,
    carrier.INVALID_NUMBER: 13223,
    carrier.BLOCKED: 13225,
    carrier.UNVERIFIED: 21219,
    carrier.UNREACHABLE_PHONE: 30003,
    carrier.TOO_MANY_CALLS: 10004,
    instructions.UNREACHABLE: 11200,
    instructions.UNREADABLE: 12100,
    instructions.INVALID: 12200,
    instructions.WRONG_TYPE: 12300,
    instructions.TOO_MANY: 11100,
    "error": 21211,
    "child_error": 13227,
    "dial_refused": 13214,
    "text_undelivered": 30007,
}
"""The code of each reason. With which code a call between Indian numbers is refused ("Outbound
calls to India can only be made from international (non-Indian) numbers",
https://www.twilio.com/en-us/guidelines/in/voice) is not documented; that of calls blocked "due to
regulatory reasons" is taken.
"""


@dataclass
class TwilioError(Exception):
    """A refusal, as Twilio's API words it."""

    code: int
    about: str = ""
    retry_after_seconds: int | None = None

    @property
    def status(self) -> int:
        """The HTTP status that this code comes with."""
        return KNOWN.get(self.code, (400, ""))[0]

    @property
    def message(self) -> str:
        """The sentence that this code comes with."""
        return KNOWN.get(self.code, (400, "Error"))[1].format(self.about)

    def body(self) -> dict[str, object]:
        """The JSON that the client turns into a TwilioRestException."""
        body: dict[str, object] = {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        if self.code == 20003:
            body["detail"] = "Your AccountSid or AuthToken was incorrect."
        return body
