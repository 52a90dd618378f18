"""Select and occupy an advisor for an inbound call, in the caller's transaction; never commits."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import queue, requests, transitions
from helpline.callbacks.errors import StateChanged
from helpline.callbacks.models import Callback
from helpline.callbacks.row_locks import lock_callback
from helpline.calls import attempts, daily_budget
from helpline.calls import queries as call_queries
from helpline.calls.inbound.models import Asked, InboundCall
from helpline.calls.models import Attempt, Channel, Offer, OfferResult
from helpline.domain.call_progress import AttemptResult, AttemptState
from helpline.domain.lifecycle import Status
from helpline.domain.unreadable import if_readable
from helpline.hours import queries as hours_queries
from helpline.policy import queries as policy_queries
from helpline.policy.models import Dispatch
from helpline.privacy import audit
from helpline.privacy.encryption import phone_hash
from helpline.staff import advisor_line
from helpline.staff.models import Presence, PresenceState, Staff

_A_DAY = timedelta(days=1)
_A_MINUTE = timedelta(minutes=1)
_MAX_CALLER_DELAY = timedelta(minutes=3)


def occupy_one(
    session: Session, call: InboundCall, own_callback: Callback | None, *, now: datetime
) -> str | None:
    """Occupy the line of an available advisor and return their number, or None.

    The advisor who has the caller's own callback comes first, then the longest idle. No advisor is
    called twice for one inbound call.

    Args:
        own_callback: the open callback of the caller's number, if any.
    """
    candidates = _candidates(session, call, own_callback, now)
    holds_own = own_callback is not None and own_callback.status == Status.CLAIMED
    if not holds_own and len(candidates) <= callers_before(session, call, now):
        return None
    for advisor in candidates:
        if not advisor_line.occupy(session, advisor.id, call.sid):
            continue
        if _has_another_phone(advisor, call) and not _is_busy(session, advisor.id, own_callback):
            call.advisor_id = advisor.id
            call.advisor_call = None
            call.rung = [*call.rung, advisor.id]
            session.flush()
            return advisor.phone
        advisor_line.release(session, call.sid)
    return None


def callers_before(session: Session, call: InboundCall, now: datetime) -> int:
    """Return how many callers on hold called before this one; one silent for a minute may be
    gone and does not count.
    """
    waiting = sa.select(sa.func.count(InboundCall.id)).where(
        InboundCall.ended_at.is_(None),
        InboundCall.asked == Asked.HOLD,
        InboundCall.language == call.language,
        InboundCall.heard_at > now - _A_MINUTE,
        InboundCall.id < call.id,
    )
    return session.scalar(waiting) or 0


def is_callback_next(session: Session, call: InboundCall, now: datetime) -> bool:
    """Return whether a due callback gets the next available advisor before this caller.

    The admin's ratio decides, and only under automatic dispatch, so that no advisor stays idle. No
    caller is held back for more than a few minutes.
    """
    policy = policy_queries.current(session)
    ratio = policy.live_calls_per_callback
    if not ratio or policy.dispatch != Dispatch.PUSH or call.began_at <= now - _MAX_CALLER_DELAY:
        return False
    if not queue.due_count(session, now) or daily_budget.is_exhausted(session, now):
        return False
    since = session.scalar(
        sa.select(sa.func.max(Offer.ended_at)).where(Offer.result == OfferResult.TAKEN)
    )
    talks = sa.select(sa.func.count(InboundCall.id)).where(
        InboundCall.talked_at > max(filter(None, (since, now - _A_DAY)))
    )
    return (session.scalar(talks) or 0) >= ratio


def release_line(
    session: Session, call: InboundCall, *, talked_until: datetime | None = None
) -> None:
    """Free the advisor's line."""
    advisor_line.release(session, call.sid, talked_until=talked_until)
    call.advisor_id = None
    session.flush()


def claim_own_callback(session: Session, call: InboundCall, *, now: datetime) -> None:
    """Claim the caller's own callback for the advisor they are connected with: this is the call
    they asked for. It must be due, unclaimed by a colleague, and the helpline open.
    """
    own_callback = requests.find_open(session, call.phone_hash) if call.phone_hash else None
    if (
        own_callback is None
        or call.advisor_id is None
        or not hours_queries.effective_hours(session, now).is_open(now)
    ):
        return
    own_callback = lock_callback(session, own_callback.id)
    if own_callback.status == Status.WAITING and own_callback.due_at <= now:
        minutes = timedelta(minutes=policy_queries.current(session).claim_minutes)
        try:
            transitions.claim(
                session,
                own_callback,
                advisor_id=call.advisor_id,
                at=now,
                ends_at=now + minutes,
                call_in=call.sid,
            )
        except StateChanged:
            return
    if own_callback.status == Status.CLAIMED and own_callback.claimed_by == call.advisor_id:
        transitions.dial(
            session, own_callback, advisor_id=call.advisor_id, at=now, call_in=call.sid
        )
        _begin_attempt(session, call, own_callback, now)


