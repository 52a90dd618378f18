"""The only writer of a callback's status.

Each function is named for its event and does, in the caller's transaction, one guarded update, one
history row and, where the visitor agreed to texts, one text message. It raises Overtaken when the
callback is no longer in a status that allows the event (domain/lifecycle). Nothing commits.
See docs/decisions/0004-one-writer-of-callback-status.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session, load_only

from helpline import row_updates
from helpline.callbacks import notifications, slot_booking, slot_capacity
from helpline.callbacks.errors import AdvisorBusy, StateChanged
from helpline.callbacks.models import HOLDS_THE_NUMBER, Callback, CallbackEvent
from helpline.callbacks.phone_limits import checks
from helpline.callbacks.set_aside.models import SetAsideMember
from helpline.db import NO_KEY_UPDATE, ONE, Instant, inline_literal, on_postgresql
from helpline.domain.lifecycle import ENDED, TRANSITIONS, Event, Status
from helpline.domain.queue_order import Priority
from helpline.domain.rota import Capacity
from helpline.domain.safe_times import IfNoAnswer
from helpline.privacy import audit, tombstones
from helpline.raw_sql import fetch_rows
from helpline.staff import advisor_line
from helpline.staff.models import Staff

_CALLBACK, _EVENT = cast(sa.Table, Callback.__table__), cast(sa.Table, CallbackEvent.__table__)
_BEGINNING = sa.insert(_CALLBACK).returning(_CALLBACK.c.id)
_NOTING = sa.insert(_EVENT).inline()
_CLAIMED = "callback_claimed"
_MOVED_BY_OTHERS = ("due_at", "slot_at", "attempts_used")
_OUT_OF_HAND: dict[str, Any] = {"claimed_by": None, "claimed_at": None, "claim_ends_at": None}


READ = (
    Callback.token_hash,
    Callback.status,
    Callback.held_at,
    Callback.priority,
    Callback.due_at,
    Callback.slot_at,
    Callback.phone_hash,
    Callback.phone_region,
    Callback.language,
    Callback.may_text,
    Callback.claimed_by,
    Callback.claimed_at,
    Callback.claim_ends_at,
    Callback.attempts_used,
    Callback.if_missed,
    Callback.call_until,
)
"""Columns that transitions need. The others, all secrets among them, are loaded on access."""


def lock_callback(session: Session, callback_id: int) -> Callback:
    """Lock a callback row until the end of the transaction."""
    return session.scalars(_LOCK, {"id": callback_id}).one()


_LOCK = (
    sa.select(Callback)
    .options(load_only(*READ))
    .where(Callback.id == sa.bindparam("id", type_=sa.Integer))
    .with_for_update(**NO_KEY_UPDATE)
    .execution_options(populate_existing=True)
)


def create(
    session: Session,
    callback: Mapping[str, Any],
    *,
    at: datetime,
    actor: str,
    places: Capacity | None = None,
    told: bool = False,
) -> int | None:
    """Create a callback with its first history row, and book its slot; one statement on PostgreSQL.

    Args:
        callback: values by column.
        places: the capacity of its slot; None to book none.
        told: whether the visitor is answered by text already, so that no text message is queued.

    Returns:
        Its id; None where the slot is full.
    """
    if places is not None and on_postgresql():
        callback_id = _book_and_begin(session, callback, places, at=at, actor=actor)
    elif places is None or slot_booking.book(
        session, callback["slot_at"], places, callback["language"]
    ):
        [(callback_id,)] = fetch_rows(session, _BEGINNING, callback)
        due_at, after = callback["due_at"], callback["status"]
        _add_history(
            session, callback_id, Event.ASK, None, due_at=due_at, at=at, actor=actor, after=after
        )
    else:
        return None
    if callback_id is not None and callback["may_text"] and not told:
        notifications.notify_of_event(
            session, session.get_one(Callback, callback_id), Event.ASK, at=at
        )
    return callback_id


def _book_and_begin(
    session: Session, callback: Mapping[str, Any], places: Capacity, *, at: datetime, actor: str
) -> int | None:
    starts_at = callback["slot_at"]
    told = slot_booking.booking_params(starts_at, places, callback["language"])
    if told is None:
        return None
    told |= {f"its_{key}": value for key, value in callback.items()}
    told |= {"at": at, "actor": actor}
    statement = _booking_and_beginning(tuple(callback))
    callback_id: int | None
    [(callback_id, of_all)] = fetch_rows(session, statement, told)
    if callback_id is None and of_all is not None:
        slot_booking.decrement(session, starts_at)
    return callback_id


@cache
def _booking_and_beginning(columns: tuple[str, ...]) -> sa.Select[int | None, datetime | None]:
    """Parameters: those of ``booking.to_be_told``, at, actor, and the columns prefixed by
    "its_".
    """
    of_all, of_language = slot_booking.counting_ctes()
    its = {key: sa.bindparam(f"its_{key}", type_=_CALLBACK.c[key].type) for key in columns}
    begun = (
        sa.insert(_CALLBACK)
        .from_select(columns, sa.select(*its.values()).select_from(of_language))
        .returning(_CALLBACK.c.id)
        .cte("begun")
    )
    event = _history_values(
        begun.c.id,
        Event.ASK,
        None,
        due_at=its["due_at"],
        at=sa.bindparam("at", type_=Instant),
        actor=sa.bindparam("actor", type_=sa.String),
        after=its["status"],
    )
    return sa.select(
        sa.select(begun.c.id).scalar_subquery(), sa.select(of_all.c.starts_at).scalar_subquery()
    ).add_cte(_written("noted", _EVENT, event))


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
        OnACallIn: the advisor is busy with another inbound call.
    """
    if not advisor_line.is_free(session, advisor_id, but_for=call_in):
        raise AdvisorBusy
    # Whoever rings us is not pestered by talking with us.
    may_be_rung = [] if call_in else [~checks.not_callable(at)]
    _apply(
        session,
        callback,
        Event.CLAIM,
        Callback.due_at <= at,
        *may_be_rung,
        sa.exists().where(Staff.id == advisor_id, Staff.active),
        at=at,
        actor=staff_actor(advisor_id),
        claimed_by=advisor_id,
        claimed_at=at,
        claim_ends_at=ends_at,
    )


