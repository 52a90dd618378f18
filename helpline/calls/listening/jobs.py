"""Supervisors' phones as carrier jobs, and what a worker asks the carrier for in a call under way.

The row is its own outbox. A request about a call in progress is taken and committed before the
carrier is asked, and never repeated by itself: its answer may be lost, and the carrier's next
request for instructions tells. A worker that dies in between leaves the call as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from helpline import clock
from helpline.calls import advisor_calls, daily_budget, rate_control
from helpline.calls.advisor_calls import AdvisorCallJobs
from helpline.calls.listening import service
from helpline.calls.listening.models import (
    Listener,
    ListenerProblem,
    ListenerRequest,
    ListenerState,
)
from helpline.calls.models import Attempt
from helpline.db import ONE, guarded_update, is_missing, transaction
from helpline.domain.call_progress import CarrierStatus, Leg
from helpline.messaging import carrier_alerts, job_failures
from helpline.messaging.carrier_jobs import (
    TALKING_SILENCE_FACTOR,
    CarrierContext,
    Request,
    SentJob,
    Stage,
)
from helpline.messaging.job_failures import Job
from helpline.staff import advisor_line
from helpline.staff.models import Staff
from helpline.telephony.port import Carrier, CarrierError, OutcomeUnknown, Rejected
from helpline.telephony.problems import Problem

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

_ON = Listener.ended_at.is_(None)
_QUEUED = sa.and_(_ON, Listener.state == ListenerState.QUEUED)
_SENT = sa.and_(_ON, Listener.state != ListenerState.QUEUED)
_IN_CONFERENCE = Listener.state.in_((ListenerState.LISTENING, ListenerState.JOINED))
_ASKED_AT = sa.func.coalesce(Listener.placing_at, Listener.created_at)


class ListenerJobs(AdvisorCallJobs[Listener]):
    """Calls to supervisors who want to listen in. One that could not be placed ends."""

    name = "listener"
    model = Listener
    look_up_job, end_job = Job.LOOK_UP_LISTENER, Job.END_OVERDUE_LISTENER
    asked_at = _ASKED_AT
    unconfirmed = sa.and_(_SENT, is_missing(Listener.call))
    stages = (
        Stage(_QUEUED, Listener.created_at, lambda limits: limits.queued),
        Stage(unconfirmed, _ASKED_AT, lambda limits: limits.unconfirmed),
        Stage(sa.and_(_ON, ~_IN_CONFERENCE), _ASKED_AT, lambda limits: limits.ringing),
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
        """Claim the next supervisor's phone to call; not one whose call to listen to is over."""
        with transaction() as session:
            if not rate_control.lock_free_legs(session, carrier, legs_at_once):
                return False
            first = advisor_calls.begin_next(
                session, Listener, _QUEUED, carrier, job=Job.PLACE_LISTENER, now=now
            )
            if first is None:
                return False
            listener = service.lock(session, Listener.id == first, _QUEUED)
            if listener is None:
                return True
            attempt = session.get_one(Attempt, listener.attempt_id)
            phone = advisor_line.phone_of(session, listener.supervisor_id)
            if attempt.ended_at is not None or listener.leave_at is not None:
                service.end(session, listener, now=now)
            elif daily_budget.is_exhausted(session, now):
                service.end(session, listener, now=now, problem=Problem.SPENT)
            elif listener.created_at + 2 * lost_after <= now or not phone:
                service.end(session, listener, now=now, problem=Problem.TOO_LATE)
            else:
                listener.state, listener.placing_at = ListenerState.PLACING, now
                listener.heard_at = now
                return Request(listener.id, listener.ref, phone)
            return True

    def ask(self, context: CarrierContext, request: Request) -> str:
        return advisor_calls.create_call(
            context,
            request,
            answer_url=context.urls.listener_answered(request.ref),
            status_url=context.urls.listener_status(request.ref),
        )

    def accepted(self, job_id: int, carrier_id: str, *, now: datetime) -> None:
        advisor_calls.store_id(Listener, job_id, carrier_id, now=now)

    def retry_later(self, job_id: int, problem: str, *, now: datetime) -> None:
        """End it: the supervisor is told, and may ask again."""
        _end(job_id, problem, now)

    def rejected(self, request: Request, error: Rejected, *, now: datetime) -> None:
        _end(request.job_id, error.problem, now)

    def next_unwanted(self, carrier: str, *, now: datetime) -> str | bool:
        """Claim the phone of a supervisor who leaves, was deactivated or may listen no longer, or
        whose call is over.
        """
        with transaction() as session:
            is_forbidden = sa.false() if service.is_allowed(session) else sa.true()
            listener_id = session.scalar(
                sa.select(Listener.id)
                .join(Attempt, Attempt.id == Listener.attempt_id)
                .join(Staff, Staff.id == Listener.supervisor_id)
                .where(
                    _ON,
                    Listener.carrier == carrier,
                    advisor_calls.can_be_ended(Listener, _QUEUED, now),
                    sa.or_(
                        Listener.leave_at.is_not(None),
                        Attempt.ended_at.is_not(None),
                        ~Staff.active,
                        is_forbidden,
                    ),
                )
                .order_by(Listener.created_at)
                .limit(ONE)
            )
            if listener_id is None:
                return False
            listener = service.lock(session, Listener.id == listener_id, _ON)
            if listener is None:
                return True
            if listener.state == ListenerState.QUEUED or listener.call is None:
                service.end(session, listener, now=now)
                return True
            listener.leave_at = listener.leave_at or now
            listener.end_asked_at = now
            return listener.call

    def is_silent(self, now: datetime, silent_after: timedelta) -> sa.ColumnElement[bool]:
        is_silent = sa.and_(
            Listener.heard_at <= now - silent_after,
            sa.or_(
                ~_IN_CONFERENCE,
                Listener.heard_at <= now - TALKING_SILENCE_FACTOR * silent_after,
            ),
        )
        return sa.and_(_SENT, sa.or_(is_silent, Listener.look_at <= now))

    def sent_job(self, session: Session, row: Listener) -> SentJob:
        phone = advisor_line.phone_of(session, row.supervisor_id)
        return SentJob(row.id, row.call, phone, row.placing_at or row.created_at)

    def look_up(self, carrier: Carrier, job: SentJob, carrier_id: str, *, is_late: bool) -> None:
        """Fetch the call. A phone that still rings is hung up."""
        call = carrier.fetch_call(carrier_id)
        if call.status is not None:
            with transaction() as session:
                listener = service.lock(session, Listener.id == job.job_id, _ON)
                if listener is not None and listener.call in (None, carrier_id, call.id):
                    # Found by the id of the request, it has its own from now on.
                    listener.call = call.id
                    service.apply_status(session, listener, call.id, call.status, None, clock.now())
        if is_late and call.status in (CarrierStatus.QUEUED, CarrierStatus.RINGING):
            carrier.hang_up(call.id)

    def lock(self, session: Session, job_id: int) -> Listener | None:
        return service.lock(session, Listener.id == job_id)

    def end(self, session: Session, row: Listener, *, now: datetime) -> None:
        late = row.state == ListenerState.QUEUED
        problem = Problem.TOO_LATE if late else Problem.LOST if row.call is None else None
        service.end(session, row, now=now, problem=problem)


