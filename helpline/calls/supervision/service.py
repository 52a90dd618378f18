"""A supervisor's actions: with a reason, and only if nothing changed since they looked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import follow_up, transitions
from helpline.callbacks.errors import StateChanged
from helpline.callbacks.models import Callback, Transfer
from helpline.callbacks.row_locks import lock_callback
from helpline.calls import drafts
from helpline.calls.errors import CallInProgress, NoSuchColleague
from helpline.calls.supervision.models import SupervisorAction, SupervisorEvent
from helpline.db import transaction, updated_one_row
from helpline.domain.lifecycle import OPEN, Status
from helpline.domain.queue_order import Priority
from helpline.domain.retries import Disposition
from helpline.privacy import audit
from helpline.staff import queries as staff_queries


@dataclass(frozen=True, slots=True)
class Order:
    """An action to be carried out.

    Args:
        seen_with: who had the callback when the supervisor looked; None for nobody.
        reason: why, in words, for the advisors concerned.
        to_id: who gets it, where it is assigned.
    """

    action: SupervisorAction
    seen_with: int | None
    reason: str
    to_id: int | None = None


def carry_out(callback_id: int, order: Order, *, supervisor_id: int, now: datetime) -> None:
    """Assign a callback, return it to the queue, or change its priority.

    An assigned callback returns to the queue in its old position and is reserved for that advisor
    for a time set by policy; then anyone may claim it.

    Raises:
        NoSuchColleague: there is no such advisor.
        CallInProgress: during a call or wrap-up only the priority can be changed.
        StateChanged: it has ended, or someone else has it than the supervisor saw; nothing was
            changed.
    """
    with transaction() as session:
        callback = lock_callback(session, callback_id)
        if callback.status not in OPEN or callback.claimed_by != order.seen_with:
            raise StateChanged
        if (
            order.action in (SupervisorAction.GIVE, SupervisorAction.TAKE_BACK)
            and callback.status == Status.CALLING
        ):
            raise CallInProgress
        if order.action == SupervisorAction.GIVE:
            _assign(session, callback, order, supervisor_id, now)
        elif order.action == SupervisorAction.TAKE_BACK:
            _release(session, callback, supervisor_id, now)
        else:
            _set_priority(session, callback, order.action)
        _record(session, callback_id, order, supervisor_id, now)


def finish_call(
    attempt_id: int,
    disposition: Disposition,
    reason: str,
    *,
    supervisor_id: int,
    now: datetime,
) -> None:
    """Record what came of an advisor's call whose wrap-up ran out. Its notes stay as they are.

    Args:
        reason: why the supervisor does it; the advisor reads it.

    Raises:
        StateChanged: it was finished already, is in progress, or is erased.
        NoResultFound: there is no such call.
    """
    with transaction() as session:
        attempt = drafts.lock_unfinished(session, attempt_id)
        actor = transitions.staff_actor(supervisor_id)
        drafts.conclude(session, attempt, disposition, actor=actor, now=now)
        order = Order(SupervisorAction.FINISH, attempt.advisor_id, reason)
        _record(session, attempt.callback_id, order, supervisor_id, now)


def assign_again(attempt_id: int, reason: str, *, supervisor_id: int, now: datetime) -> None:
    """Assign the callback of an unfinished call to the advisor who made it. It keeps its place in
    the queue, and the call is to be finished until that advisor saves the next one.

    Raises:
        NoSuchColleague: the advisor takes no callbacks any more.
        StateChanged: the call was finished, or its callback does not wait; nothing was changed.
        NoResultFound: there is no such call.
    """
    with transaction() as session:
        attempt = drafts.lock_unfinished(session, attempt_id)
        callback = session.get_one(Callback, attempt.callback_id)
        if callback.status != Status.WAITING:
            raise StateChanged
        order = Order(SupervisorAction.GIVE, None, reason, attempt.advisor_id)
        _assign(session, callback, order, supervisor_id, now)
        _record(session, callback.id, order, supervisor_id, now)


def _assign(
    session: Session, callback: Callback, order: Order, supervisor_id: int, now: datetime
) -> None:
    if order.to_id is None or not staff_queries.is_active_advisor(session, order.to_id):
        raise NoSuchColleague
    reserved_until = max(now, callback.due_at) + follow_up.grace(session)
    if callback.claimed_by is not None:
        if order.to_id == callback.claimed_by:
            raise NoSuchColleague
        transitions.transfer(
            session,
            callback,
            advisor_id=callback.claimed_by,
            to_id=order.to_id,
            at=now,
            reserved_until=reserved_until,
            actor=transitions.staff_actor(supervisor_id),
        )
    elif not updated_one_row(
        session,
        sa.update(Callback)
        .where(Callback.id == callback.id, Callback.status == Status.WAITING)
        .values(wanted_advisor=order.to_id, wanted_until=reserved_until),
    ):
        raise StateChanged
    session.add(
        Transfer(
            callback_id=callback.id,
            from_staff=supervisor_id,
            to_staff=order.to_id,
            note=order.reason,
            at=now,
        )
    )


def _release(session: Session, callback: Callback, supervisor_id: int, now: datetime) -> None:
    if callback.claimed_by is None:
        raise StateChanged
    actor = transitions.staff_actor(supervisor_id)
    transitions.release(session, callback, advisor_id=callback.claimed_by, at=now, actor=actor)


def _set_priority(session: Session, callback: Callback, action: SupervisorAction) -> None:
    priority = {
        SupervisorAction.FIRST: Priority.URGENT,
        SupervisorAction.USUAL: transitions.default_priority(callback.slot_at),
        SupervisorAction.LAST: Priority.LATER,
    }[action]
    if not updated_one_row(
        session,
        sa.update(Callback)
        .where(Callback.id == callback.id, Callback.status == callback.status)
        .values(priority=priority),
    ):
        raise StateChanged


def _record(
    session: Session, callback_id: int, order: Order, supervisor_id: int, now: datetime
) -> None:
    done = SupervisorEvent(
        callback_id=callback_id,
        deed=order.action,
        at=now,
        by_staff=supervisor_id,
        from_staff=order.seen_with,
        to_staff=order.to_id if order.action == SupervisorAction.GIVE else None,
        reason=order.reason,
    )
    session.add(done)
    session.flush()
    audit.record(
        session,
        at=now,
        actor=transitions.staff_actor(supervisor_id),
        action=f"floor_{order.action}",
        subject=f"callback:{callback_id}",
        before={"with": order.seen_with},
        after={"for": done.to_staff},
        reason=f"floor_deed:{done.id}",
    )
