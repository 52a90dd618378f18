"""What an advisor does with the queue: take the next, give it back, keep it a little longer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from helpline.callbacks import transitions
from helpline.callbacks.errors import OnACallIn, OutsideHours, Overtaken
from helpline.callbacks.models import Callback
from helpline.db import ONE, by_itself, changed_one, db, transaction
from helpline.domain.errors import HelplineError
from helpline.domain.lifecycle import Status
from helpline.hours import queries as hours
from helpline.messages import notices
from helpline.messages.models import NoticeKind
from helpline.queue import claiming, queries
from helpline.queue.claiming import Tried

_TRIES = 3
_A_MOMENT_SECONDS = 0.02
_plan_seen: Sequence[Any] | None = None


class NothingWaits(HelplineError):
    """Nobody is due just now."""


class _LookedAt(HelplineError):
    """Somebody is due, and is just being looked at by another: a worker, a colleague's claim."""


def claim_next(advisor_id: int, *, now: datetime) -> int:
    """Takes the next callback for an advisor: those they share a language with come first, and
    among them those who want this advisor. One that wants a colleague is left to the colleague
    for a while.

    Two advisors never get the same one. An advisor who has one in hand gets that one again.

    Returns:
        The callback's id.

    Raises:
        OutsideHours: the helpline is closed; nobody is rung now.
        NothingWaits: nobody is due.
        OnACallIn: the advisor's line is taken by somebody who rang us.
    """
    for _ in range(_TRIES):
        try:
            return _claim_next(advisor_id, now)
        except _LookedAt:
            time.sleep(_A_MOMENT_SECONDS)
        except IntegrityError:  # They took one in another window at the same moment.
            continue
    raise NothingWaits


def _claim_next(advisor_id: int, now: datetime) -> int:
    tried = _try(advisor_id, now)
    if tried.held is not None:
        return tried.held
    standing = hours.standing(tried.plan, now)
    if not standing.is_open:
        raise OutsideHours(standing.opens_at)
    if tried.call_in is not None:
        raise OnACallIn
    if not tried.as_known:  # An admin has just saved others.
        return _claim_next(advisor_id, now)
    raise _LookedAt if queries.is_anybody_due(db.session(), advisor_id, now) else NothingWaits


def _try(advisor_id: int, now: datetime) -> Tried:
    """Tries by the hours as this process saw them last; the database says whether they hold."""
    global _plan_seen
    plan = _plan_seen
    known = plan if plan is not None and hours.standing(plan, now).is_open else None
    if db.engine.dialect.name == "postgresql":
        by_itself()
        tried = claiming.take(advisor_id, known, now)
    else:
        with transaction() as session:
            tried = claiming.take_in_turn(session, advisor_id, known, now)
    _plan_seen = tried.plan
    return tried


def release(callback_id: int, advisor_id: int, *, now: datetime) -> None:
    """Gives a callback back to the queue, in its old place.

    Raises:
        Overtaken: the advisor no longer has it in hand, or a call is on.
    """
    with transaction() as session:
        callback = session.get_one(Callback, callback_id)
        transitions.release(session, callback, advisor_id=advisor_id, at=now)


def keep_longer(callback_id: int, advisor_id: int, *, now: datetime) -> None:
    """Begins the lease anew, for an advisor who needs more time before or after the call. One
    that already lasts longer, as that of a call from their own phone does, is left as it is.

    Raises:
        Overtaken: the advisor no longer has it in hand.
    """
    with transaction() as session:
        policy = hours.policy(session)
        callback = session.get_one(Callback, callback_id)
        in_call = callback.status == Status.CALLING
        minutes = policy.wrap_up_minutes if in_call else policy.claim_minutes
        ends_at = now + timedelta(minutes=minutes)
        if not in_call and callback.claimed_at is not None:
            deadline = timedelta(minutes=policy.hand_deadline_minutes)
            ends_at = min(ends_at, callback.claimed_at + deadline)
        if not changed_one(
            session,
            sa.update(Callback)
            .where(
                Callback.id == callback_id,
                Callback.claimed_by == advisor_id,
                Callback.claim_ends_at.is_not(None),
            )
            .values(
                claim_ends_at=sa.case(
                    (Callback.claim_ends_at > ends_at, Callback.claim_ends_at), else_=ends_at
                )
            ),
        ):
            raise Overtaken


def return_one_lapsed(*, now: datetime) -> bool:
    """Returns to the queue one callback whose advisor walked away; says whether there was one."""
    with transaction() as session:
        callback = session.scalar(
            sa.select(Callback)
            .where(Callback.status == Status.CLAIMED, Callback.claim_ends_at <= now)
            .order_by(Callback.claim_ends_at)
            .limit(ONE)
            .with_for_update(skip_locked=True)
        )
        if callback is None:
            return False
        transitions.lease_ran_out(session, callback, at=now)
        return True


def return_one_overdue(*, now: datetime) -> bool:
    """Returns to the queue one callback that an advisor has held for longer than the overall
    deadline, however often they asked for more time; says whether there was one."""
    with transaction() as session:
        until = now - timedelta(minutes=hours.policy(session).hand_deadline_minutes)
        callback = session.scalar(
            sa.select(Callback)
            .where(Callback.status == Status.CLAIMED, Callback.claimed_at <= until)
            .order_by(Callback.claimed_at)
            .limit(ONE)
            .with_for_update(skip_locked=True)
        )
        if callback is None:
            return False
        transitions.hand_overdue(session, callback, at=now, claimed_until=until)
        notices.tell(session, NoticeKind.HAND_OVERDUE, f"callback:{callback.id}", now=now)
        return True
