"""Supervisors listen in to calls and join them: what they ask for, and what the carrier reports.

A call is moved into a conference only once a supervisor listens, and stays in it. Whatever fails on
the way leaves the call as it is. See docs/decisions/0029-calls-become-conferences-on-demand.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.errors import StateChanged
from helpline.callbacks.models import Callback
from helpline.callbacks.transitions import staff_actor
from helpline.calls import attempts
from helpline.calls import queries as call_queries
from helpline.calls.errors import AdvisorHasNoPhone, NoSuchAttempt, PreviousCallActive
from helpline.calls.listening.models import (
    Listener,
    ListenerProblem,
    ListenerRequest,
    ListenerState,
)
from helpline.calls.models import Attempt, Channel
from helpline.db import guarded_update, insert_or_ignore, transaction, wake_workers
from helpline.domain.call_progress import FINAL, AttemptState, CarrierStatus, Leg
from helpline.policy import queries as policy_queries
from helpline.privacy import audit
from helpline.staff import advisor_line

UNSURE_AFTER = timedelta(seconds=15)
"""After so long without a sign of it, what we asked the carrier for is taken to have failed."""

_STAFF_LANGUAGE = "en"
_ORDER = list(ListenerState)
_BY_STATUS = {
    CarrierStatus.RINGING: ListenerState.RINGING,
    CarrierStatus.IN_PROGRESS: ListenerState.ANSWERED,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A conference to enter.

    Args:
        name: opaque.
        joined: whether a supervisor may be heard.
        announced: whether the others hear a tone as the supervisor enters.
        language: in which a leg of the call hears that a supervisor listens.
    """

    name: str
    joined: bool = False
    announced: bool = False
    language: str = _STAFF_LANGUAGE


# What supervisors ask for


def is_allowed(session: Session) -> bool:
    """Return whether supervisors may listen in to calls, by the policy."""
    return policy_queries.current(session).supervisors_may_listen


def start(attempt_id: int, *, supervisor_id: int, carriers: Collection[str], now: datetime) -> None:
    """Have the supervisor's phone called, to listen in to a call.

    Args:
        carriers: those that can let a third phone into a call.

    Raises:
        AdvisorHasNoPhone: the supervisor has none.
        PreviousCallActive: their phone is in use.
        StateChanged: the two are not, or no longer, connected; it is the supervisor's own call;
            another supervisor listens; the policy or the carrier does not allow it.
    """
    with transaction() as session:
        attempt = attempts.lock_attempt(session, attempt_id)
        if attempt is None or attempt.advisor_id == supervisor_id or not _is_connected(attempt):
            raise StateChanged
        if not is_allowed(session) or attempt.carrier not in carriers:
            raise StateChanged
        if advisor_line.phone_of(session, supervisor_id) is None:
            raise AdvisorHasNoPhone
        if call_queries.is_on_phone(session, supervisor_id) or session.scalar(
            advisor_line.current_call(supervisor_id)
        ):
            raise PreviousCallActive
        if not insert_or_ignore(
            session,
            Listener,
            ref=secrets.token_hex(16),
            attempt_id=attempt.id,
            supervisor_id=supervisor_id,
            carrier=attempt.carrier,
            state=ListenerState.QUEUED,
            created_at=now,
            heard_at=now,
        ):
            raise StateChanged
        wake_workers(session)
        _record(session, "listening_asked", attempt, supervisor_id, now)


def join(listener_id: int, *, supervisor_id: int, now: datetime) -> None:
    """Let advisor and visitor hear the supervisor who listens. Idempotent.

    Raises:
        StateChanged: the supervisor does not, or no longer, listen; the policy does not allow it.
    """
    with transaction() as session:
        listener = _lock_of_supervisor(session, listener_id, supervisor_id)
        if listener.state == ListenerState.JOINED:
            return
        is_listening = listener.state == ListenerState.LISTENING and listener.leave_at is None
        if not is_listening or not is_allowed(session):
            raise StateChanged
        listener.request, listener.requested_at = ListenerRequest.JOIN, now
        listener.problem = None
        wake_workers(session)


