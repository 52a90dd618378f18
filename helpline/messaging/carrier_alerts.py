"""What follows from an error of the carrier: a lower rate of calls, a notice to admins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from helpline.db import transaction
from helpline.messaging import staff_notices
from helpline.messaging.models import NoticeKind
from helpline.telephony import carrier_limits
from helpline.telephony.adapters import FIRST
from helpline.telephony.codes import bad_credentials, meaning_of
from helpline.telephony.port import CarrierError, RetryLater
from helpline.telephony.problems import Problem, Remedy, SmsProblem

_ACCOUNT_PROBLEMS = (
    Problem.CREDENTIALS,
    Problem.ACCOUNT,
    SmsProblem.CREDENTIALS,
    SmsProblem.ACCOUNT,
)


def report_error(
    carrier: str, error: CarrierError, *, now: datetime, placing_call: bool = False
) -> None:
    """Act on an error of any request: 429 slows all workers, account errors notify the admins.

    Args:
        placing_call: it was a request for a call; if the carrier was not reached, all wait too.
    """
    if isinstance(error, RetryLater):
        if placing_call or error.problem == Problem.BUSY:
            slow_down(carrier, now=now)
    elif error.problem in _ACCOUNT_PROBLEMS:
        with transaction() as session:
            alert(session, carrier, error.code or bad_credentials(carrier), now=now)


def slow_down(carrier: str, *, now: datetime) -> None:
    """Let all workers back off from a carrier."""
    with transaction() as session:
        carrier_limits.slow_down(session, carrier, now=now)


def alert(session: Session, carrier: str, code: int, *, now: datetime) -> None:
    """Notify the admins of a code: once for all codes of bad credentials, else for each code."""
    if meaning_of(carrier, code).remedy == Remedy.CORRECT_CREDENTIALS:
        code = bad_credentials(carrier)
    subject = f"code:{code}" if carrier == FIRST else f"code:{code}:{carrier}"
    staff_notices.notify_staff(session, NoticeKind.CALLS_FAIL, subject, now=now)