def claim_first(
    session: Session,
    first: sa.ScalarSelect[int],
    told: Mapping[str, Any],
    *,
    advisor_id: int,
    at: datetime,
    ends_at: datetime,
) -> int | None:
    """Assign the first callback of a query to an active, free advisor until the lease ends.

    Args:
        first: a subquery for its id, as in ``claiming``; cached.
        told: its parameters.

    Returns:
        Its id; None where there is none.
    """
    actor = staff_actor(advisor_id)
    told = {**told, "advisor": advisor_id, "now": at, "ends_at": ends_at}
    taken = session.execute(_claiming_until_told(first), told).first()
    if taken is None:
        return None
    callback_id, due_at = taken
    _add_history(
        session, callback_id, Event.CLAIM, Status.WAITING, due_at=due_at, at=at, actor=actor
    )
    audit_claim(session, callback_id, advisor_id=advisor_id, at=at)
    return int(callback_id)


@cache
def _claiming_until_told(first: sa.ScalarSelect[int]) -> sa.sql.dml.ReturningUpdate[int, datetime]:
    return _claiming(first, sa.bindparam("ends_at", type_=Instant))


def _claiming(first: Any, ends_at: Any) -> sa.sql.dml.ReturningUpdate[int, datetime]:
    """The guarded update of ``claim``; ``first`` has checked and locked the row in this
    statement.
    """
    return (
        sa.update(_CALLBACK)
        .where(Callback.id == first, Callback.status == inline_literal(Status.WAITING))
        .values(
            status=inline_literal(TRANSITIONS[Event.CLAIM].target),
            claimed_by=sa.bindparam("advisor", type_=sa.Integer),
            claimed_at=sa.bindparam("now", type_=Instant),
            claim_ends_at=ends_at,
        )
        .returning(Callback.id, Callback.due_at)
    )


def claiming(first: Any, ends_at: Any) -> tuple[sa.CTE, sa.CTE]:
    """Return ``claim_first`` as CTEs for PostgreSQL: the claimed callback (id, due_at) and its
    history row.

    Parameters: advisor, actor, now. ``audit_claim`` follows, since its MAC needs the id.

    Args:
        first: a subquery for the id of the callback that this advisor may have, locking it.
        ends_at: the end of the lease.
    """
    taken = _claiming(first, ends_at).cte("taken")
    at, actor = sa.bindparam("now", type_=Instant), sa.bindparam("actor", type_=sa.String)
    due_at = taken.c.due_at
    event = _history_values(
        taken.c.id, Event.CLAIM, Status.WAITING, due_at=due_at, at=at, actor=actor
    )
    return taken, _written("noted", _EVENT, event)


