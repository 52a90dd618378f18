"""The life of an attempt: facts in, state and result out, and the effect on the callback.

In the caller's transaction; never commits. See docs/decisions/0006-webhooks-are-facts.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from helpline.callbacks import follow_up, transitions
from helpline.callbacks.models import Callback
from helpline.callbacks.phone_limits import checks
from helpline.callbacks.phone_limits import service as phone_limits
from helpline.callbacks.row_locks import lock_first
from helpline.calls.errors import NoSuchAttempt
from helpline.calls.models import Attempt, CallEvent, Channel, EventKind
from helpline.db import NO_KEY_UPDATE, ONE, guarded_update, insert_or_ignore
from helpline.domain import call_progress, retries, safe_times
from helpline.domain.call_progress import (
    AttemptResult,
    AttemptState,
    CarrierStatus,
    Facts,
    Leg,
)
from helpline.domain.lifecycle import Event, Status
from helpline.domain.retries import Disposition
from helpline.hours import queries as hours_queries
from helpline.messaging import job_failures, outbox
from helpline.messaging.models import Kind, OutboxRow
from helpline.policy import queries as policy_queries
from helpline.telephony.adapters import ADAPTERS
from helpline.telephony.problems import Problem

_AFTER_PRESSED_ONE = frozenset(
    {
        AttemptResult.TALKED,
        AttemptResult.NO_ANSWER,
        AttemptResult.BUSY,
        AttemptResult.VISITOR_FAILED,
        AttemptResult.ADVISOR_HUNG_UP,
    }
)
"""Results after the advisor pressed 1, so that a wrap-up follows. Whether the visitor's phone
rang may be reported only later, so nothing here depends on it.
"""

_SCREENED = (Problem.MACHINE, Problem.NOT_CONFIRMED)


def lock_attempt(session: Session, attempt_id: int) -> Attempt | None:
    """Lock an attempt and its callback, the callback first, so that no two transactions
    deadlock.
    """
    return _lock(session, Attempt.id == attempt_id)


def lock_by_reference(session: Session, ref: str) -> Attempt:
    """Lock an attempt by its reference at the carrier, after its callback.

    Raises:
        NoSuchAttempt: unknown reference.
    """
    attempt = _lock(session, Attempt.ref == ref)
    if attempt is None:
        raise NoSuchAttempt
    return attempt


def _lock(session: Session, condition: sa.ColumnElement[bool]) -> Attempt | None:
    lock_first(
        session, Callback.id == sa.select(Attempt.callback_id).where(condition).scalar_subquery()
    )
    return session.scalar(
        sa.select(Attempt)
        .where(condition)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def lock_next_to_place(
    session: Session, carrier: str, now: datetime
) -> tuple[Attempt, OutboxRow] | None:
    """Lock the next attempt to place by a carrier, after its callback, skipping locked ones.

    Returns:
        The attempt and its outbox row.
    """
    row = session.execute(
        sa.select(Attempt, OutboxRow)
        .join(Attempt.callback)
        .join(OutboxRow, OutboxRow.subject_id == Attempt.id)
        .options(contains_eager(Attempt.callback))
        .where(
            outbox.is_due(Kind.PLACE_CALL, now),
            Attempt.carrier == carrier,
            job_failures.may_run(job_failures.Job.PLACE_CALL, Attempt.id, now),
        )
        .order_by(*outbox.ORDER)
        .limit(ONE)
        .with_for_update(of=(Callback, Attempt), skip_locked=True, **NO_KEY_UPDATE)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        return None
    job_failures.begin(job_failures.Job.PLACE_CALL, row.Attempt.id)
    return row.Attempt, row.OutboxRow


def live_of(session: Session, callback_id: int) -> Attempt | None:
    """Return the live attempt of a callback, if any."""
    return session.scalar(
        sa.select(Attempt).where(Attempt.callback_id == callback_id, Attempt.ended_at.is_(None))
    )


def newest_of(session: Session, callback_id: int) -> Attempt | None:
    """Return the newest attempt of a callback."""
    return session.scalar(newest_query(callback_id))


def newest_query(callback_id: int) -> sa.Select[Attempt]:
    """Return the query of ``newest_of``."""
    of_callback = sa.select(Attempt).where(Attempt.callback_id == callback_id)
    return of_callback.order_by(Attempt.id.desc()).limit(ONE)


def has_visitor_error_code(session: Session, attempt: Attempt) -> bool:
    """Return whether the visitor's own leg reported an error code."""
    codes = sa.select(CallEvent.id).where(
        CallEvent.attempt_id == attempt.id,
        CallEvent.leg == Leg.VISITOR,
        CallEvent.error_code.is_not(None),
    )
    return session.scalar(codes.limit(ONE)) is not None


