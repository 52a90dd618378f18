"""Why a call ended, in Plivo's codes, names and sources.

https://www.plivo.com/docs/voice/troubleshooting/hangup-causes
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from phonesim import calls, carrier, instructions
from phonesim.calls import Call

NAMES = {
    1000: "Canceled",
    2000: "Invalid Destination Address",
    2030: "Destination Country Barred",
    2070: "Violates Media Anchoring",
    3010: "Busy Line",
    3020: "Rejected",
    3030: "Unknown Caller ID",
    4000: "Normal Hangup",
    4010: "End Of XML Instructions",
    5010: "Internal Error",
    5020: "Routing Error",
    5030: "Concurrent Call Limit Reached",
    6000: "Scheduled Hangup",
    6010: "Ring Timeout Reached",
    7011: "Error Reaching Answer URL",
    7012: "Error Reaching Action URL",
    7014: "Error Reaching Redirect URL",
    8011: "Invalid Answer XML",
    8012: "Invalid Action XML",
    8014: "Invalid Redirect XML",
    9000: "Lost Race",
    9110: "Confirm Key Challenge Failed",
}

CODES: Mapping[str, int] = {
    carrier.CALLER_ID: 3030,
    carrier.INVALID_NUMBER: 2000,
    carrier.BLOCKED: 2070,
    carrier.UNVERIFIED: 2030,
    carrier.TOO_MANY_CALLS: 5030,
    carrier.UNREACHABLE_PHONE: 80,
    "error": 400,
    "child_error": 2030,
    "dial_refused": 3030,
    "text_undelivered": 30,
}
"""The code of each reason: a hang-up cause, of a text its error, of the API its HTTP status."""

_DOCUMENTS = {instructions.ANSWER: 1, instructions.ACTION: 2, instructions.REDIRECT: 4}
_TELEPHONY = {
    1000: "ORIGINATOR_CANCEL",
    3010: "USER_BUSY",
    3020: "CALL_REJECTED",
    4000: "NORMAL_CLEARING",
    4010: "NORMAL_CLEARING",
    6000: "ALLOTTED_TIMEOUT",
    6010: "NO_ANSWER",
    9000: "LOSE_RACE",
    9110: "NORMAL_CLEARING",
}
_BY_REASON = {
    calls.RING_TIMEOUT: (6010, "Plivo"),
    calls.TIME_LIMIT: (6000, "Plivo"),
    calls.DECLINED: (3020, "Callee"),
    calls.NO_MORE_VERBS: (4010, "Plivo"),
    calls.LOST_RACE: (9000, "Plivo"),
    calls.NOT_CONFIRMED: (9110, "Plivo"),
}


@dataclass(frozen=True)
class Cause:
    """Why a call ended."""

    code: int
    source: str

    @property
    def name(self) -> str:
        """In Plivo's words."""
        return NAMES.get(self.code, "Unknown")

    @property
    def telephony(self) -> str:
        """In those of telephone exchanges."""
        return _TELEPHONY.get(self.code, "NORMAL_TEMPORARY_FAILURE")


def document_code(reason: str, place: str) -> int:
    """The code of a document that could not be had (70..) or not be read (80..)."""
    if reason == instructions.TOO_MANY:
        return 5010
    first = 7010 if reason == instructions.UNREACHABLE else 8010
    return first + _DOCUMENTS[place]


def cause_of(call: Call) -> Cause:
    """Why this call ended."""
    if call.error_code is not None:
        return Cause(call.error_code, "Error" if call.error_code >= 7000 else "Plivo")
    if call.ended_by in _BY_REASON:
        return Cause(*_BY_REASON[call.ended_by])
    answered = call.answered is not None
    match call.ended_by:
        case calls.API_REQUEST:
            return Cause(4000 if answered else 1000, "API Request")
        case calls.OTHER_LEFT:
            return Cause(4000 if answered else 1000, "Caller")
        case calls.HANGUP_VERB if answered:
            return Cause(4000, "Answer XML")
        case calls.HANGUP_VERB:
            return Cause(3010 if call.status == calls.BUSY else 3020, "Answer XML")
        case calls.PUT_DOWN:
            return Cause(4000, "Caller" if call.direction == calls.INBOUND else "Callee")
    by_status = {calls.BUSY: Cause(3010, "Carrier"), calls.FAILED: Cause(5020, "Carrier")}
    return by_status.get(call.status, Cause(4000, "Plivo"))