def audit_claim(session: Session, callback_id: int, *, advisor_id: int, at: datetime) -> None:
    """Record a claim in the audit log."""
    actor, subject = staff_actor(advisor_id), f"callback:{callback_id}"
    audit.record(session, at=at, actor=actor, deed=_CLAIMED, subject=subject)


def _written(name: str, table: sa.Table, row: Mapping[str, Any]) -> sa.CTE:
    said = sa.select(*(_said(table.c[key], value) for key, value in row.items()))
    return sa.insert(table).from_select(list(row), said).cte(name)


def _said(column: sa.Column[Any], value: Any) -> sa.ColumnElement[Any]:
    if value is None:
        return sa.null()
    if isinstance(value, sa.ColumnElement):
        return value
    return inline_literal(json.dumps(value) if isinstance(column.type, sa.JSON) else value)


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
    held, actor = {"claimed_by": advisor_id}, actor or staff_actor(advisor_id)
    changes = _OUT_OF_HAND if due_at is None else {**_OUT_OF_HAND, "due_at": due_at}
    _apply(session, callback, Event.RELEASE, held=held, at=at, actor=actor, **changes)


def expire_claim(session: Session, callback: Callback, *, at: datetime) -> None:
    """Return a callback whose lease has expired to the queue in its old position."""
    over = Callback.claim_ends_at <= at
    _apply(session, callback, Event.LEASE_RAN_OUT, over, at=at, actor="worker", **_OUT_OF_HAND)


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
        held={"claimed_by": advisor_id},
        at=at,
        actor=actor or staff_actor(advisor_id),
        wanted_advisor=to_id,
        wanted_until=reserved_until,
        **_OUT_OF_HAND,
    )


def release_overdue(
    session: Session, callback: Callback, *, at: datetime, claimed_until: datetime
) -> None:
    """Return a callback claimed for too long to the queue in its old position.

    Args:
        claimed_until: it must have been claimed then or before.
    """
    overdue = Callback.claimed_at <= claimed_until
    _apply(session, callback, Event.LEASE_RAN_OUT, overdue, at=at, actor="worker", **_OUT_OF_HAND)


def dial(
    session: Session,
    callback: Callback,
    *,
    advisor_id: int,
    at: datetime,
    call_in: str | None = None,
) -> None:
    """Start a call, or record one that the visitor started. The lease does not expire during a
    call.

    Raises:
        OnACallIn: the advisor is busy with another inbound call.
    """
    if not advisor_line.is_free(session, advisor_id, but_for=call_in):
        raise AdvisorBusy
    _apply(
        session,
        callback,
        Event.DIAL,
        held={"claimed_by": advisor_id},
        at=at,
        actor=staff_actor(advisor_id),
        claim_ends_at=None,
    )


def call_not_placed(
    session: Session, callback: Callback, *, at: datetime, actor: str, ends_at: datetime
) -> None:
    """Record that the visitor was not called; the advisor keeps the callback."""
    _apply(session, callback, Event.CALL_NOT_PLACED, at=at, actor=actor, claim_ends_at=ends_at)


def wrap_up(session: Session, callback: Callback, *, ends_at: datetime) -> None:
    """Start the wrap-up, which lasts until ``ends_at``."""
    row_updates.guarded_update(session, callback, {"status": Status.CALLING}, claim_ends_at=ends_at)


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
        **_OUT_OF_HAND,
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
        disposition=disposition,
        call_until=call_until or callback.call_until,
        **_OUT_OF_HAND,
    )


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
        **_OUT_OF_HAND,
    )
    _end_followers(session, callback, Event.FOLLOW_UNREACHED, at=at)


def call_abandoned(
    session: Session, callback: Callback, *, at: datetime, actor: str, due_at: datetime
) -> None:
    """The call came to nothing through nobody's fault; nothing is counted."""
    _apply(
        session, callback, Event.CALL_ABANDONED, at=at, actor=actor, due_at=due_at, **_OUT_OF_HAND
    )


def cancel(session: Session, callback: Callback, *, at: datetime, actor: str) -> None:
    """The visitor no longer wants it. Whoever asked behind them takes the place."""
    before = callback.status
    event = Event.WITHDRAW if before == Status.CALLING else Event.CANCEL
    _apply(session, callback, event, at=at, actor=actor, ended_at=at, **_OUT_OF_HAND)
    if before != Status.JOINED:
        _promote_follower(session, callback, at=at)


