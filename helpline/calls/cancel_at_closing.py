"""At closing, cancel calls that are queued at the carrier or still ring an advisor, so that none
reaches a visitor after hours. A conversation continues.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from helpline.calls import attempts
from helpline.calls.models import Attempt, Channel, EventKind
from helpline.db import ONE, transaction, updated_one_row
from helpline.domain.call_progress import AttemptResult, AttemptState, CarrierStatus, Leg
from helpline.domain.unreadable import if_readable
from helpline.hours import queries as hours_queries
from helpline.staff.models import Staff
from helpline.telephony.problems import Problem

_NOT_ANSWERED = (AttemptState.PLACING, AttemptState.ADVISOR_RINGING)
_LAST_SEQUENCE = len(CarrierStatus)


@dataclass(frozen=True, slots=True)
class CancellableCall:
    """A call that may still be queued at the carrier."""

    attempt_id: int
    call: str | None
    advisor_number: str | None
    placing_at: datetime


def next_to_cancel(*, now: datetime, again_after: timedelta) -> CancellableCall | None:
    """Claim one unanswered call while the helpline is closed, to cancel it; a 1 pressed in it no
    longer calls anybody.

    Args:
        again_after: when to retry a cancellation that failed.
    """
    with transaction() as session:
        if hours_queries.effective_hours(session, now).is_open(now):
            return None
        attempt = session.scalar(
            sa.select(Attempt)
            .where(
                Attempt.ended_at.is_(None),
                Attempt.channel == Channel.CARRIER,
                Attempt.state.in_(_NOT_ANSWERED),
                Attempt.dial_allowed.is_not(True),
                sa.or_(Attempt.end_asked_at.is_(None), Attempt.end_asked_at <= now - again_after),
            )
            .order_by(Attempt.id)
            .limit(ONE)
            .with_for_update(skip_locked=True)
        )
        if attempt is None or not updated_one_row(
            session,
            sa.update(Attempt)
            .where(Attempt.id == attempt.id, Attempt.ended_at.is_(None))
            .values(dial_allowed=False, end_asked_at=now),
        ):
            return None
        advisor = session.get_one(Staff, attempt.advisor_id)
        asked_at = attempt.placing_at or attempt.created_at
        return CancellableCall(
            attempt.id, attempt.advisor_call, if_readable(advisor.phone), asked_at
        )


def record_cancelled(attempt_id: int, call: str, *, now: datetime) -> None:
    """Record that the carrier cancelled the call; its callback returns to the queue in its old
    position.
    """
    with transaction() as session:
        attempt = attempts.lock_attempt(session, attempt_id)
        assert attempt is not None
        attempts.record_event(
            session,
            attempt,
            kind=EventKind.LOOKED_UP,
            leg=Leg.ADVISOR,
            call=call,
            status=CarrierStatus.CANCELED,
            sequence=_LAST_SEQUENCE,
            error_code=None,
            now=now,
        )
        attempts.end_attempt(
            session, attempt, AttemptResult.CLOSED, rang=False, now=now, problem=Problem.CLOSED
        )
