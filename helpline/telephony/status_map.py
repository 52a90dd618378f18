"""Map the carrier's call statuses; its codes are in carrier_codes."""

from __future__ import annotations

from enum import StrEnum

from helpline.domain.call_progress import FINAL, CarrierStatus, Leg
from helpline.domain.phone_numbers import parse_presented
from helpline.telephony.carrier_codes import Fault, Remedy, meaning_of

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


def dial_outcome_of(dial_status: str, call_status: str) -> CarrierStatus | None:
    """Return how the Dial ended; None for an unknown status.

    The carrier reports no-answer both when the phone rang out and when the advisor hung up first;
    in the second case the advisor's own call has ended.

    Args:
        dial_status: DialCallStatus.
        call_status: CallStatus of the advisor's call.
    """
    outcome = status_of(dial_status)
    if outcome == CarrierStatus.NO_ANSWER and status_of(call_status) in FINAL:
        return CarrierStatus.CANCELED
    return outcome


class AnsweredBy(StrEnum):
    """The result of the carrier's answering-machine detection."""

    PERSON = "person"
    MACHINE = "machine"
    UNSURE = "unsure"


def answered_by_of(answered_by: str) -> AnsweredBy:
    """Return our result for Twilio's AnsweredBy; UNSURE without detection.

    Its values: human, fax, machine_start, machine_end_beep and the like, unknown.
    """
    if answered_by == "human":
        return AnsweredBy.PERSON
    return AnsweredBy.MACHINE if answered_by.startswith(("machine", "fax")) else AnsweredBy.UNSURE


class Problem(StrEnum):
    """Why a call was not placed, as far as someone can act on it."""

    BUSY = "carrier_busy"
    UNREACHABLE = "carrier_unreachable"
    UNSURE = "carrier_unsure"
    LOST = "call_lost"
    TOO_LATE = "too_late"
    CLOSED = "closed"
    SPENT = "spent"
    ADVISOR_NUMBER = "advisor_number_refused"
    VISITOR_NUMBER = "visitor_number_refused"
    CALLER_ID = "caller_id_refused"
    REGION = "region_refused"
    DESTINATION = "destination_refused"
    CREDENTIALS = "credentials_refused"
    ACCOUNT = "account_refused"
    REFUSED = "carrier_refused"
    MACHINE = "machine_answered"
    NOT_CONFIRMED = "nobody_pressed_one"
    VISITOR_ON_LINE = "visitor_on_line"


_PROBLEMS: dict[Fault, Problem] = {
    Fault.CALLER_ID: Problem.CALLER_ID,
    Fault.REGION: Problem.REGION,
    Fault.ACCOUNT: Problem.ACCOUNT,
    Fault.CARRIER_NOW: Problem.BUSY,
    Fault.UNKNOWN: Problem.REFUSED,
}


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


def problem_of(code: int | None, leg: Leg = Leg.ADVISOR) -> Problem:
    """Return our problem for an error code of one leg; telephony/carrier_codes has the meanings.

    A visitor's number is called wrong only where the code surely means that.
    """
    meaning = meaning_of(code)
    if meaning.remedy == Remedy.CORRECT_CREDENTIALS:
        return Problem.CREDENTIALS
    if meaning.fault in _PROBLEMS:
        return _PROBLEMS[meaning.fault]
    if leg == Leg.ADVISOR:
        return Problem.ADVISOR_NUMBER
    if meaning.fault == Fault.DESTINATION:
        return Problem.DESTINATION
    return Problem.VISITOR_NUMBER
