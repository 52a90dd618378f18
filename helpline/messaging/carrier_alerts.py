"""What follows from an error of the carrier: a lower rate of calls, a notice to admins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from helpline.db import transaction
from helpline.messaging import staff_notices
from helpline.messaging.models import NoticeKind
from helpline.telephony import carrier_limits
from helpline.telephony.codes import BAD_CREDENTIALS, meaning_of
from helpline.telephony.port import CarrierError, RetryLater
from helpline.telephony.problems import Problem, Remedy, SmsProblem

_ACCOUNT_PROBLEMS = (
    Problem.CREDENTIALS,
    Problem.ACCOUNT,
    SmsProblem.CREDENTIALS,
    SmsProblem.ACCOUNT,
)


def report_error(error: CarrierError, *, now: datetime, placing_call: bool = False) -> None:
    """Act on an error of any request: 429 slows all workers, account errors notify the admins.

    Args:
        placing_call: it was a request for a call; if the carrier was not reached, all wait too.
    """
    if isinstance(error, RetryLater):
        if placing_call or error.problem == Problem.BUSY:
            slow_down(now=now)
    elif error.problem in _ACCOUNT_PROBLEMS:
        with transaction() as session:
            alert(session, error.code or BAD_CREDENTIALS, now=now)


def slow_down(*, now: datetime) -> None:
    """Let all workers back off."""
    with transaction() as session:
        carrier_limits.slow_down(session, now=now)


def alert(session: Session, code: int, *, now: datetime) -> None:
    """Notify the admins of a code: once for all codes of bad credentials, else for each code."""
    if meaning_of(code).remedy == Remedy.CORRECT_CREDENTIALS:
        code = BAD_CREDENTIALS
    staff_notices.notify_staff(session, NoticeKind.CALLS_FAIL, f"code:{code}", now=now)