def facts_of(session: Session, attempt: Attempt) -> Facts:
    """Return all facts of an attempt, whatever the order in which they were reported."""
    is_dialled = attempt.dial_allowed is True and not ADAPTERS[attempt.carrier].reports_ringing
    facts = Facts(screened=attempt.screening is not None, visitor_dialled=is_dialled)
    events = sa.select(CallEvent.kind, CallEvent.leg, CallEvent.status)
    for event in session.execute(events.where(CallEvent.attempt_id == attempt.id)):
        facts |= _facts_of_event(event.kind, event.leg, event.status)
    return facts


def record_event(
    session: Session,
    attempt: Attempt,
    *,
    kind: EventKind,
    leg: Leg,
    call: str,
    status: CarrierStatus,
    sequence: int,
    error_code: int | None,
    now: datetime,
    occurred_at: datetime | None = None,
) -> Facts | None:
    """Store one event of the carrier; return all facts, or None when it is known already.

    Args:
        occurred_at: when it happened, by the carrier's clock.
    """
    can_be_right = occurred_at is not None and attempt.created_at <= occurred_at <= now
    is_new = insert_or_ignore(
        session,
        CallEvent,
        attempt_id=attempt.id,
        call=call,
        kind=kind,
        leg=leg,
        sequence=sequence,
        status=status,
        error_code=error_code,
        received_at=now,
        occurred_at=occurred_at if can_be_right else None,
    )
    if not is_new:
        return None
    facts = facts_of(session, attempt)
    if attempt.ended_at is None:  # Of an ended attempt the last report does not matter.
        attempt.heard_at = now
    if leg == Leg.ADVISOR and call and attempt.advisor_call is None:
        attempt.advisor_call = call
    elif leg == Leg.VISITOR and call and attempt.visitor_call is None:
        attempt.visitor_call = call
    return facts


def record_visitor_event(
    session: Session, attempt: Attempt, kind: EventKind, call: str, *, now: datetime
) -> Facts | None:
    """Store that a person or a machine answered the visitor's phone, like ``record_event``."""
    return record_event(
        session,
        attempt,
        kind=kind,
        leg=Leg.VISITOR,
        call=call,
        status=CarrierStatus.IN_PROGRESS,
        sequence=0,
        error_code=None,
        now=now,
    )


def advance_attempt(
    session: Session,
    attempt: Attempt,
    *,
    now: datetime,
    facts: Facts | None = None,
    complete: bool = False,
) -> None:
    """Advance attempt and callback to what the facts imply.

    Args:
        facts: where they were just read.
        complete: the carrier was asked and has nothing more to report. Otherwise an attempt in
            which 1 was pressed does not end by the advisor's leg alone: reports of the visitor's
            leg may still arrive.
    """
    facts = facts or facts_of(session, attempt)
    if attempt.ended_at is not None:
        _correct_result(session, attempt, facts)
    elif call_progress.is_settled(facts) and (complete or not _expects_more_events(attempt, facts)):
        result = call_progress.result_of(facts)
        assert result is not None
        problem = _problem_of(facts)
        if attempt.dial_allowed is False:  # We ended it, or let nothing follow, since it is closed.
            result, problem = AttemptResult.CLOSED, Problem.CLOSED
        end_attempt(session, attempt, result, rang=facts.visitor_rang, now=now, problem=problem)
    else:
        state = call_progress.advance(attempt.state, call_progress.state_of(facts))
        if state == AttemptState.ENDED:
            state = attempt.state
        guarded_update(session, attempt, {"ended_at": None}, state=state)


