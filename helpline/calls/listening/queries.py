"""Which calls can be listened to, and who listens."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.calls.listening.models import Listener, ListenerState
from helpline.calls.listening.service import UNSURE_AFTER
from helpline.calls.models import Attempt, Channel
from helpline.db import ONE
from helpline.domain.call_progress import AttemptState
from helpline.staff.models import Staff

_SHOWN_FOR = timedelta(minutes=2)

HEARS = Listener.state.in_((ListenerState.WAITING, ListenerState.LISTENING, ListenerState.JOINED))
"""The condition for a supervisor who has pressed 1, as the advisor is to know."""


@dataclass(frozen=True, slots=True)
class CurrentListener:
    """A supervisor on their way into a call, or in it.

    Args:
        is_joining: whether they asked to be heard, and are not yet.
        problem: why they are not heard, though they asked.
    """

    id: int
    supervisor_id: int
    name: str
    state: ListenerState
    is_joining: bool
    is_leaving: bool
    problem: str | None


@dataclass(frozen=True, slots=True)
class ConnectedCall:
    """A call by a carrier in which advisor and visitor talk."""

    attempt_id: int
    advisor_id: int
    listener: CurrentListener | None


@dataclass(frozen=True, slots=True)
class FailedListener:
    """A supervisor who could not listen, or no longer can: why, and whether the call is over."""

    problem: str | None
    is_call_over: bool


def connected_calls(
    session: Session, carriers: Collection[str], now: datetime
) -> dict[int, ConnectedCall]:
    """Return the calls that can be listened to, by the id of their callback.

    Args:
        carriers: those that can let a third phone in.
    """
    rows = session.execute(
        sa.select(Attempt.callback_id, Attempt.id, Attempt.advisor_id, Listener, Staff.name)
        .outerjoin(
            Listener, sa.and_(Listener.attempt_id == Attempt.id, Listener.ended_at.is_(None))
        )
        .outerjoin(Staff, Staff.id == Listener.supervisor_id)
        .where(
            Attempt.ended_at.is_(None),
            Attempt.state == AttemptState.TALKING,
            Attempt.channel == Channel.CARRIER,
            Attempt.carrier.in_(carriers),
        )
    )
    return {
        callback_id: ConnectedCall(
            attempt_id, advisor_id, _current(listener, name, now) if listener else None
        )
        for callback_id, attempt_id, advisor_id, listener, name in rows
    }


def _current(listener: Listener, name: str, now: datetime) -> CurrentListener:
    asked = listener.requested_at if listener.state == ListenerState.LISTENING else None
    return CurrentListener(
        listener.id,
        listener.supervisor_id,
        name,
        ListenerState(listener.state),
        is_joining=asked is not None and asked > now - UNSURE_AFTER,
        is_leaving=listener.leave_at is not None,
        problem=listener.problem,
    )


def newest_failure(session: Session, supervisor_id: int, now: datetime) -> FailedListener | None:
    """Return why a supervisor's newest call to listen to has just failed; None where they left it
    themselves, or listen to another one.
    """
    row = session.execute(
        sa.select(Listener, Attempt.ended_at)
        .join(Attempt, Attempt.id == Listener.attempt_id)
        .where(Listener.supervisor_id == supervisor_id)
        .order_by(Listener.id.desc())
        .limit(ONE)
    ).first()
    if row is None:
        return None
    listener, call_ended_at = row
    if listener.ended_at is None or listener.ended_at <= now - _SHOWN_FOR:
        return None
    if listener.problem is None and listener.listening_at is not None:
        return None
    is_over = call_ended_at is not None and call_ended_at <= listener.ended_at
    return FailedListener(listener.problem, is_over) if listener.problem or is_over else None
