"""Attempts as carrier jobs: the advisor's phone is called, and on their 1 the visitor's."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline import clock
from helpline.callbacks import notifications
from helpline.callbacks.models import Callback
from helpline.callbacks.phone_limits import checks
from helpline.calls import advisor_calls, attempts, carrier_failures, daily_budget, rate_control
from helpline.calls.advisor_calls import AdvisorCallJobs
from helpline.calls.models import Attempt, CallEvent, Channel, EventKind
from helpline.db import ONE, guarded_update, is_missing, transaction
from helpline.domain.call_progress import FINAL, AttemptResult, AttemptState, CarrierStatus, Leg
from helpline.domain.lifecycle import Status
from helpline.domain.sms_progress import SmsKind
from helpline.hours import queries as hours_queries
from helpline.messaging import outbox
from helpline.messaging.carrier_jobs import (
    END_AGAIN_AFTER,
    TALKING_SILENCE_FACTOR,
    CarrierContext,
    Request,
    SentJob,
    Stage,
)
from helpline.messaging.job_failures import Job
from helpline.messaging.models import Kind
from helpline.staff import advisor_line
from helpline.telephony import carrier_limits
from helpline.telephony.port import Carrier, Rejected
from helpline.telephony.problems import Problem

T = TypeVar("T")

_MAX_ATTEMPTS = 5
_SEQUENCE = {status: place for place, status in enumerate(CarrierStatus)}

_ON = sa.and_(Attempt.ended_at.is_(None), Attempt.channel == Channel.CARRIER)
_QUEUED = sa.and_(_ON, Attempt.state == AttemptState.QUEUED)
_ASKED_AT = sa.func.coalesce(Attempt.placing_at, Attempt.created_at)


class AttemptJobs(AdvisorCallJobs[Attempt]):
    """Attempts by a carrier. What a call needs is checked once more as it is placed."""

    name = "attempt"
    model = Attempt
    look_up_job, end_job = Job.LOOK_UP_ATTEMPT, Job.END_OVERDUE_ATTEMPT
    asked_at = _ASKED_AT
    unconfirmed = sa.and_(
        _ON, Attempt.state == AttemptState.PLACING, is_missing(Attempt.advisor_call)
    )
    stages = (
        Stage(_QUEUED, Attempt.created_at, lambda limits: limits.queued),
        Stage(unconfirmed, _ASKED_AT, lambda limits: limits.unconfirmed),
        Stage(_ON, _ASKED_AT, lambda limits: limits.call),
    )

    def next_to_start(
        self,
        carrier: str,
        *,
        now: datetime,
        lost_after: timedelta,
        legs_at_once: int | None = None,
    ) -> Request | bool:
        """Claim the next call of a carrier to place.

        Opening hours are checked again: a call requested at 17:59 is not placed at 18:00. After
        twice ``lost_after`` it is not placed any more; its advisor has moved on.
        """
        with transaction() as session:
            if not rate_control.lock_free_legs(session, carrier, legs_at_once):
                return False
            queued = attempts.lock_next_to_place(session, carrier, now)
            if queued is None:
                return False
            attempt, row = queued
            if not outbox.claim(session, row, now=now):
                return True
            callback = session.get_one(Callback, attempt.callback_id)
            phone = advisor_line.phone_of(session, attempt.advisor_id)
            if attempt.ended_at is not None:
                outbox.mark_done(session, Kind.PLACE_CALL, attempt.id, now=now)
            elif callback.status != Status.CALLING:
                _not_placed(session, attempt, AttemptResult.CANCELLED, None, now)
            elif not hours_queries.is_open(session, now):
                _not_placed(session, attempt, AttemptResult.CLOSED, Problem.CLOSED, now)
            elif attempt.created_at + 2 * lost_after <= now or not phone:
                _not_placed(session, attempt, AttemptResult.NOT_PLACED, Problem.TOO_LATE, now)
            elif daily_budget.is_exhausted(session, now):
                _not_placed(session, attempt, AttemptResult.NOT_PLACED, Problem.SPENT, now)
            elif checks.is_on_call(session, callback, now):
                _not_placed(session, attempt, AttemptResult.VISITOR_ON_LINE, None, now)
            elif guarded_update(
                session,
                attempt,
                {"state": AttemptState.QUEUED},
                state=AttemptState.PLACING,
                placing_at=now,
                heard_at=now,
            ):
                return Request(attempt.id, attempt.ref, phone)
            return True

    def ask(self, context: CarrierContext, request: Request) -> str:
        return advisor_calls.create_call(
            context,
            request,
            answer_url=context.urls.answered(request.ref),
            status_url=context.urls.status(request.ref, Leg.ADVISOR),
        )

    def accepted(self, job_id: int, carrier_id: str, *, now: datetime) -> None:
        """Store the carrier's id, unless a webhook did, and text the visitor who agreed to it that
        we are about to call.
        """
        with transaction() as session:
            attempt = _lock(session, job_id)
            callback = session.get_one(Callback, attempt.callback_id)
            if attempt.ended_at is None and callback.status == Status.CALLING:
                once = str(callback.attempts_used)
                notifications.notify(session, callback, SmsKind.ABOUT_TO_RING, now=now, once=once)
            guarded_update(
                session, attempt, {"advisor_call": None}, advisor_call=carrier_id, heard_at=now
            )
            outbox.mark_done(session, Kind.PLACE_CALL, job_id, now=now)
            carrier_limits.restore_rate(session, attempt.carrier)

    def retry_later(self, job_id: int, problem: str, *, now: datetime) -> None:
        """Schedule a retry; pauses double. After some the advisor is notified instead."""
        with transaction() as session:
            attempt = _lock(session, job_id)
            placing_attempts = outbox.attempts_of(session, Kind.PLACE_CALL, job_id)
            if placing_attempts >= _MAX_ATTEMPTS:
                _not_placed(session, attempt, AttemptResult.NOT_PLACED, problem, now)
            elif guarded_update(
                session,
                attempt,
                {"state": AttemptState.PLACING},
                state=AttemptState.QUEUED,
                problem=problem,
                heard_at=now,
            ):
                pause = timedelta(seconds=2**placing_attempts)
                outbox.retry_later(
                    session, Kind.PLACE_CALL, job_id, not_before=now + pause, problem=problem
                )

    def rejected(self, request: Request, error: Rejected, *, now: datetime) -> None:
        """Record it; the advisor sees why and keeps the callback."""
        with transaction() as session:
            attempt = _lock(session, request.job_id)
            _not_placed(session, attempt, AttemptResult.REFUSED, error.problem, now)
        carrier_failures.call_refused(request.ref, Leg.ADVISOR, error.code, now=now)

    def next_unwanted(self, carrier: str, *, now: datetime) -> str | bool:
        """Claim a live call of a carrier whose callback was cancelled, or whose visitor hung up
        while it was moved into a conference, so that the advisor is alone in it.
        """
        is_alone = sa.and_(
            Attempt.move_asked_at.is_not(None),
            sa.exists().where(
                CallEvent.attempt_id == Attempt.id,
                CallEvent.leg == Leg.VISITOR,
                CallEvent.status.in_(FINAL),
            ),
        )
        with transaction() as session:
            attempt = session.scalar(
                sa.select(Attempt)
                .join(Callback, Callback.id == Attempt.callback_id)
                .where(
                    Attempt.carrier == carrier,
                    Attempt.ended_at.is_(None),
                    sa.or_(
                        Attempt.end_asked_at.is_(None),
                        Attempt.end_asked_at <= now - END_AGAIN_AFTER,
                    ),
                    Attempt.advisor_call.is_not(None),
                    sa.or_(Callback.status != Status.CALLING, is_alone),
                )
                .limit(ONE)
                .with_for_update(skip_locked=True, of=Attempt)
            )
            if attempt is None or attempt.advisor_call is None:
                return False
            attempt.end_asked_at = now
            return attempt.advisor_call

    def is_silent(self, now: datetime, silent_after: timedelta) -> sa.ColumnElement[bool]:
        is_silent = sa.and_(
            Attempt.heard_at <= now - silent_after,
            sa.or_(
                Attempt.state != AttemptState.TALKING,
                Attempt.heard_at <= now - TALKING_SILENCE_FACTOR * silent_after,
            ),
        )
        return sa.and_(
            _ON,
            Attempt.state != AttemptState.QUEUED,
            sa.or_(is_silent, Attempt.look_at <= now),
        )

    def sent_job(self, session: Session, row: Attempt) -> SentJob:
        phone = advisor_line.phone_of(session, row.advisor_id)
        return SentJob(row.id, row.advisor_call, phone, row.placing_at or row.created_at)

    def look_up(self, carrier: Carrier, job: SentJob, carrier_id: str, *, is_late: bool) -> None:
        """Fetch the advisor's leg and the visitor's. A phone that still rings is hung up.

        That no leg of the visitor is found does not mean that there is none: a carrier may
        list only those that have ended.
        """
        advisor = carrier.fetch_call(carrier_id)
        if advisor.status is None:
            return
        visitor = next((leg for leg in carrier.fetch_legs(advisor.id) if leg.status), None)
        if visitor and visitor.status in FINAL and _stored(Attempt.move_asked_at, job.job_id):
            visitor = carrier.fetch_call(visitor.id)  # It may live on in the conference.
        apply_lookup(
            job.job_id,
            advisor.id,
            advisor.status,
            (visitor.id, visitor.status) if visitor and visitor.status else None,
            request_id=carrier_id,
            now=clock.now(),
        )
        still_rings = is_late and advisor.status not in FINAL
        if still_rings and not _stored(Attempt.dial_allowed, job.job_id):
            carrier.hang_up(advisor.id)

    def lock(self, session: Session, job_id: int) -> Attempt | None:
        return attempts.lock_attempt(session, job_id)

    def end(self, session: Session, row: Attempt, *, now: datetime) -> None:
        """End it: not placed, or with an unknown outcome, since the carrier ends every call by
        then.
        """
        if row.advisor_call is None:
            late = row.state == AttemptState.QUEUED
            problem = Problem.TOO_LATE if late else Problem.LOST
            attempts.end_attempt(
                session, row, AttemptResult.NOT_PLACED, rang=False, now=now, problem=problem
            )
        else:
            record_lookup(
                session, row, Leg.ADVISOR, row.advisor_call, CarrierStatus.COMPLETED, now=now
            )
            attempts.advance_attempt(session, row, now=now, complete=True)


ATTEMPTS = AttemptJobs()


def give_up_placing(attempt_id: int, *, now: datetime) -> None:
    """End an attempt whose placing failed too often; the advisor keeps the callback."""
    with transaction() as session:
        attempt = _lock(session, attempt_id)
        if attempt.ended_at is None and attempt.state == AttemptState.QUEUED:
            _not_placed(session, attempt, AttemptResult.NOT_PLACED, Problem.TOO_LATE, now)


def apply_lookup(
    attempt_id: int,
    call: str,
    advisor: CarrierStatus,
    visitor: tuple[str, CarrierStatus] | None,
    *,
    now: datetime,
    request_id: str | None = None,
) -> None:
    """Apply what a lookup found.

    Args:
        call: the carrier's id of the advisor's leg.
        advisor: its status.
        visitor: id and status of the visitor's leg, if there is one.
        request_id: the id by which the call was looked up, where that was the request's.
    """
    with transaction() as session:
        attempt = _lock(session, attempt_id)
        if request_id is not None and attempt.advisor_call == request_id:
            attempt.advisor_call = call
        record_lookup(session, attempt, Leg.ADVISOR, call, advisor, now=now)
        if visitor is not None:
            record_lookup(session, attempt, Leg.VISITOR, *visitor, now=now)
        attempts.advance_attempt(session, attempt, now=now, complete=advisor in FINAL)


def record_lookup(
    session: Session, attempt: Attempt, leg: Leg, call: str, status: CarrierStatus, *, now: datetime
) -> None:
    """Store the status of a leg as an event, in the caller's transaction."""
    attempts.record_event(
        session,
        attempt,
        kind=EventKind.LOOKED_UP,
        leg=leg,
        call=call,
        status=status,
        sequence=_SEQUENCE[status],
        error_code=None,
        now=now,
    )


def _stored(column: sa.SQLColumnExpression[T], attempt_id: int) -> T | None:
    """Return a value of an attempt; nothing stays locked while the carrier is asked next."""
    with transaction() as session:
        return session.scalar(sa.select(column).where(Attempt.id == attempt_id))


def _lock(session: Session, attempt_id: int) -> Attempt:
    attempt = attempts.lock_attempt(session, attempt_id)
    assert attempt is not None
    return attempt


def _not_placed(
    session: Session, attempt: Attempt, result: AttemptResult, problem: str | None, now: datetime
) -> None:
    if problem:
        outbox.give_up(session, Kind.PLACE_CALL, attempt.id, now=now, problem=problem)
    attempts.end_attempt(session, attempt, result, rang=False, now=now, problem=problem)
