"""The one table that turns the carrier's words and codes into ours."""

from __future__ import annotations

from enum import StrEnum

from helpline.domain.call_progress import CarrierStatus

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
"""Call statuses, as in Twilio's Call resource and its status callbacks ("answered" is the event
name, "in-progress" the status)."""


class Problem(StrEnum):
    """Why a call was not made, as far as somebody can do something about it."""

    BUSY = "carrier_busy"
    UNREACHABLE = "carrier_unreachable"
    UNSURE = "carrier_unsure"
    LOST = "call_lost"
    TOO_LATE = "too_late"
    CLOSED = "closed"
    ADVISOR_NUMBER = "advisor_number_refused"
    VISITOR_NUMBER = "visitor_number_refused"
    CALLER_ID = "caller_id_refused"
    REGION = "region_refused"
    CREDENTIALS = "credentials_refused"
    REFUSED = "carrier_refused"


CODES: dict[int, Problem] = {
    20003: Problem.CREDENTIALS,
    20404: Problem.CREDENTIALS,
    20429: Problem.BUSY,
    21201: Problem.ADVISOR_NUMBER,
    21210: Problem.CALLER_ID,
    21211: Problem.ADVISOR_NUMBER,
    21212: Problem.CALLER_ID,
    21214: Problem.ADVISOR_NUMBER,
    21215: Problem.REGION,
    21216: Problem.REGION,
    21408: Problem.REGION,
    13223: Problem.VISITOR_NUMBER,
    13224: Problem.VISITOR_NUMBER,
    13225: Problem.VISITOR_NUMBER,
    13226: Problem.VISITOR_NUMBER,
    13227: Problem.REGION,
}
"""Error codes of Twilio's API and of <Dial>. Those not listed are Problem.REFUSED."""


def status_of(word: str) -> CarrierStatus | None:
    """Our word for a call status; None for one we do not know, which then changes nothing."""
    return STATUSES.get(word)


def problem_of(code: int | None) -> Problem:
    """Our word for an error code."""
    return CODES.get(code or 0, Problem.REFUSED)