def leave(listener_id: int, *, supervisor_id: int, now: datetime) -> None:
    """Hang up the supervisor's phone alone. Idempotent."""
    with transaction() as session:
        listener = _lock_of_supervisor(session, listener_id, supervisor_id)
        listener.leave_at = listener.leave_at or now


def _is_connected(attempt: Attempt) -> bool:
    return (
        attempt.ended_at is None
        and attempt.state == AttemptState.TALKING
        and attempt.channel == Channel.CARRIER
    )


def _lock_of_supervisor(session: Session, listener_id: int, supervisor_id: int) -> Listener:
    listener = lock(session, Listener.id == listener_id, Listener.supervisor_id == supervisor_id)
    if listener is None:
        raise StateChanged
    return listener


# What the carrier reports of the supervisor's phone


def answered(ref: str, call: str, *, now: datetime) -> bool:
    """Return whether to ask the answering supervisor for the 1; else the call is over.

    Raises:
        NoSuchAttempt: unknown reference.
    """
    with transaction() as session:
        listener, attempt = _lock_by_reference(session, ref)
        if not _is_current(listener, call) or not _is_connected(attempt):
            return False
        _advance(listener, ListenerState.ANSWERED, call, now)
        return True


def pressed_one(ref: str, call: str, *, now: datetime) -> Entry | None:
    """Return the conference for the supervisor who pressed 1; None where the call is over.

    The call is moved into it by a worker, unless it is there already. Idempotent.

    Raises:
        NoSuchAttempt: unknown reference.
    """
    with transaction() as session:
        listener, attempt = _lock_by_reference(session, ref)
        if not (_is_current(listener, call) and _is_connected(attempt) and is_allowed(session)):
            return None
        if _rank(listener.state) < _rank(ListenerState.WAITING):
            _advance(listener, ListenerState.WAITING, call, now)
            if attempt.moved_at is None:
                listener.request, listener.requested_at = ListenerRequest.MOVE, now
            else:
                _begin_listening(session, listener, attempt, now)
        # Of a call moved for an earlier listener, no spoken line tells of this one.
        is_later = attempt.moved_at is not None and attempt.moved_at < listener.created_at
        joined = listener.state == ListenerState.JOINED
        return Entry(attempt.ref, joined, announced=joined or is_later)


def entered_to_speak(ref: str, call: str, *, now: datetime) -> Entry | None:
    """Return the conference for a supervisor who joins; None where the call is over. Idempotent.

    Raises:
        NoSuchAttempt: unknown reference.
    """
    with transaction() as session:
        listener, attempt = _lock_by_reference(session, ref)
        if not _is_current(listener, call) or not _is_connected(attempt):
            return None
        if listener.state == ListenerState.LISTENING:
            _advance(listener, ListenerState.JOINED, call, now)
            listener.joined_at, listener.requested_at, listener.problem = now, None, None
            _record(session, "listening_joined", attempt, listener.supervisor_id, now)
        joined = listener.state == ListenerState.JOINED
        return Entry(attempt.ref, joined, announced=joined)


def status_received(
    ref: str, call: str, status: CarrierStatus, *, problem: str | None, now: datetime
) -> None:
    """Process a status of the supervisor's phone; repeated, late or out of order makes no
    difference.

    Raises:
        NoSuchAttempt: unknown reference.
    """
    with transaction() as session:
        listener, _attempt = _lock_by_reference(session, ref)
        apply_status(session, listener, call, status, problem, now)


def apply_status(
    session: Session,
    listener: Listener,
    call: str,
    status: CarrierStatus,
    problem: str | None,
    now: datetime,
) -> None:
    """Apply a status of a locked listener's call."""
    if listener.ended_at is not None or listener.call not in (None, call):
        return
    if status not in FINAL:
        _advance(listener, _BY_STATUS.get(status, ListenerState.PLACING), call, now)
        return
    listener.call = call
    if _rank(listener.state) < _rank(ListenerState.WAITING) and listener.leave_at is None:
        problem = problem or ListenerProblem.NO_ANSWER
    end(session, listener, now=now, problem=problem)