LISTENERS = ListenerJobs()


def _end(listener_id: int, problem: str, now: datetime) -> None:
    with transaction() as session:
        listener = service.lock(session, Listener.id == listener_id, _ON)
        if listener is not None:
            service.end(session, listener, now=now, problem=problem)


@dataclass(frozen=True, slots=True)
class _Change:
    """What to ask the carrier for in a call under way."""

    listener_id: int
    request: ListenerRequest
    ref: str
    call: str
    leg: str = ""


def change_next(context: CarrierContext) -> bool:
    """Move the next call into a conference, or let its supervisor join it; return whether there was
    one.

    1. Take the request and commit: it is not asked for again.
    2. Ask the carrier, outside any transaction.
    3. Record a refusal: the call goes on as it was, and the supervisor is told. Whether an answer
       that was lost had an effect, the carrier's requests for instructions tell.
    """
    change = _take_next(context.name, now=clock.now())
    if not isinstance(change, _Change):
        return change
    carrier, urls = context.carrier, context.urls
    try:
        if change.request == ListenerRequest.JOIN:
            carrier.redirect(change.call, urls.listener_joins(change.ref))
        else:
            carrier.redirect_both(
                change.call,
                change.leg,
                url=urls.conference(change.ref, Leg.ADVISOR),
                leg_url=urls.conference(change.ref, Leg.VISITOR),
            )
    except CarrierError as error:
        log.warning(
            "call in progress not changed",
            listener=change.listener_id,
            problem=error.problem,
            code=error.code,
        )
        carrier_alerts.report_error(context.name, error, now=clock.now())
        if not isinstance(error, OutcomeUnknown):
            record_refused(change.listener_id, change.request, now=clock.now())
    return True