def end_attempt(
    session: Session,
    attempt: Attempt,
    result: AttemptResult,
    *,
    rang: bool,
    now: datetime,
    problem: str | None = None,
) -> bool:
    """End an attempt, once, and move its callback to wrap-up or back to the advisor.

    Returns:
        Whether this call ended it.
    """
    counted = call_progress.counts(result, rang)
    if _was_on_inbound_call(session, attempt, result, now):
        counted, problem = False, Problem.VISITOR_ON_LINE
    if not guarded_update(
        session,
        attempt,
        {"ended_at": None},
        state=AttemptState.ENDED,
        result=result,
        ended_at=now,
        counted=counted,
        problem=problem or attempt.problem,
    ):
        return False
    if attempt.channel == Channel.CARRIER:
        outbox.mark_done(session, Kind.PLACE_CALL, attempt.id, now=now)
    callback = session.get_one(Callback, attempt.callback_id)
    _route_callback(session, callback, result, counted=counted, now=now)
    return True


def _was_on_inbound_call(
    session: Session, attempt: Attempt, result: AttemptResult, ended_at: datetime
) -> bool:
    if result != AttemptResult.BUSY or attempt.channel != Channel.CARRIER:
        return False
    callback = session.get_one(Callback, attempt.callback_id)
    since = attempt.placing_at or attempt.created_at
    return checks.was_on_call(session, callback, since=since, now=ended_at)


def _route_callback(
    session: Session, callback: Callback, result: AttemptResult, *, counted: bool, now: datetime
) -> None:
    recount_attempts(session, callback)
    if callback.status != Status.CALLING:
        return
    if counted or result in _AFTER_PRESSED_ONE:
        minutes = timedelta(minutes=policy_queries.current(session).wrap_up_minutes)
        transitions.wrap_up(session, callback, ends_at=now + minutes)
    elif result in (AttemptResult.CLOSED, AttemptResult.RESTS):
        transitions.call_abandoned(
            session, callback, at=now, actor="worker", due_at=callback.due_at
        )
    else:
        ends_at = now + timedelta(minutes=policy_queries.current(session).claim_minutes)
        transitions.call_not_placed(session, callback, at=now, actor="carrier", ends_at=ends_at)


def apply_disposition(
    session: Session,
    callback: Callback,
    attempt: Attempt,
    disposition: Disposition | None,
    *,
    now: datetime,
    actor: str,
) -> None:
    """End the wrap-up: reached, retry, call back, hold, or attempts used up.

    Args:
        disposition: None when unknown, which leads to a retry.
    """
    set_disposition(session, callback, attempt, disposition, now=now)
    if disposition is None:
        _retry_or_give_up(session, callback, attempt, None, now=now, actor=actor)
        return
    step: dict[str, Any] = {"at": now, "actor": actor, "disposition": disposition}
    match retries.consequence(disposition, may_call_back=callback.may_ring_back):
        case Event.REACHED:
            transitions.reached(session, callback, **step)
        case Event.CALL_BACK:
            call_back(session, callback, attempt, **step)
        case Event.HOLD:
            transitions.hold(session, callback, **step)
        case Event.GIVE_UP:
            transitions.give_up(session, callback, **step)
        case _:
            _retry_or_give_up(session, callback, attempt, disposition, now=now, actor=actor)


def set_disposition(
    session: Session,
    callback: Callback,
    attempt: Attempt,
    disposition: Disposition | None,
    *,
    now: datetime,
) -> None:
    """Set the disposition of a call; the block of a number that asked for it comes and goes with
    it.
    """
    if disposition == Disposition.DO_NOT_CALL:
        phone_limits.block_as_asked(session, callback, staff_id=attempt.advisor_id, now=now)
    elif attempt.disposition == Disposition.DO_NOT_CALL:
        phone_limits.lift_as_corrected(session, callback, staff_id=attempt.advisor_id, now=now)
    attempt.disposition = disposition


