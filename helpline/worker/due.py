"""What a worker has to do now: one read for all its jobs, so that an idle worker writes nothing.

A condition may hold where its job then finds nothing to do, never the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Any, cast

import sqlalchemy as sa

from helpline import clock
from helpline.callbacks import queue
from helpline.callbacks.models import (
    REFERENCE_TO_DO,
    Callback,
)
from helpline.callbacks.phone_limits.checks import A_DAY
from helpline.callbacks.phone_limits.models import ActiveCall, NumberLimit, Ring
from helpline.callbacks.row_locks import has_open_status
from helpline.callbacks.set_aside.models import SetAsideMember
from helpline.calls.attempt_jobs import ATTEMPTS
from helpline.calls.dispatch.offer_jobs import OFFERS
from helpline.calls.inbound.call_jobs import INBOUND_CALLS
from helpline.calls.inbound.models import MessageState, VoiceMessage
from helpline.calls.inbound.recordings import STALE_AFTER
from helpline.calls.listening.jobs import LISTENERS
from helpline.calls.listening.models import Listener, ListenerState
from helpline.calls.models import Attempt, Channel, DispatchRound, Offer, OfferState
from helpline.calls.supervision.models import HelpRequest
from helpline.current import services
from helpline.db import Base, Instant, db, ensure_no_transaction
from helpline.domain.call_progress import AttemptState
from helpline.domain.lifecycle import Status
from helpline.messaging import job_failures, outbox
from helpline.messaging.carrier_jobs import JobKind, overdue_stages
from helpline.messaging.job_failures import Job as Failing
from helpline.messaging.models import Kind, OutboxRow, OutboxState, StaffAlert
from helpline.messaging.webhooks.models import WebhookEndpoint
from helpline.policy.models import Dispatch, RetentionPolicy, ServicePolicy
from helpline.preflight.models import PreflightReport
from helpline.privacy.models import UNSEALED, AuditCheck, AuditEntry
from helpline.staff.models import Staff
from helpline.worker import jobs
from helpline.worker.schedule import Job


class Now(sa.BindParameter[datetime]):
    """The time at which a statement runs, or a while before it: ``now - timedelta(hours=1)``.

    So a statement is built once; building it costs more than the database takes to answer it.
    """

    inherit_cache = True

    def __init__(self, before: timedelta = timedelta()) -> None:
        super().__init__(None, callable_=lambda: clock.now() - before, type_=Instant, unique=True)
        self._before = before

    def __sub__(self, other: timedelta) -> Now:
        return Now(self._before + other)


Condition = Callable[[Any], sa.ColumnElement[bool]]
_Where = sa.ColumnElement[bool] | sa.TextClause

_IS_NOT_CALLED = sa.exists().where(
    Callback.id == Attempt.callback_id, Callback.status != Status.CALLING
)
_SLOW_ROUNDS = 5
_SHORTEST_WAIT = timedelta(days=1)
"""The least that a policy lets a request wait before it expires."""


class DueWork:
    """Finds which of some kinds of jobs may have something to do, by one statement."""

    def __init__(self, kinds: Collection[str]) -> None:
        self.kinds = sorted(kinds)

    def find(self, connection: sa.Connection | None = None) -> list[str]:
        """Return the kinds, read by a connection, else by that of the session."""
        if connection is None:
            ensure_no_transaction()  # What was read before is no longer of interest.
        row = (connection or db.session).execute(self._statement).one()
        return [kind for kind, is_due in zip(self.kinds, row, strict=True) if is_due]

    @cached_property
    def _statement(self) -> sa.Select[*tuple[Any, ...]]:
        now = Now()
        return sa.select(*(CONDITIONS[kind](now).label(kind) for kind in self.kinds))


class Rounds:
    """What to look for in each round of a worker.

    Args:
        slow: kinds of jobs that are looked for in every fifth round only.
    """

    def __init__(self, kinds: Collection[str], slow: Collection[str] = ()) -> None:
        self._urgent = DueWork([kind for kind in kinds if kind not in slow])
        self._all = DueWork(kinds)
        self._count = 0
        self._connection: sa.Connection | None = None

    def find(self) -> list[str]:
        """Return the kinds of jobs that may have something to do in the next round."""
        is_for_all = self._count % _SLOW_ROUNDS == 0
        self._count += 1
        if self._connection is None:  # Kept: the pool asks a connection whether it lives each time.
            self._connection = db.engine.connect()
        try:
            return (self._all if is_for_all else self._urgent).find(self._connection)
        finally:
            self._connection.rollback()  # A lost one is opened anew after this.


def only_if_due(kind: str, job: Job) -> Job:
    """Return the job, which begins nothing where the condition of its kind does not hold."""
    work = DueWork([kind])
    return lambda: bool(work.find()) and job()


def _any(
    model: type[Base], *conditions: _Where, job: Failing | None = None, now: Any
) -> sa.ColumnElement[bool]:
    """Whether there is such a row, of a subject that is not skipped or set aside for a job."""
    key = cast(Any, model).id
    may_run = () if job is None else (job_failures.may_run(job, key, now),)
    return sa.select(key).where(*conditions, *may_run).exists()


def _in_outbox(kind: Kind) -> Condition:
    def is_due(now: Any) -> sa.ColumnElement[bool]:
        may_run = job_failures.may_run(Failing(kind.value), OutboxRow.subject_id, now)
        return sa.select(OutboxRow.id).where(outbox.is_due(kind, now), may_run).exists()

    return is_due


def _silent(kind: JobKind[Any]) -> Condition:
    def is_due(now: Any) -> sa.ColumnElement[bool]:
        silent = kind.silences(now, timedelta(seconds=services().settings.silent_after_seconds))
        return sa.or_(*(_any(kind.model, each, job=kind.look_up_job, now=now) for each in silent))

    return is_due


def _overdue(now: Any) -> sa.ColumnElement[bool]:
    limits = jobs.job_limits()
    left = (
        VoiceMessage.state == MessageState.AT_CARRIER,
        VoiceMessage.left_at <= now - limits.recording,
    )
    return sa.or_(
        *(
            _any(kind.model, is_overdue, job=kind.end_job, now=now)
            for kind in jobs.KINDS
            for is_overdue in overdue_stages(kind, now, limits)
        ),
        _any(VoiceMessage, *left, job=Failing.END_OVERDUE_RECORDING, now=now),
    )


def _claimed(*conditions: Condition) -> Condition:
    def is_due(now: Any) -> sa.ColumnElement[bool]:
        more = (condition(now) for condition in conditions)
        is_claimed = has_open_status(Status.CLAIMED)
        return _any(Callback, is_claimed, *more, job=Failing.RETURN_CLAIM, now=now)

    return is_due


def _lease_is_over(now: Any) -> sa.ColumnElement[bool]:
    return sa.and_(Callback.claim_ends_at <= now)


def _wrap_up_is_over(now: Any) -> sa.ColumnElement[bool]:
    in_call = (has_open_status(Status.CALLING), _lease_is_over(now))
    return _any(Callback, *in_call, job=Failing.CLOSE_WRAP_UP, now=now)


def _has_expired(now: Any) -> sa.ColumnElement[bool]:
    set_aside = (
        has_open_status(Status.JOINED),
        Callback.due_at <= now - _SHORTEST_WAIT,
        SetAsideMember.holds(Callback.id),
    )
    job = Failing.EXPIRE_CALLBACK
    waits = has_open_status(Status.WAITING)
    return sa.or_(
        _any(Callback, waits, Callback.call_until <= now, job=job, now=now),
        _any(
            Callback,
            waits,
            Callback.due_at <= now,
            Callback.requested_at <= now - _SHORTEST_WAIT,
            job=job,
            now=now,
        ),
        _any(Callback, *set_aside, now=now),
    )


def _follower_is_due(now: Any) -> sa.ColumnElement[bool]:
    return _any(
        Callback,
        has_open_status(Status.JOINED),
        Callback.due_at <= now,
        ~SetAsideMember.holds(Callback.id),
        job=Failing.END_REQUEST_BEHIND,
        now=now,
    )


def _own_phone_call_is_cancelled(now: Any) -> sa.ColumnElement[bool]:
    live = (Attempt.ended_at.is_(None), Attempt.channel == Channel.OWN_PHONE)
    return _any(Attempt, *live, _IS_NOT_CALLED, job=Failing.END_WITHDRAWN, now=now)


def _call_is_unwanted(now: Any) -> sa.ColumnElement[bool]:
    placed = (Attempt.ended_at.is_(None), Attempt.advisor_call.is_not(None))
    is_moved = Attempt.move_asked_at.is_not(None)
    return sa.or_(*(_any(Attempt, *placed, each, now=now) for each in (_IS_NOT_CALLED, is_moved)))


def _is_not_answered(now: Any) -> sa.ColumnElement[bool]:
    rings = Attempt.state.in_((AttemptState.PLACING, AttemptState.ADVISOR_RINGING))
    return _any(Attempt, Attempt.ended_at.is_(None), rings, job=Failing.CANCEL_AT_CLOSING, now=now)


def _recording_is_due(now: Any) -> sa.ColumnElement[bool]:
    is_stale = (
        OutboxRow.state == OutboxState.IN_HAND,
        OutboxRow.taken_at <= now - STALE_AFTER,
        OutboxRow.kind == Kind.FETCH_RECORDING,
    )
    return sa.or_(_in_outbox(Kind.FETCH_RECORDING)(now), _any(OutboxRow, *is_stale, now=now))


def _webhook_is_due(now: Any) -> sa.ColumnElement[bool]:
    is_stale = _any(WebhookEndpoint, WebhookEndpoint.busy_until <= now, now=now)
    return sa.or_(_in_outbox(Kind.SEND_WEBHOOK)(now), is_stale)


def _callback_is_due(now: Any) -> sa.ColumnElement[bool]:
    return _any(Callback, queue.is_due(now), now=now)


def _offer_is_due(now: Any) -> sa.ColumnElement[bool]:
    push = _any(ServicePolicy, ServicePolicy.dispatch == Dispatch.PUSH, now=now)
    return sa.and_(push, _callback_is_due(now))


def _someone_waits(now: Any) -> sa.ColumnElement[bool]:
    is_round = sa.select(DispatchRound.callback_id).exists()
    return sa.or_(is_round, _callback_is_due(now))


def _alert_is_due(now: Any) -> sa.ColumnElement[bool]:
    alerted = _any(StaffAlert, StaffAlert.since.is_not(None), now=now)
    return sa.or_(alerted, _callback_is_due(now))


def _help_is_wanted(now: Any) -> sa.ColumnElement[bool]:
    emergency = _any(
        Callback, Callback.ended_at.is_(None), Callback.emergency_at.is_not(None), now=now
    )
    return sa.or_(emergency, _any(HelpRequest, HelpRequest.ended_at.is_(None), now=now))


def _wants_reminders(now: Any) -> sa.ColumnElement[bool]:
    wants = sa.and_(Staff.active, Staff.reminder_texts, Staff.phone.is_not(None))
    return _any(Staff, wants, now=now)


def _limit_is_over(now: Any) -> sa.ColumnElement[bool]:
    over = (NumberLimit.until <= now, NumberLimit.phone_hash.is_not(None))
    return sa.or_(
        _any(Ring, Ring.at <= now - A_DAY, now=now),
        _any(ActiveCall, ActiveCall.until <= now - A_DAY, now=now),
        _any(NumberLimit, *over, now=now),
    )


def _lacks_reference(now: Any) -> sa.ColumnElement[bool]:
    return _any(Callback, REFERENCE_TO_DO, now=now)


def _by_row(model: type[Base]) -> Condition:
    """What the only row of a table says is due, or was never done."""

    def is_due(now: Any) -> sa.ColumnElement[bool]:
        return ~_any(model, cast(Any, model).next_at > now, now=now)

    return is_due


def _is_open(model: type[Base], *conditions: sa.ColumnElement[bool]) -> Condition:
    return lambda now: _any(model, cast(Any, model).ended_at.is_(None), *conditions, now=now)


CONDITIONS: Mapping[str, Condition] = MappingProxyType(
    {
        "place_call": _in_outbox(Kind.PLACE_CALL),
        "look_up_silent": _silent(ATTEMPTS),
        "end_unwanted_call": _call_is_unwanted,
        "take_back_at_closing": _is_not_answered,
        "place_offer": _is_open(Offer, Offer.state == OfferState.QUEUED),
        "look_up_silent_offer": _silent(OFFERS),
        "end_unwanted_offer": _is_open(Offer),
        "place_listener": _is_open(Listener, Listener.state == ListenerState.QUEUED),
        "look_up_silent_listener": _silent(LISTENERS),
        "end_unwanted_listener": _is_open(Listener),
        "change_call": _is_open(Listener, Listener.requested_at.is_not(None)),
        "look_up_silent_call_in": _silent(INBOUND_CALLS),
        "fetch_message": _recording_is_due,
        "send_text": _in_outbox(Kind.SEND_TEXT),
        "look_up_text": _silent(jobs.SMS),
        "send_webhook": _webhook_is_due,
        "offer_callback": _offer_is_due,
        "end_overdue": _overdue,
        "return_lapsed_claim": _claimed(_lease_is_over),
        "return_overdue_claim": _claimed(),
        "return_claim_at_closing": _claimed(),
        "close_wrap_up": _wrap_up_is_over,
        "end_withdrawn_call": _own_phone_call_is_cancelled,
        "end_request_behind": _follower_is_due,
        "expire_callback": _has_expired,
        "complete_references": _lacks_reference,
        "forget_past_rests": _limit_is_over,
        "erase_due": _by_row(RetentionPolicy),
        "preflight": _by_row(PreflightReport),
        "check_audit_log": _by_row(AuditCheck),
        "seal_audit_log": lambda now: _any(AuditEntry, UNSEALED, now=now),
        "tell_of_waiting": _someone_waits,
        "alert_staff": _alert_is_due,
        "alert_of_emergencies": _help_is_wanted,
        "remind_of_shifts": _wants_reminders,
    }
)
"""By the name of the job. Those without one are read-only or run by the clock."""