def _begin_attempt(
    session: Session, call: InboundCall, own_callback: Callback, now: datetime
) -> None:
    attempt = Attempt(
        ref=secrets.token_hex(16),
        callback_id=own_callback.id,
        advisor_id=call.advisor_id,
        channel=Channel.CALL_IN,
        carrier=call.carrier,
        state=AttemptState.TALKING,
        created_at=now,
        heard_at=now,
        visitor_call=call.sid,
    )
    session.add(attempt)
    session.flush()
    call.attempt_id = attempt.id
    call.callback_id = own_callback.id
    audit.record(
        session,
        at=now,
        actor="carrier",
        action="visitor_rang_and_was_connected",
        subject=f"callback:{own_callback.id}",
    )


def end_attempt(session: Session, call: InboundCall, *, now: datetime) -> None:
    """Start the wrap-up after the conversation."""
    if call.attempt_id is None:
        return
    attempt = attempts.lock_attempt(session, call.attempt_id)
    assert attempt is not None
    attempts.end_attempt(session, attempt, AttemptResult.TALKED, rang=True, now=now)


def record_not_connected(session: Session, call: InboundCall, *, now: datetime) -> None:
    """Record that caller and advisor were not connected although the advisor pressed 1.

    A callback claimed for the call stays with the advisor.
    """
    if call.attempt_id is not None:
        attempt = attempts.lock_attempt(session, call.attempt_id)
        assert attempt is not None
        attempts.end_attempt(session, attempt, AttemptResult.NOT_PLACED, rang=False, now=now)
    call.attempt_id = call.talked_with = call.talked_at = None


def _candidates(
    session: Session, call: InboundCall, own_callback: Callback | None, now: datetime
) -> Sequence[Staff]:
    rows = session.execute(
        sa.select(Staff, Presence)
        .join(Presence, Presence.staff_id == Staff.id)
        .where(
            Staff.active,
            Presence.state == PresenceState.AVAILABLE,
            Presence.call_in.is_(None),
            Presence.last_seen_at > now - queue.DESK_OFFLINE_AFTER,
        )
    )
    available = [(row[0], row[1]) for row in rows]
    last_call = _last_call_ends(session, now)
    holder = own_callback.claimed_by if own_callback is not None else None
    only_holder = own_callback is not None and own_callback.status == Status.CLAIMED

    def place(row: tuple[Staff, Presence]) -> tuple[bool, datetime, int]:
        staff, presence = row
        ends = (presence.since, presence.call_in_ended_at, last_call.get(staff.id))
        return staff.id != holder, max(instant for instant in ends if instant), staff.id

    return [
        staff
        for staff, _presence in sorted(available, key=place)
        if staff.id not in call.rung
        and (staff.id == holder or (not only_holder and call.language in staff.languages))
        and not _is_busy(session, staff.id, own_callback)
    ]


def _has_another_phone(advisor: Staff, call: InboundCall) -> bool:
    phone = if_readable(advisor.phone)
    return bool(phone) and phone_hash(str(phone)) != call.phone_hash


def _last_call_ends(session: Session, now: datetime) -> dict[int, datetime]:
    rows = session.execute(
        sa.select(Attempt.advisor_id, sa.func.max(Attempt.ended_at))
        .where(Attempt.ended_at > now - _A_DAY)
        .group_by(Attempt.advisor_id)
    )
    return {advisor: ended for advisor, ended in rows if ended is not None}


def _is_busy(session: Session, advisor_id: int, own_callback: Callback | None) -> bool:
    """Whether the advisor has another callback or a call; checked again once their line is
    occupied.
    """
    current = queue.current_callback(session, advisor_id)
    if current is not None and (own_callback is None or current.id != own_callback.id):
        return True
    return call_queries.is_on_phone(session, advisor_id)


def is_being_called(session: Session, own_callback: Callback | None) -> bool:
    """Return whether a call to the visitor is being placed now."""
    return own_callback is not None and attempts.live_of(session, own_callback.id) is not None
