"""The only writer of a callback's status.

Each function is named for its event and does, in the caller's transaction, one guarded update, one
history row and, where the visitor agreed to texts, one text message; a request and an end also go
to the webhooks. It raises StateChanged when the callback is no longer in a status that allows the
event (domain/lifecycle). Nothing commits.
See docs/decisions/0004-one-writer-of-callback-status.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import notifications, queue, slot_booking
from helpline.callbacks.errors import AdvisorBusy, StateChanged
from helpline.callbacks.models import IS_OPEN, Callback, CallbackEvent
from helpline.callbacks.phone_limits import checks
from helpline.callbacks.row_locks import lock_callbacks, lock_first
from helpline.callbacks.set_aside.models import SetAsideMember
from helpline.db import guarded_update
from helpline.domain.lifecycle import ENDED, TRANSITIONS, Event, Status
from helpline.domain.queue_order import Priority
from helpline.domain.retries import Disposition
from helpline.domain.safe_times import IfNoAnswer
from helpline.domain.slots import Capacity
from helpline.domain.webhooks import WebhookEvent
from helpline.privacy import audit, tombstones
from helpline.staff import advisor_line
from helpline.staff.models import Staff

_CALLBACK = cast(sa.Table, Callback.__table__)
_INSERT_HISTORY = sa.insert(cast(sa.Table, CallbackEvent.__table__)).inline()
_UNCLAIMED: dict[str, Any] = {"claimed_by": None, "claimed_at": None, "claim_ends_at": None}


def create(
    session: Session,
    callback: Callback,
    *,
    at: datetime,
    actor: str,
    capacity: Capacity | None = None,
    answered_by_text: bool = False,
) -> bool:
    """Store a new callback with its first history row, and book its slot.

    Args:
        capacity: of its slot; None to book none.
        answered_by_text: whether the visitor gets an answer by text already, so that no text
            message is queued.

    Returns:
        False where the slot is full; nothing is stored then.
    """
    if capacity is not None:
        assert callback.slot_at is not None
        if not slot_booking.book(session, callback.slot_at, capacity, callback.language):
            return False
    session.add(callback)
    session.flush()
    _add_history(session, callback, Event.ASK, None, callback.status, at=at, actor=actor)
    notifications.notify_webhooks(session, callback, WebhookEvent.REQUESTED, at=at)
    if not answered_by_text:
        notifications.notify_of_event(session, callback, Event.ASK, at=at)
    return True


def claim(
    session: Session,
    callback: Callback,
    *,
    advisor_id: int,
    at: datetime,
    ends_at: datetime,
    call_in: str | None = None,
) -> None:
    """Assign a due callback to an active advisor until the lease ends.

    Args:
        call_in: the inbound call by which the visitor called this advisor, if any.

    Raises:
        AdvisorBusy: the advisor is busy with another inbound call.
    """
    if not advisor_line.is_free(session, advisor_id, except_call=call_in):
        raise AdvisorBusy
    # The call limits protect those we call, not those who call us.
    callable_guard = [] if call_in else [~checks.not_callable(at)]
    _apply(
        session,
        callback,
        Event.CLAIM,
        Callback.due_at <= at,
        *callable_guard,
        sa.exists().where(Staff.id == advisor_id, Staff.active),
        at=at,
        actor=staff_actor(advisor_id),
        claimed_by=advisor_id,
        claimed_at=at,
        claim_ends_at=ends_at,
    )


def claim_first(
    session: Session,
    *,
    advisor_id: int,
    languages: Sequence[str],
    at: datetime,
    ends_at: datetime,
) -> int | None:
    """Assign the next callback to an active, free advisor until the lease ends.

    Returns:
        Its id; None where there is none.
    """
    params = {"advisor": advisor_id, "languages": languages, "now": at, "ends_at": ends_at}
    # By the tables: the most frequent write needs no objects of its rows.
    claimed = session.execute(_claim_statement(), params).one_or_none()
    if claimed is None:
        return None
    after, actor = TRANSITIONS[Event.CLAIM].target, staff_actor(advisor_id)
    history = _history(claimed, Event.CLAIM, Status.WAITING, after, at=at, actor=actor)
    entry = audit.new_entry(
        at=at, actor=actor, action="callback_claimed", subject=f"callback:{claimed.id}"
    )
    session.execute(_INSERT_HISTORY, history)
    session.execute(audit.INSERT_ENTRY, entry)
    return int(claimed.id)


@cache
def _claim_statement() -> sa.Update:
    """Built once, since it is long and SQLAlchemy looks up its SQL by the whole of it."""
    return (
        sa.update(_CALLBACK)
        .where(
            _CALLBACK.c.id == queue.next_for_advisor(),
            _CALLBACK.c.status == Status.WAITING,
        )
        .values(
            status=TRANSITIONS[Event.CLAIM].target,
            claimed_by=sa.bindparam("advisor"),
            claimed_at=sa.bindparam("now"),
            claim_ends_at=sa.bindparam("ends_at"),
        )
        .returning(_CALLBACK.c.id, _CALLBACK.c.due_at)
    )


def release(
    session: Session,
    callback: Callback,
    *,
    advisor_id: int,
    at: datetime,
    actor: str | None = None,
    due_at: datetime | None = None,
) -> None:
    """Return the callback to the queue in its old position.

    Args:
        advisor_id: who must have claimed it.
        actor: who does it, if not the advisor.
        due_at: a later due time, if any.
    """
    expected, actor = {"claimed_by": advisor_id}, actor or staff_actor(advisor_id)
    changes = _UNCLAIMED if due_at is None else {**_UNCLAIMED, "due_at": due_at}
    _apply(session, callback, Event.RELEASE, expected=expected, at=at, actor=actor, **changes)


def expire_claim(session: Session, callback: Callback, *, at: datetime) -> None:
    """Return a callback whose lease has expired to the queue in its old position."""
    has_expired = Callback.claim_ends_at <= at
    _apply(session, callback, Event.LEASE_RAN_OUT, has_expired, at=at, actor="worker", **_UNCLAIMED)


def transfer(
    session: Session,
    callback: Callback,
    *,
    advisor_id: int,
    to_id: int,
    at: datetime,
    reserved_until: datetime,
    actor: str | None = None,
) -> None:
    """Transfer to a colleague: back to the queue in its old position, reserved for them for a
    while.

    The caller ensures that no call is in progress.

    Args:
        advisor_id: who must have claimed it.
        actor: who does it, if not the advisor.
    """
    _apply(
        session,
        callback,
        Event.HAND_OVER,
        expected={"claimed_by": advisor_id},
        at=at,
        actor=actor or staff_actor(advisor_id),
        wanted_advisor=to_id,
        wanted_until=reserved_until,
        **_UNCLAIMED,
    )


def release_overdue(
    session: Session, callback: Callback, *, at: datetime, claimed_until: datetime
) -> None:
    """Return a callback claimed for too long to the queue in its old position.

    Args:
        claimed_until: it must have been claimed then or before.
    """
    overdue = Callback.claimed_at <= claimed_until
    _apply(session, callback, Event.LEASE_RAN_OUT, overdue, at=at, actor="worker", **_UNCLAIMED)


def dial(
    session: Session,
    callback: Callback,
    *,
    advisor_id: int,
    at: datetime,
    call_in: str | None = None,
    ends_at: datetime | None = None,
) -> None:
    """Start a call, or record one that the visitor started. The lease does not expire during a
    call.

    Args:
        ends_at: when a call that no carrier reports on is assumed to be over.

    Raises:
        AdvisorBusy: the advisor is busy with another inbound call.
    """
    if not advisor_line.is_free(session, advisor_id, except_call=call_in):
        raise AdvisorBusy
    _apply(
        session,
        callback,
        Event.DIAL,
        expected={"claimed_by": advisor_id},
        at=at,
        actor=staff_actor(advisor_id),
        claim_ends_at=ends_at,
    )


def call_not_placed(
    session: Session, callback: Callback, *, at: datetime, actor: str, ends_at: datetime
) -> None:
    """Record that the visitor was not called; the advisor keeps the callback."""
    _apply(session, callback, Event.CALL_NOT_PLACED, at=at, actor=actor, claim_ends_at=ends_at)


def wrap_up(session: Session, callback: Callback, *, ends_at: datetime) -> None:
    """Start the wrap-up, which lasts until ``ends_at``."""
    guarded_update(session, callback, {"status": Status.CALLING}, claim_ends_at=ends_at)


def reached(
    session: Session, callback: Callback, *, at: datetime, actor: str, disposition: str
) -> None:
    """End the callback as reached."""
    _apply(
        session,
        callback,
        Event.REACHED,
        at=at,
        actor=actor,
        disposition=disposition,
        ended_at=at,
        **_UNCLAIMED,
        **_without_coming_slot(session, callback, at),
    )
    _end_followers(session, callback, Event.FOLLOW_REACHED, at=at)


def retry(
    session: Session,
    callback: Callback,
    *,
    at: datetime,
    actor: str,
    due_at: datetime,
    disposition: str | None,
    call_until: datetime | None = None,
) -> None:
    """Schedule the next attempt.

    Args:
        call_until: no call after this; None keeps the current value.
    """
    _apply(
        session,
        callback,
        Event.RETRY,
        at=at,
        actor=actor,
        due_at=due_at,
        call_until=call_until or callback.call_until,
        **(_UNCLAIMED | _lifted(callback) | {"disposition": disposition}),
    )


def call_back(
    session: Session,
    callback: Callback,
    *,
    at: datetime,
    actor: str,
    disposition: str,
    advisor_id: int,
    reserved_until: datetime,
) -> None:
    """Return a callback whose call dropped to its old queue position, reserved for its advisor."""
    _apply(
        session,
        callback,
        Event.CALL_BACK,
        at=at,
        actor=actor,
        due_at=min(callback.due_at, at),
        wanted_advisor=advisor_id,
        wanted_until=reserved_until,
        **(_UNCLAIMED | _lifted(callback) | {"disposition": disposition}),
        **_without_coming_slot(session, callback, at),
    )


def hold(
    session: Session, callback: Callback, *, at: datetime, actor: str, disposition: str
) -> None:
    """Return a callback that is not safe to call to the queue, on hold: no one is called until the
    visitor asks for a time or a supervisor releases it.
    """
    _apply(
        session,
        callback,
        Event.HOLD,
        at=at,
        actor=actor,
        due_at=at,
        disposition=disposition,
        held_at=at,
        **_UNCLAIMED,
        **_without_coming_slot(session, callback, at),
    )


def is_unsafe(callback: Callback) -> bool:
    """Return whether a callback is on hold because it was not safe to call."""
    return callback.held_at is not None and callback.disposition == Disposition.UNSAFE


def lift_hold(session: Session, callback: Callback) -> None:
    """Let a callback be called again that was on hold because it was not safe to call."""
    if is_unsafe(callback):
        guarded_update(session, callback, {"disposition": Disposition.UNSAFE}, **_lifted(callback))


def _lifted(callback: Callback) -> dict[str, Any]:
    return {"held_at": None, "disposition": None} if is_unsafe(callback) else {}


def give_up(
    session: Session, callback: Callback, *, at: datetime, actor: str, disposition: str
) -> None:
    """End the callback as unreached: attempts used up, or wrong number."""
    _apply(
        session,
        callback,
        Event.GIVE_UP,
        at=at,
        actor=actor,
        disposition=disposition,
        ended_at=at,
        **_UNCLAIMED,
        **_without_coming_slot(session, callback, at),
    )
    _end_followers(session, callback, Event.FOLLOW_UNREACHED, at=at)


def call_abandoned(
    session: Session, callback: Callback, *, at: datetime, actor: str, due_at: datetime
) -> None:
    """Return the callback to the queue after a call that came to nothing; no attempt is counted."""
    _apply(session, callback, Event.CALL_ABANDONED, at=at, actor=actor, due_at=due_at, **_UNCLAIMED)


def cancel(session: Session, callback: Callback, *, at: datetime, actor: str) -> None:
    """End the callback as cancelled; the next follower takes over."""
    before = callback.status
    event = Event.WITHDRAW if before == Status.CALLING else Event.CANCEL
    _apply(session, callback, event, at=at, actor=actor, ended_at=at, **_UNCLAIMED)
    if before != Status.JOINED:
        _promote_follower(session, callback, at=at)


def expire(session: Session, callback: Callback, *, at: datetime, actor: str = "worker") -> None:
    """End the callback as expired: it waited longer than the policy allows, or cannot be called."""
    _apply(session, callback, Event.EXPIRE, at=at, actor=actor, ended_at=at)
    _promote_follower(session, callback, at=at)


def set_aside(session: Session, callback: Callback, *, at: datetime, actor: str) -> None:
    """Set a made-up callback aside: release its number and slot; the next follower takes over.

    The caller has added it to ``SetAsideMember``.
    """
    before = callback.status
    event = Event.SET_ASIDE_JOINED if before == Status.JOINED else Event.SET_ASIDE
    _apply(session, callback, event, at=at, actor=actor)
    if before != Status.JOINED:
        _promote_follower(session, callback, at=at)


def undo_set_aside(session: Session, callback: Callback, *, at: datetime, actor: str) -> None:
    """Return a callback that was set aside to its old queue position, and to its slot if that is
    free.

    Where its number has an open callback by now, it becomes a follower.
    """
    open_callback = sa.exists().where(Callback.phone_hash == callback.phone_hash, IS_OPEN)
    if session.scalar(sa.select(open_callback)):
        _apply(session, callback, Event.BRING_BACK_JOINED, at=at, actor=actor)
        return
    slot_at, due_at = callback.slot_at, callback.due_at
    if slot_at is not None and (
        slot_at <= at
        or not slot_booking.book(
            session, slot_at, slot_booking.capacity_at(session, slot_at, at), callback.language
        )
    ):
        slot_at = None
    _apply(session, callback, Event.BRING_BACK, at=at, actor=actor, slot_at=slot_at, due_at=due_at)


def expire_set_aside(session: Session, callback: Callback, *, at: datetime) -> None:
    _apply(session, callback, Event.EXPIRE_SET_ASIDE, at=at, actor="worker", ended_at=at)


def reschedule(
    session: Session,
    callback: Callback,
    *,
    at: datetime,
    actor: str,
    slot_at: datetime | None,
    promised: datetime | None = None,
    if_no_answer: IfNoAnswer | None = None,
) -> None:
    """Move a callback to another time; None for as soon as possible. The caller has booked the
    slot.

    Args:
        promised: where there is no slot, the earliest time of the call.
        if_no_answer: the visitor's new choice if they do not answer; None keeps the old one.
    """
    choice = if_no_answer
    event = Event.MOVE_JOINED if callback.status == Status.JOINED else Event.MOVE
    due_at, urgent = slot_at or promised or at, callback.priority == Priority.URGENT
    _free_slot(session, callback, holds_slot=callback.status != Status.JOINED)
    _apply(
        session,
        callback,
        event,
        at=at,
        actor=actor,
        slot_at=slot_at,
        booked_at=at if slot_at else None,
        due_at=due_at,
        priority=Priority.URGENT if urgent else default_priority(slot_at or promised),
        wanted_until=callback.wanted_until and callback.wanted_until + (due_at - callback.due_at),
        if_missed=choice.if_missed if choice else callback.if_missed,
        call_until=choice.call_until
        if choice
        else _shifted_call_until(callback, due_at, slot_at or promised),
        **(_lifted(callback) if actor == "visitor" else {}),
    )


def _shifted_call_until(
    callback: Callback, due_at: datetime, time: datetime | None
) -> datetime | None:
    """As long after the new time as it was after the old one; None for as soon as possible."""
    if callback.call_until is None or time is None:
        return None
    return callback.call_until + (due_at - (callback.slot_at or callback.due_at))


def retry_now(session: Session, callback: Callback, *, at: datetime) -> None:
    """Make the next attempt due at once because the visitor missed a call; it counts as any
    other.
    """
    to_come = Callback.due_at > at
    _apply(
        session,
        callback,
        Event.TRY_NOW,
        to_come,
        at=at,
        actor="visitor",
        due_at=at,
        call_until=None,
    )


def end_restored(
    session: Session, callback: Callback, status: Status, *, at: datetime, now: datetime
) -> None:
    """End a callback again that had ended before a backup from an earlier moment was restored.

    Args:
        status: how it had ended.
        at: when it had ended.
    """
    before = callback.status
    promotes = before != Status.JOINED and status in (Status.CANCELLED, Status.EXPIRED)
    changes = _UNCLAIMED if promotes else _UNCLAIMED | _without_coming_slot(session, callback, now)
    if status not in ENDED or not guarded_update(
        session, callback, {"status": before}, status=status, ended_at=at, **changes
    ):
        raise StateChanged
    _add_history(session, callback, Event.END_AGAIN, before, status, at=now, actor="operator")
    if promotes:
        _promote_follower(session, callback, at=now)


def default_priority(slot_at: datetime | None) -> Priority:
    """Return the priority of a callback that nobody marked as urgent."""
    return Priority.BOOKED if slot_at else Priority.ASAP


def staff_actor(staff_id: int) -> str:
    """Return a member of staff as the actor of history rows and audit entries."""
    return f"staff:{staff_id}"


def _promote_follower(session: Session, ended: Callback, *, at: datetime) -> None:
    follower = lock_first(
        session,
        Callback.phone_hash == ended.phone_hash,
        Callback.status == Status.JOINED,
        ~SetAsideMember.holds(Callback.id),
    )
    slot_booking.lock_slots(session, ended.slot_at, follower.slot_at if follower else None)
    _free_slot(session, ended)
    if follower is None:
        return
    booked = follower.slot_at is not None and slot_booking.book(
        session,
        follower.slot_at,
        slot_booking.capacity_at(session, follower.slot_at, at),
        follower.language,
    )
    _apply(
        session,
        follower,
        Event.TAKE_OVER,
        at=at,
        actor="worker",
        slot_at=follower.slot_at if booked else None,
        due_at=follower.due_at,
    )


def _end_followers(session: Session, ended: Callback, event: Event, *, at: datetime) -> None:
    """End the followers that are due. The others end at their own time (see ``end_follower``), so
    that a stranger who typed the number learns nothing of the first request.
    """
    for follower in lock_callbacks(
        session,
        Callback.phone_hash == ended.phone_hash,
        Callback.status == Status.JOINED,
        Callback.due_at <= at,
    ):
        _apply(session, follower, event, at=at, actor="worker", ended_at=at)


def end_follower(
    session: Session, follower: Callback, first: Callback | None, *, at: datetime
) -> None:
    """End a due follower as its first request ended; if that one was never called, queue the
    follower.
    """
    if first is None:
        _apply(session, follower, Event.TAKE_OVER, at=at, actor="worker", slot_at=None)
    elif first.status == Status.REACHED:
        _apply(session, follower, Event.FOLLOW_REACHED, at=at, actor="worker", ended_at=at)
    else:
        _apply(session, follower, Event.FOLLOW_UNREACHED, at=at, actor="worker", ended_at=at)


def _without_coming_slot(session: Session, callback: Callback, at: datetime) -> dict[str, Any]:
    """Free a slot still to come, chosen after the call whose outcome is only recorded now."""
    if callback.status != Status.WAITING or callback.slot_at is None or callback.slot_at <= at:
        return {}
    _free_slot(session, callback)
    return {"slot_at": None, "booked_at": None}


def _free_slot(session: Session, callback: Callback, *, holds_slot: bool = True) -> None:
    if holds_slot and callback.slot_at is not None:
        slot_booking.release(session, callback.slot_at, callback.language)


def _apply(
    session: Session,
    callback: Callback,
    event: Event,
    *guards: sa.ColumnElement[bool],
    expected: Mapping[str, Any] | None = None,
    at: datetime,
    actor: str,
    **changes: Any,
) -> None:
    transition = TRANSITIONS[event]
    before = callback.status
    if before not in transition.sources or not guarded_update(
        session,
        callback,
        {"status": before, **(expected or {})},
        *guards,
        status=transition.target,
        **changes,
    ):
        raise StateChanged
    _add_history(session, callback, event, before, transition.target, at=at, actor=actor)
    if transition.target in ENDED:
        tombstones.record_ended(session, callback.token_hash, transition.target, at=at)
        ended = WebhookEvent(f"callback.{transition.target}")
        notifications.notify_webhooks(session, callback, ended, at=at)
    notifications.notify_of_event(session, callback, event, at=at)


def _add_history(
    session: Session,
    callback: Callback,
    event: Event,
    before: Status | None,
    after: Status,
    *,
    at: datetime,
    actor: str,
) -> None:
    session.add(CallbackEvent(**_history(callback, event, before, after, at=at, actor=actor)))


def _history(
    callback: Callback | sa.Row[int, datetime],
    event: Event,
    before: Status | None,
    after: Status,
    *,
    at: datetime,
    actor: str,
) -> dict[str, Any]:
    return {
        "callback_id": callback.id,
        "at": at,
        "event": event,
        "from_status": before,
        "to_status": after,
        "due_at": callback.due_at,
        "actor": actor,
    }