def expire(session: Session, callback: Callback, *, at: datetime, actor: str = "worker") -> None:
    """It waited longer than the policy allows, or nobody can call it."""
    _apply(session, callback, Event.EXPIRE, at=at, actor=actor, ended_at=at)
    _promote_follower(session, callback, at=at)


def set_aside(session: Session, callback: Callback, *, at: datetime, actor: str) -> None:
    """A supervisor takes it for made up, and has recorded that it is set aside: it gives up its
    number and its slot, and somebody else who asked for the number takes its place."""
    before = callback.status
    event = Event.SET_ASIDE_JOINED if before == Status.JOINED else Event.SET_ASIDE
    _apply(session, callback, event, at=at, actor=actor)
    if before != Status.JOINED:
        _promote_follower(session, callback, at=at)


def bring_back(session: Session, callback: Callback, *, at: datetime, actor: str) -> None:
    """It was not made up after all: it has its old place in the queue, and its slot where that is
    free; else it is due at the same time. Where its number has an open callback, it joins that."""
    others = sa.exists().where(Callback.phone_hash == callback.phone_hash, HOLDS_THE_NUMBER)
    if session.scalar(sa.select(others)):
        _apply(session, callback, Event.BRING_BACK_JOINED, at=at, actor=actor)
        return
    slot_at, due_at = callback.slot_at, callback.due_at
    if slot_at is not None and (
        slot_at <= at
        or not slot_booking.book(
            session, slot_at, slot_capacity.capacity_at(session, slot_at, at), callback.language
        )
    ):
        slot_at = None
    _apply(session, callback, Event.BRING_BACK, at=at, actor=actor, slot_at=slot_at, due_at=due_at)


def expire_set_aside(session: Session, callback: Callback, *, at: datetime) -> None:
    """It was set aside for as long as any request may wait."""
    _apply(session, callback, Event.EXPIRE_SET_ASIDE, at=at, actor="worker", ended_at=at)


def move(
    session: Session,
    callback: Callback,
    *,
    at: datetime,
    actor: str,
    slot_at: datetime | None,
    promised: datetime | None = None,
    if_no_answer: IfNoAnswer | None = None,
) -> None:
    """The visitor chose another time (None: as soon as possible), or we had to move it. The place
    is booked before.

    Args:
        promised: where there is no place, the time that stays the earliest, and a promise.
        if_no_answer: what they want now if they do not answer; None: what they said before.
    """
    wanted = if_no_answer
    event = Event.MOVE_JOINED if callback.status == Status.JOINED else Event.MOVE
    due_at, urgent = slot_at or promised or at, callback.priority == Priority.URGENT
    _free_slot(session, callback, held=callback.status != Status.JOINED)
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
        if_missed=wanted.if_missed if wanted else callback.if_missed,
        call_until=wanted.call_until
        if wanted
        else _moved_until(callback, due_at, slot_at or promised),
    )


def _moved_until(callback: Callback, due_at: datetime, time: datetime | None) -> datetime | None:
    """Until when they may be called after a move: as long after the new time as it was after the
    old one. As soon as possible has no such time."""
    if callback.call_until is None or time is None:
        return None
    return callback.call_until + (due_at - (callback.slot_at or callback.due_at))


def retry_now(session: Session, callback: Callback, *, at: datetime) -> None:
    """The visitor missed a call and is there now: the next try is due at once. It counts as any
    other, so that nobody is rung more often than the policy has it."""
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


def end_again(
    session: Session, callback: Callback, status: Status, *, at: datetime, now: datetime
) -> None:
    """It was over before a backup from an earlier moment was restored: it ends as it had ended.

    Args:
        status: how it had ended.
        at: when.
    """
    before = callback.status
    if status not in ENDED or not row_updates.guarded_update(
        session, callback, {"status": before}, status=status, ended_at=at, **_OUT_OF_HAND
    ):
        raise StateChanged
    _add_history(
        session,
        callback.id,
        Event.END_AGAIN,
        before,
        due_at=callback.due_at,
        at=now,
        actor="operator",
        after=status,
    )
    if before != Status.JOINED and status in (Status.CANCELLED, Status.EXPIRED):
        _promote_follower(session, callback, at=now)


def default_priority(slot_at: datetime | None) -> Priority:
    """The place in the queue of a callback that nobody has marked urgent."""
    return Priority.BOOKED if slot_at else Priority.ASAP


def staff_actor(staff_id: int) -> str:
    """How a member of staff stands in histories and the audit log."""
    return f"staff:{staff_id}"


