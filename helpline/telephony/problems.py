"""Why a call or a text message failed, in the service's own terms."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from helpline.domain.call_progress import Leg


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


class SmsProblem(StrEnum):
    """Why a text message was not sent, as far as someone can act on it."""

    OFF = "texts_off"
    STOPPED = "stopped"
    NO_LONGER_TRUE = "no_longer_true"
    TOO_LATE = "too_late"
    SPENT = "spent"
    ERASED = "erased"
    LOST = "text_lost"
    NUMBER = "number_takes_no_texts"
    SENDER = "sender_refused"
    UNREGISTERED = "not_registered"
    REGION = "region_refused"
    CREDENTIALS = "credentials_refused"
    ACCOUNT = "account_refused"
    NO_ROUTE = "no_route"
    UNREACHABLE = "handset_unreachable"
    FILTERED = "carrier_filtered"
    UNDELIVERED = "not_delivered"
    REFUSED = "carrier_refused"


WITHHELD = frozenset(
    {
        SmsProblem.OFF,
        SmsProblem.STOPPED,
        SmsProblem.NO_LONGER_TRUE,
        SmsProblem.TOO_LATE,
        SmsProblem.SPENT,
        SmsProblem.ERASED,
    }
)
DELIVERY_FAILURES = frozenset(SmsProblem) - WITHHELD
"""Delivery failures; the other messages were withheld on purpose."""

SINGLE_PHONE_PROBLEMS = frozenset({SmsProblem.NUMBER, SmsProblem.UNREACHABLE})
"""Failures of a single phone, such as one switched off: several are no reason for an alert."""


class Fault(StrEnum):
    """Whose fault a failure is."""

    CALLED_NUMBER = "called_number"
    CALLER_ID = "caller_id"
    DESTINATION = "destination"
    REGION = "region"
    ACCOUNT = "account"
    CARRIER_NOW = "carrier_now"
    SERVICE = "service"
    UNKNOWN = "unknown"


class Remedy(StrEnum):
    """What to do about it."""

    CORRECT_NUMBER = "correct_number"
    CHANGE_CALLER_ID = "change_caller_id"
    TRY_LATER = "try_later"
    ASK_CARRIER = "ask_carrier"
    ALLOW_REGION = "allow_region"
    CORRECT_CREDENTIALS = "correct_credentials"
    REACTIVATE_ACCOUNT = "reactivate_account"
    UPGRADE_ACCOUNT = "upgrade_account"
    CHECK_SERVICE = "check_service"


@dataclass(frozen=True, slots=True)
class Meaning:
    """The meaning of a carrier's error code; ``source`` is the page that says so."""

    fault: Fault
    remedy: Remedy
    source: str


_PROBLEMS: dict[Fault, Problem] = {
    Fault.CALLER_ID: Problem.CALLER_ID,
    Fault.REGION: Problem.REGION,
    Fault.ACCOUNT: Problem.ACCOUNT,
    Fault.CARRIER_NOW: Problem.BUSY,
    Fault.SERVICE: Problem.REFUSED,
    Fault.UNKNOWN: Problem.REFUSED,
}


def problem_of_leg(meaning: Meaning, leg: Leg) -> Problem:
    """Return the problem that an error code means for one leg of a call.

    A visitor's number is called wrong only where the code surely means that.
    """
    if meaning.remedy == Remedy.CORRECT_CREDENTIALS:
        return Problem.CREDENTIALS
    if meaning.fault in _PROBLEMS:
        return _PROBLEMS[meaning.fault]
    if leg == Leg.ADVISOR:
        return Problem.ADVISOR_NUMBER
    if meaning.fault == Fault.DESTINATION:
        return Problem.DESTINATION
    return Problem.VISITOR_NUMBER