def end(session: Session, listener: Listener, *, now: datetime, problem: str | None = None) -> None:
    """End a locked listener, once."""
    attempt = session.get_one(Attempt, listener.attempt_id)
    if (
        guarded_update(
            session,
            listener,
            {"ended_at": None},
            state=ListenerState.ENDED,
            request=None,
            ended_at=now,
            problem=problem or listener.problem,
        )
        and listener.listening_at is not None
    ):
        _record(
            session,
            "listening_ended",
            attempt,
            listener.supervisor_id,
            now,
            before=listener.listening_at.isoformat(),
            after=now.isoformat(),
        )


# What the carrier reports of the call


def enters_conference(ref: str, call: str, *, now: datetime) -> bool:
    """Return whether an advisor whose Dial has ended enters the conference: the call was moved, or
    may have been. If the visitor has hung up instead, a lookup ends the call.

    Raises:
        NoSuchAttempt: unknown reference.
    """
    with transaction() as session:
        attempt = attempts.lock_by_reference(session, ref)
        if attempt.move_asked_at is None or attempt.ended_at is not None:
            return False
        attempt.look_at = now
        return attempt.advisor_call in (None, call)


def entry_of_leg(ref: str, leg: Leg, *, now: datetime) -> Entry | None:
    """Return the conference for a leg of a call that was moved; None where the call is over.
    Idempotent.

    Raises:
        NoSuchAttempt: unknown reference.
    """
    with transaction() as session:
        attempt = attempts.lock_by_reference(session, ref)
        if attempt.ended_at is not None:
            return None
        attempt.move_asked_at = attempt.move_asked_at or now
        attempt.moved_at = attempt.moved_at or now
        listener = lock(session, Listener.attempt_id == attempt.id, Listener.ended_at.is_(None))
        if listener is not None and listener.state == ListenerState.WAITING:
            _begin_listening(session, listener, attempt, now)
        callback = session.get_one(Callback, attempt.callback_id)
        return Entry(
            attempt.ref, language=callback.language if leg == Leg.VISITOR else _STAFF_LANGUAGE
        )


def _begin_listening(session: Session, listener: Listener, attempt: Attempt, now: datetime) -> None:
    listener.state, listener.listening_at = ListenerState.LISTENING, now
    listener.request = listener.requested_at = None
    _record(session, "listening_started", attempt, listener.supervisor_id, now)


# Locks


def lock(session: Session, *conditions: sa.ColumnElement[bool]) -> Listener | None:
    """Lock a listener, and its attempt before it."""
    attempt_id = session.scalar(sa.select(Listener.attempt_id).where(*conditions))
    if attempt_id is None:
        return None
    attempts.lock_attempt(session, attempt_id)
    return session.scalar(
        sa.select(Listener)
        .where(*conditions)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _lock_by_reference(session: Session, ref: str) -> tuple[Listener, Attempt]:
    listener = lock(session, Listener.ref == ref)
    if listener is None:
        raise NoSuchAttempt
    return listener, session.get_one(Attempt, listener.attempt_id)


def _is_current(listener: Listener, call: str) -> bool:
    return listener.ended_at is None and listener.leave_at is None and listener.call in (None, call)


def _advance(listener: Listener, state: ListenerState, call: str, now: datetime) -> None:
    """Advance, never back."""
    listener.state = max(ListenerState(listener.state), state, key=_rank)
    listener.call, listener.heard_at, listener.look_at = call, now, None


def _rank(state: str) -> int:
    return _ORDER.index(ListenerState(state))


def _record(
    session: Session,
    action: str,
    attempt: Attempt,
    supervisor_id: int,
    now: datetime,
    **details: str,
) -> None:
    audit.record(
        session,
        at=now,
        actor=staff_actor(supervisor_id),
        action=action,
        subject=f"callback:{attempt.callback_id}",
        **details,
    )