def _take_next(carrier: str, *, now: datetime) -> _Change | bool:
    is_unsure = sa.and_(
        Listener.requested_at <= now - service.UNSURE_AFTER, Listener.request.is_(None)
    )
    with transaction() as session:
        listener_id = session.scalar(
            sa.select(Listener.id)
            .where(
                _ON,
                Listener.carrier == carrier,
                Listener.leave_at.is_(None),
                sa.or_(Listener.request.is_not(None), is_unsure),
                job_failures.may_run(Job.CHANGE_CALL, Listener.id, now),
            )
            .order_by(Listener.created_at)
            .limit(ONE)
        )
        if listener_id is None:
            return False
        job_failures.begin(Job.CHANGE_CALL, listener_id)
        listener = service.lock(session, Listener.id == listener_id, _ON)
        if listener is None or listener.requested_at is None:
            return True
        attempt = session.get_one(Attempt, listener.attempt_id)
        request, listener.request = listener.request, None
        if request is None:
            if listener.requested_at <= now - service.UNSURE_AFTER:  # else another worker has it
                _give_up(listener, now)
        elif attempt.ended_at is not None:
            listener.leave_at = now
        elif request == ListenerRequest.JOIN and listener.call is not None:
            return _Change(listener.id, request, listener.ref, listener.call)
        elif attempt.advisor_call is None or attempt.visitor_call is None:
            listener.problem, listener.leave_at = ListenerProblem.NOT_MOVED, now
        else:
            attempt.move_asked_at = now
            return _Change(
                listener.id, request, attempt.ref, attempt.advisor_call, attempt.visitor_call
            )
        return True


def _give_up(listener: Listener, now: datetime) -> None:
    """The carrier has not asked for instructions: nothing was changed, or its request was lost."""
    listener.requested_at = None
    if listener.state == ListenerState.WAITING:
        listener.problem, listener.leave_at = ListenerProblem.MOVE_UNSURE, now
        return
    listener.problem = ListenerProblem.NOT_JOINED


def record_refused(listener_id: int, request: ListenerRequest, *, now: datetime) -> None:
    """Record that the carrier refused to change the call, which goes on as it was. Whether it has
    ended, a lookup tells.
    """
    with transaction() as session:
        listener = service.lock(session, Listener.id == listener_id)
        assert listener is not None
        attempt = session.get_one(Attempt, listener.attempt_id)
        attempt.look_at = now
        listener.requested_at = None
        if request == ListenerRequest.JOIN:
            listener.problem = ListenerProblem.NOT_JOINED
            return
        guarded_update(session, attempt, {"moved_at": None}, move_asked_at=None)
        if listener.state == ListenerState.WAITING:
            listener.problem, listener.leave_at = ListenerProblem.NOT_MOVED, now
