"""The life of a carrier job: an attempt, an offer, an inbound call, a text message.

Each is something asked of the carrier, or by it, of which it tells us late, twice, out of order or
never. A ``JobKind`` says what differs between them; the steps are the same:

1. ``start_next`` claims a job, commits, and only then asks the carrier. Where the answer is lost
   the job is looked up, and never asked for again.
2. ``look_up_next`` looks up one without a report for too long.
3. ``end_next_unwanted`` ends one at the carrier that is no longer needed.
4. ``end_next_overdue`` ends one by time, with or without a carrier.

Webhooks go to the kind itself. See docs/decisions/0005-look-up-never-dial-again and
0006-webhooks-are-facts.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar, cast

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import InstrumentedAttribute, Session

from helpline import clock
from helpline.db import ONE, Base, Instant, transaction
from helpline.domain.job_limits import JobLimits, pause_before_next_lookup, time_for_lookups
from helpline.messaging import carrier_alerts, job_failures
from helpline.messaging.job_failures import Job
from helpline.telephony.port import (
    Carrier,
    CarrierError,
    OutcomeUnknown,
    Rejected,
    RetryLater,
    SmsRegistration,
)

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

Row = TypeVar("Row", bound=Base)

END_AGAIN_AFTER = timedelta(seconds=10)
"""When the carrier is asked once more to end a call."""
TALKING_SILENCE_FACTOR = 10
"""A conversation is looked up so much later: it can go on without a report."""


@dataclass(frozen=True, slots=True)
class WebhookUrls:
    """Webhook URLs of a job, by its reference."""

    answered: Callable[[str], str]
    status: Callable[[str, str], str]
    offer_answered: Callable[[str], str]
    offer_status: Callable[[str], str]
    listener_answered: Callable[[str], str]
    listener_joins: Callable[[str], str]
    listener_status: Callable[[str], str]
    conference: Callable[[str, str], str]
    sms_status: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """The operator's settings that jobs need.

    Args:
        silent_after: a job without a report for so long is looked up.
        lost_after: one that the carrier does not know after so long was not done.
        legs_at_once: how many phones the carrier lets ring or talk at once; None for no limit.
    """

    advisor_ring_seconds: int
    longest_seconds: int
    silent_after: timedelta
    lost_after: timedelta
    calls_per_second: float
    legs_at_once: int | None = None


@dataclass(frozen=True, slots=True)
class CarrierContext:
    """A carrier, by the name that its jobs have, and its settings."""

    name: str
    carrier: Carrier
    urls: WebhookUrls
    timing: Timeouts


@dataclass(frozen=True, slots=True)
class Request:
    """A job to ask the carrier for now.

    Args:
        number: the phone to call or to text.
        text: the text message, if it is one.
        registration: how its wording is registered, where the country requires it.
    """

    job_id: int
    ref: str
    number: str
    text: str = ""
    registration: SmsRegistration | None = None


@dataclass(frozen=True, slots=True)
class SentJob:
    """A job that the carrier was asked for, to be looked up.

    Args:
        carrier_id: None while it is not known whether the carrier has the job.
        number: the phone that was called or texted; None if it is unknown by now.
    """

    job_id: int
    carrier_id: str | None
    number: str | None
    asked_at: datetime
    text: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """How long a job can last in a stage of its life, whatever the carrier says.

    Args:
        condition: which jobs are in it.
        since: when it began.
    """

    condition: sa.ColumnElement[bool]
    since: sa.SQLColumnExpression[Any]
    limit: Callable[[JobLimits], timedelta]


class JobKind(ABC, Generic[Row]):
    """One kind of carrier job: how it is looked up, how long it can last, how it ends.

    Attributes:
        name: how the log names a job.
        looked_at: the name of the column with the time of the last lookup.
        look_at: that with the time of the next lookup of an unconfirmed job; empty for none.
        stages: after which times it is ended without a report.
        unconfirmed: jobs of which we do not know whether the carrier has them.
        asked_at: when the carrier was asked for the job.
    """

    name: str
    model: type[Row]
    look_up_job: Job
    end_job: Job
    looked_at: str
    look_at: str = ""
    stages: Sequence[Stage]
    unconfirmed: sa.ColumnElement[bool] = sa.false()
    asked_at: sa.ColumnElement[Any] = sa.null()

    @abstractmethod
    def is_silent(self, now: datetime, silent_after: timedelta) -> sa.ColumnElement[bool]:
        """Return which jobs have had no report for too long."""

    def silences(self, now: datetime, silent_after: timedelta) -> Sequence[sa.ColumnElement[bool]]:
        """Return the alternatives of ``is_silent``, for each of which there is an index."""
        return (self.is_silent(now, silent_after),)

    @abstractmethod
    def sent_job(self, session: Session, row: Row) -> SentJob:
        """Return what a lookup needs."""

    @abstractmethod
    def look_up(self, carrier: Carrier, job: SentJob, carrier_id: str, *, is_late: bool) -> None:
        """Fetch a job from the carrier and apply its status.

        Args:
            is_late: a phone that rings still has rung for longer than any should.

        Raises:
            CarrierError: the request failed.
        """

    @abstractmethod
    def lock(self, session: Session, job_id: int) -> Row | None:
        """Lock a job, and before it what else is locked first."""

    @abstractmethod
    def end(self, session: Session, row: Row, *, now: datetime) -> None:
        """End a locked job that was not done, or of which nothing more will be known."""

    def find(self, carrier: Carrier, job: SentJob) -> str | None:
        """Return the carrier's id of an unconfirmed job; None where it has none, or raise
        CarrierError.
        """
        return None


class OutboundKind(JobKind[Row]):
    """A kind of carrier job that we ask the carrier for.

    Attributes:
        retry_event: what the log says when the carrier did not take a job for now.
        is_call: it is a call, so that a carrier out of reach slows down all calls.
    """

    retry_event: str
    is_call: bool

    @abstractmethod
    def next_to_start(
        self,
        carrier: str,
        *,
        now: datetime,
        lost_after: timedelta,
        legs_at_once: int | None = None,
    ) -> Request | bool:
        """Claim the next job of a carrier that may start now. Above ``legs_at_once`` calls wait.

        Returns:
            The request; True when a job was settled without one; False when there is none.
        """

    @abstractmethod
    def ask(self, context: CarrierContext, request: Request) -> str:
        """Ask the carrier and return its id of the job, or raise CarrierError."""

    @abstractmethod
    def accepted(self, job_id: int, carrier_id: str, *, now: datetime) -> None:
        """Record that the carrier has the job."""

    @abstractmethod
    def retry_later(self, job_id: int, problem: str, *, now: datetime) -> None:
        """Schedule a retry of a job that was surely not done, as often as its kind allows."""

    @abstractmethod
    def rejected(self, request: Request, error: Rejected, *, now: datetime) -> None:
        """Record that the carrier rejected the job."""

    def may_start(self, context: CarrierContext) -> bool:
        """Wait until the account may start one more; return False when there is none to start."""
        return True

    def next_unwanted(self, carrier: str, *, now: datetime) -> str | bool:
        """Claim one call of a carrier that is no longer needed, to end it there.

        Returns:
            The carrier's id of it; True when a job was ended without the carrier; False when there
            is none.
        """
        return False


def start_next(kind: OutboundKind[Row], context: CarrierContext) -> bool:
    """Ask the carrier for the next job; return whether there was one.

    1. Wait for the carrier's rate limit.
    2. Mark the job as asked for and commit: from here on only a lookup may settle it.
    3. Ask the carrier, outside any transaction.
    4. Record its answer. A lost one is looked up at once.
    """
    if not kind.may_start(context):
        return False
    request = kind.next_to_start(
        context.name,
        now=clock.now(),
        lost_after=context.timing.lost_after,
        legs_at_once=context.timing.legs_at_once,
    )
    if not isinstance(request, Request):
        return request
    try:
        carrier_id = kind.ask(context, request)
    except RetryLater as error:
        _warn(kind, kind.retry_event, request.job_id, error)
        kind.retry_later(request.job_id, error.problem, now=clock.now())
        carrier_alerts.report_error(context.name, error, now=clock.now(), placing_call=kind.is_call)
    except Rejected as error:
        _warn(kind, "carrier rejected the request", request.job_id, error)
        kind.rejected(request, error, now=clock.now())
        carrier_alerts.report_error(context.name, error, now=clock.now())
    except OutcomeUnknown as error:
        _warn(kind, "outcome unknown, will look it up", request.job_id, error)
        mark_unconfirmed(kind, request.job_id, now=clock.now())
        look_up_next(kind, context)
    else:
        kind.accepted(request.job_id, carrier_id, now=clock.now())
    return True


def mark_unconfirmed(kind: JobKind[Row], job_id: int, *, now: datetime) -> None:
    """Record that the carrier may or may not have the job; it is looked up at once."""
    with transaction() as session:
        session.execute(
            sa.update(kind.model)
            .where(_id(kind) == job_id, kind.unconfirmed)
            .values({kind.look_at: now}),
            execution_options={"synchronize_session": False},
        )


def look_up_next(kind: JobKind[Row], context: CarrierContext) -> bool:
    """Look up one job at the carrier after too long without a report; return whether there was
    one.
    """
    timing = context.timing
    job = next_silent(kind, context.name, now=clock.now(), silent_after=timing.silent_after)
    if job is None:
        return False
    try:
        carrier_id = job.carrier_id or kind.find(context.carrier, job)
        if carrier_id is None:
            apply_missing(kind, job.job_id, now=clock.now(), lost_after=timing.lost_after)
        else:
            rings_until = job.asked_at + time_for_lookups(timing.silent_after, timing.lost_after)
            kind.look_up(context.carrier, job, carrier_id, is_late=clock.now() > rings_until)
    except CarrierError as error:
        _warn(kind, "carrier lookup failed", job.job_id, error)
        carrier_alerts.report_error(context.name, error, now=clock.now())
    return True


def next_silent(
    kind: JobKind[Row], carrier: str, *, now: datetime, silent_after: timedelta
) -> SentJob | None:
    """Claim one job of a carrier without a report for ``silent_after``, to look it up; not claimed
    again before that time has passed once more. An unconfirmed one is claimed sooner, with pauses
    that double.
    """
    with transaction() as session:
        found = (
            job_failures.take_next(
                session,
                kind.look_up_job,
                kind.model,
                cast(Any, kind.model).carrier == carrier,
                is_silent,
                now=now,
                order_by=getattr(kind.model, kind.looked_at).nulls_first(),
            )
            for is_silent in kind.silences(now, silent_after)
        )
        row = next(filter(None, found), None)
        if row is None:
            return None
        job = kind.sent_job(session, row)
        setattr(row, kind.looked_at, now)
        if kind.look_at:
            pause = pause_before_next_lookup(now - job.asked_at, silent_after)
            setattr(row, kind.look_at, None if job.carrier_id else now + pause)
        return job


def apply_missing(kind: JobKind[Row], job_id: int, *, now: datetime, lost_after: timedelta) -> None:
    """Record that the carrier does not know the job; ended once that can be no delay. Should its
    phone ring after all, the webhook gets the answer to hang up.
    """
    is_lost = sa.and_(kind.unconfirmed, kind.asked_at <= sa.literal(now - lost_after, Instant))
    with transaction() as session:
        _end_if(session, kind, job_id, is_lost, now)


def overdue_stages(
    kind: JobKind[Row], now: datetime, limits: JobLimits
) -> Sequence[sa.ColumnElement[bool]]:
    """Return for each stage which jobs have been in it for longer than any can."""
    return [
        sa.and_(stage.condition, sa.type_coerce(stage.since, Instant) <= now - stage.limit(limits))
        for stage in kind.stages
    ]


def end_next_overdue(kind: JobKind[Row], *, now: datetime, limits: JobLimits) -> bool:
    """End one job that has lasted longer than any can, with or without a carrier; return whether
    there was one.
    """
    may_run = job_failures.may_run(kind.end_job, _id(kind), now)
    with transaction() as session:
        for is_overdue in overdue_stages(kind, now, limits):  # each has an index, all of them none
            job_id = session.scalar(sa.select(_id(kind)).where(is_overdue, may_run).limit(ONE))
            if job_id is not None:
                job_failures.begin(kind.end_job, job_id)
                _end_if(session, kind, job_id, is_overdue, now)
                return True
        return False


def end_next_unwanted(kind: OutboundKind[Row], context: CarrierContext) -> bool:
    """End one call at the carrier that is no longer needed; return whether there was one."""
    carrier_id = kind.next_unwanted(context.name, now=clock.now())
    if isinstance(carrier_id, bool):
        return carrier_id
    try:
        context.carrier.hang_up(carrier_id)
    except CarrierError as error:
        log.warning("call could not be ended", call=carrier_id, problem=error.problem)
        carrier_alerts.report_error(context.name, error, now=clock.now())
    return True


def unknown_ids(
    carrier_ids: Collection[str], *columns: InstrumentedAttribute[str | None]
) -> list[str]:
    """Return those of these carrier ids that belong to no job yet, by the columns with ids."""
    with transaction() as session:
        known = {
            carrier_id
            for column in columns
            for carrier_id in session.scalars(sa.select(column).where(column.in_(carrier_ids)))
        }
        return [carrier_id for carrier_id in carrier_ids if carrier_id not in known]


def _end_if(
    session: Session,
    kind: JobKind[Row],
    job_id: int,
    condition: sa.ColumnElement[bool],
    now: datetime,
) -> None:
    """Checked again under the lock: a report may just have changed it."""
    row = kind.lock(session, job_id)
    still = sa.select(_id(kind)).where(_id(kind) == job_id, condition)
    if row is not None and session.scalar(still) is not None:
        kind.end(session, row, now=now)


def _id(kind: JobKind[Row]) -> InstrumentedAttribute[int]:
    return cast("InstrumentedAttribute[int]", cast(Any, kind.model).id)


def _warn(kind: JobKind[Row], event: str, job_id: int, error: CarrierError) -> None:
    log.warning(event, **{kind.name: job_id}, code=error.code, problem=error.problem)