def _promote_follower(session: Session, gone: Callback, *, at: datetime) -> None:
    """Frees the slot of a callback that was cancelled or expired, and gives its place in the
    queue to the next of its number."""
    heir = session.scalar(
        sa.select(Callback)
        .where(
            Callback.phone_hash == gone.phone_hash,
            Callback.status == Status.JOINED,
            ~SetAsideMember.holds(Callback.id),
        )
        .order_by(Callback.id)
        .limit(ONE)
        .with_for_update()
    )
    slot_booking.lock_slots(session, gone.slot_at, heir.slot_at if heir else None)
    _free_slot(session, gone)
    if heir is None:
        return
    booked = heir.slot_at is not None and slot_booking.book(
        session, heir.slot_at, slot_capacity.capacity_at(session, heir.slot_at, at), heir.language
    )
    _apply(
        session,
        heir,
        Event.TAKE_OVER,
        at=at,
        actor="worker",
        slot_at=heir.slot_at if booked else None,
        due_at=heir.due_at,
    )


def _end_followers(session: Session, ended: Callback, event: Event, *, at: datetime) -> None:
    """Ends the requests behind this one whose own time has come. The others end at their time
    (see ``end_behind``), so that a stranger who typed the number learns nothing of the first."""
    behind = session.scalars(_FOLLOWERS, {"number": ended.phone_hash, "at": at})
    for follower in behind.all():
        _apply(session, follower, event, at=at, actor="worker", ended_at=at)


_FOLLOWERS = (
    sa.select(Callback)
    .options(load_only(*READ))
    .where(
        Callback.phone_hash == sa.bindparam("number", type_=sa.String),
        Callback.status == Status.JOINED,
        Callback.due_at <= sa.bindparam("at", type_=Instant),
    )
    .order_by(Callback.id)
    .with_for_update()
)


def end_follower(
    session: Session, follower: Callback, first: Callback | None, *, at: datetime
) -> None:
    """The time of a request that stood behind another has come, and that one is over: it ends
    the same way; if nobody was rung after all, it takes its own place in the queue."""
    if first is None:
        _apply(session, follower, Event.TAKE_OVER, at=at, actor="worker", slot_at=None)
    elif first.status == Status.REACHED:
        _apply(session, follower, Event.FOLLOW_REACHED, at=at, actor="worker", ended_at=at)
    else:
        _apply(session, follower, Event.FOLLOW_UNREACHED, at=at, actor="worker", ended_at=at)


def _free_slot(session: Session, callback: Callback, *, held: bool = True) -> None:
    if held and callback.slot_at is not None:
        slot_booking.release(session, callback.slot_at, callback.language)


def _apply(
    session: Session,
    callback: Callback,
    event: Event,
    *guards: sa.ColumnElement[bool],
    held: Mapping[str, Any] | None = None,
    at: datetime,
    actor: str,
    **changes: Any,
) -> None:
    """One guarded update, one history row, and what the visitor is told of it by text."""
    transition = TRANSITIONS[event]
    before = callback.status
    if before not in transition.sources or not row_updates.guarded_update(
        session,
        callback,
        {"status": before, **(held or {})},
        *guards,
        fresh=tuple(each for each in _MOVED_BY_OTHERS if each not in changes),
        status=transition.target,
        **changes,
    ):
        raise StateChanged
    _add_history(session, callback.id, event, before, due_at=callback.due_at, at=at, actor=actor)
    if transition.target in ENDED:
        tombstones.ended(session, callback.token_hash, transition.target, at=at)
    notifications.notify_of_event(session, callback, event, at=at)


def _add_history(
    session: Session,
    callback_id: int,
    event: Event,
    before: Status | None,
    *,
    due_at: datetime,
    at: datetime,
    actor: str,
    after: Status | None = None,
) -> None:
    """Writes a history row."""
    row = _history_values(
        callback_id, event, before, due_at=due_at, at=at, actor=actor, after=after
    )
    fetch_rows(session, _NOTING, row)


def _history_values(
    callback_id: Any,
    event: Event,
    before: Status | None,
    *,
    due_at: Any,
    at: Any,
    actor: Any,
    after: Any = None,
) -> dict[str, Any]:
    """A history row, of values or of what stands for them in a statement."""
    return {
        "callback_id": callback_id,
        "at": at,
        "event": event,
        "from_status": before,
        "to_status": TRANSITIONS[event].target if after is None else after,
        "due_at": due_at,
        "actor": actor,
    }