def _retry_or_give_up(
    session: Session,
    callback: Callback,
    attempt: Attempt,
    disposition: Disposition | None,
    *,
    now: datetime,
    actor: str,
) -> None:
    hours = hours_queries.effective_hours(session, now)
    ended_at = attempt.ended_at or now
    retry_policy = policy_queries.retry_policy(policy_queries.current(session))
    retry_at = retries.next_attempt_at(retry_policy, callback.attempts_used, ended_at, hours)
    latest = None
    if retry_at is not None:
        latest = safe_times.latest_call(
            callback.if_missed,
            slot_at=callback.slot_at,
            call_until=callback.call_until,
            ended_at=ended_at,
            zone=hours.zone,
        )
        retry_at = safe_times.next_call(
            max(retry_at, now), ended_at=max(ended_at, now), latest=latest
        )
    if retry_at is not None:
        transitions.retry(
            session,
            callback,
            at=now,
            actor=actor,
            due_at=retry_at,
            disposition=disposition,
            call_until=latest,
        )
    else:
        transitions.give_up(
            session, callback, at=now, actor=actor, disposition=disposition or "unknown"
        )


def call_back(
    session: Session,
    callback: Callback,
    attempt: Attempt,
    *,
    at: datetime,
    actor: str,
    disposition: Disposition,
) -> None:
    """Return a callback whose call dropped to the queue, first for the advisor of that call."""
    transitions.call_back(
        session,
        callback,
        at=at,
        actor=actor,
        disposition=disposition,
        advisor_id=attempt.advisor_id,
        reserved_until=at + follow_up.grace(session),
    )


def recount_attempts(session: Session, callback: Callback) -> None:
    """Set ``attempts_used`` to the attempts that count."""
    counted = sa.select(sa.func.count(Attempt.id)).where(
        Attempt.callback_id == callback.id, Attempt.counted
    )
    callback.attempts_used = session.scalar(counted) or 0


def _correct_result(session: Session, attempt: Attempt, facts: Facts) -> None:
    """A late report corrects the result, so that the order of reports makes no difference. What
    an advisor recorded is kept.
    """
    result = call_progress.result_of(facts)
    recorded_by_advisor = (
        attempt.disposition is not None and attempt.result != AttemptResult.ADVISOR_HUNG_UP
    )
    if (
        attempt.channel != Channel.CARRIER
        or recorded_by_advisor
        or result is None
        or attempt.result not in _AFTER_PRESSED_ONE
    ):
        return
    counted = call_progress.counts(result, facts.visitor_rang)
    was_on_inbound_call = _was_on_inbound_call(
        session, attempt, result, attempt.ended_at or attempt.heard_at
    )
    if was_on_inbound_call:
        counted = False
    problem = (
        Problem.VISITOR_ON_LINE
        if was_on_inbound_call
        else _problem_of(facts) or (attempt.problem if attempt.problem not in _SCREENED else None)
    )
    if (result, counted, problem) != (attempt.result, attempt.counted, attempt.problem):
        guarded_update(session, attempt, {}, result=result, counted=counted, problem=problem)
        recount_attempts(session, session.get_one(Callback, attempt.callback_id))


def _problem_of(facts: Facts) -> Problem | None:
    """Why the two were not connected though the visitor's phone was answered."""
    if not facts.answered_unconfirmed:
        return None
    return Problem.MACHINE if facts.visitor_machine else Problem.NOT_CONFIRMED


def _expects_more_events(attempt: Attempt, facts: Facts) -> bool:
    visitor_was_dialled = facts.pressed_one and attempt.dial_allowed is not False
    return visitor_was_dialled and facts.dial_outcome is None and facts.visitor_final is None


def _facts_of_event(kind: EventKind, leg: Leg, status: CarrierStatus) -> Facts:
    match kind:
        case EventKind.PRESSED_ONE:
            return call_progress.PRESSED_ONE
        case EventKind.VISITOR_CONFIRMED:
            return call_progress.VISITOR_CONFIRMED
        case EventKind.VISITOR_MACHINE:
            return call_progress.VISITOR_MACHINE
        case EventKind.DIALLED:
            return call_progress.facts_of_dial(CarrierStatus(status))
        case _:
            return call_progress.facts_of_status(Leg(leg), CarrierStatus(status))
