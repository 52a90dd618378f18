"""Look up attempts without reports, and apply the result.

No call is ever repeated on a guess. Few are looked up at a time, each only now and then, so that a
silent carrier is not flooded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.calls import attempts
from helpline.calls.models import Attempt, Channel, EventKind, Offer
from helpline.db import ONE, Instant, transaction, updated_one_row
from helpline.domain.call_progress import (
    FINAL,
    AttemptResult,
    AttemptState,
    CarrierStatus,
    Leg,
)
from helpline.domain.job_limits import JobLimits, pause_before_next_lookup
from helpline.domain.unreadable import if_readable
from helpline.messaging import job_failures
from helpline.staff.models import Staff
from helpline.telephony.problems import Problem

_TALKING_SILENCE_FACTOR = 10
_SEQUENCE = {status: place for place, status in enumerate(CarrierStatus)}


@dataclass(frozen=True, slots=True)
class SilentAttempt:
    """An attempt to look up."""

    attempt_id: int
    advisor_call: str | None
    advisor_number: str | None
    placing_at: datetime


def next_silent(*, now: datetime, silent_after: timedelta) -> SilentAttempt | None:
    """Claim one attempt without a report for ``silent_after``, to look it up; not claimed again
    before that time has passed once more. An unconfirmed one is claimed sooner, with pauses that
    double.
    """
    silent = sa.and_(
        Attempt.heard_at <= now - silent_after,
        sa.or_(
            Attempt.state != AttemptState.TALKING,
            Attempt.heard_at <= now - _TALKING_SILENCE_FACTOR * silent_after,
        ),
    )
    with transaction() as session:
        attempt = session.scalar(
            sa.select(Attempt)
            .where(
                Attempt.ended_at.is_(None),
                Attempt.channel == Channel.CARRIER,
                Attempt.state != AttemptState.QUEUED,
                sa.or_(silent, Attempt.look_at <= now),
            )
            .order_by(Attempt.heard_at)
            .limit(ONE)
            .with_for_update(skip_locked=True)
        )
        if attempt is None or not updated_one_row(
            session,
            sa.update(Attempt)
            .where(
                Attempt.id == attempt.id,
                Attempt.heard_at == attempt.heard_at,
                Attempt.look_at.is_not_distinct_from(attempt.look_at),
            )
            .values(heard_at=now, look_at=_next_lookup(attempt, now, silent_after)),
        ):
            return None
        advisor = session.get_one(Staff, attempt.advisor_id)
        return SilentAttempt(
            attempt.id,
            attempt.advisor_call,
            if_readable(advisor.phone),
            attempt.placing_at or attempt.created_at,
        )


def _next_lookup(attempt: Attempt, now: datetime, silent_after: timedelta) -> datetime | None:
    if attempt.advisor_call is not None:
        return None
    asked_at = attempt.placing_at or attempt.created_at
    return now + pause_before_next_lookup(now - asked_at, silent_after)


def mark_unconfirmed(attempt_id: int, *, now: datetime) -> None:
    """Record that the carrier may or may not have placed the call; it is looked up at once."""
    with transaction() as session:
        session.execute(
            sa.update(Attempt)
            .where(
                Attempt.id == attempt_id,
                Attempt.ended_at.is_(None),
                Attempt.advisor_call.is_(None),
            )
            .values(look_at=now)
        )


def end_one_overdue(*, now: datetime, limits: JobLimits) -> bool:
    """End one attempt that lasted longer than any call can, with or without a carrier; return
    whether there was one.
    """
    asked_at = sa.func.coalesce(Attempt.placing_at, Attempt.created_at)
    unconfirmed = sa.and_(
        Attempt.state == AttemptState.PLACING,
        Attempt.advisor_call.is_(None),
        asked_at <= sa.literal(now - limits.unconfirmed, Instant),
    )
    with transaction() as session:
        attempt_id = session.scalar(
            sa.select(Attempt.id)
            .where(
                Attempt.ended_at.is_(None),
                Attempt.channel == Channel.CARRIER,
                sa.or_(
                    sa.and_(
                        Attempt.state == AttemptState.QUEUED,
                        Attempt.created_at <= now - limits.queued,
                    ),
                    unconfirmed,
                    asked_at <= sa.literal(now - limits.call, Instant),
                ),
                job_failures.may_run(job_failures.Job.END_OVERDUE_ATTEMPT, Attempt.id, now),
            )
            .order_by(Attempt.id)
            .limit(ONE)
        )
        if attempt_id is None:
            return False
        job_failures.begin(job_failures.Job.END_OVERDUE_ATTEMPT, attempt_id)
        attempt = attempts.lock_attempt(session, attempt_id)
        assert attempt is not None
        if attempt.ended_at is not None:
            return True
        if attempt.advisor_call is None:
            late = attempt.state == AttemptState.QUEUED
            problem = Problem.TOO_LATE if late else Problem.LOST
            attempts.end_attempt(
                session, attempt, AttemptResult.NOT_PLACED, rang=False, now=now, problem=problem
            )
        else:
            _record_end(session, attempt, attempt.advisor_call, now)
        return True


def _record_end(session: Session, attempt: Attempt, call: str, now: datetime) -> None:
    """The outcome is unknown, but the carrier ends every call by then."""
    status = CarrierStatus.COMPLETED
    attempts.record_event(
        session,
        attempt,
        kind=EventKind.LOOKED_UP,
        leg=Leg.ADVISOR,
        call=call,
        status=status,
        sequence=_SEQUENCE[status],
        error_code=None,
        now=now,
    )
    attempts.advance_attempt(session, attempt, now=now, complete=True)


def unknown_ids(calls: list[str]) -> list[str]:
    """Return those of these carrier ids that belong to no attempt yet."""
    with transaction() as session:
        known_ids = session.scalars(
            sa.select(Attempt.advisor_call)
            .where(Attempt.advisor_call.in_(calls))
            .union_all(sa.select(Offer.call).where(Offer.call.in_(calls)))
        ).all()
        return [call for call in calls if call not in set(known_ids)]


def apply_lookup(
    attempt_id: int,
    call: str,
    advisor: CarrierStatus,
    visitor: tuple[str, CarrierStatus] | None,
    *,
    now: datetime,
) -> None:
    """Apply what a lookup found.

    Args:
        call: the carrier's id of the advisor's leg.
        advisor: its status.
        visitor: id and status of the visitor's leg, if there is one.
    """
    with transaction() as session:
        attempt = attempts.lock_attempt(session, attempt_id)
        assert attempt is not None
        seen = [(Leg.ADVISOR, call, advisor)]
        if visitor is not None:
            seen.append((Leg.VISITOR, *visitor))
        for leg, sid, status in seen:
            attempts.record_event(
                session,
                attempt,
                kind=EventKind.LOOKED_UP,
                leg=leg,
                call=sid,
                status=status,
                sequence=_SEQUENCE[status],
                error_code=None,
                now=now,
            )
        attempts.advance_attempt(session, attempt, now=now, complete=advisor in FINAL)


def apply_missing(attempt_id: int, *, now: datetime, lost_after: timedelta) -> None:
    """Record that the carrier does not know the call. Once that can be no delay it was not
    placed and the advisor may retry; should it ring after all, its webhook gets the answer to hang
    up.
    """
    with transaction() as session:
        attempt = attempts.lock_attempt(session, attempt_id)
        assert attempt is not None
        asked_at = attempt.placing_at or attempt.created_at
        if attempt.advisor_call is None and asked_at + lost_after <= now:
            attempts.end_attempt(
                session,
                attempt,
                AttemptResult.NOT_PLACED,
                rang=False,
                now=now,
                problem=Problem.LOST,
            )
