"""Callbacks held after a restore, or since it was not safe to call: none is called until a
supervisor has reviewed it, or a visitor whom it was not safe to call asks for a time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import transitions
from helpline.callbacks.models import Callback
from helpline.callbacks.row_locks import lock_callbacks
from helpline.db import retry_on_deadlock, transaction
from helpline.domain.lifecycle import ENDED
from helpline.privacy import audit

_HELD = sa.and_(Callback.held_at.is_not(None), Callback.status.not_in(ENDED))


def held_callbacks(session: Session) -> Sequence[Callback]:
    """Return all held callbacks, the one due first before the others."""
    return session.scalars(
        sa.select(Callback).where(_HELD).order_by(Callback.due_at, Callback.id)
    ).all()


def held_count(session: Session) -> int:
    return session.scalar(sa.select(sa.func.count(Callback.id)).where(_HELD)) or 0


@retry_on_deadlock
def release_held(ids: Collection[int], *, supervisor_id: int, now: datetime) -> int:
    """Return held callbacks to the queue or to their booked time; return how many.

    Those that ended or were released meanwhile do not count.
    """
    with transaction() as session:
        callbacks = _lock_held(session, ids)
        for callback in callbacks:
            transitions.lift_hold(session, callback)
            callback.held_at = None
        session.flush()
        _record(session, callbacks, "held_released", supervisor_id, now)
        return len(callbacks)


@retry_on_deadlock
def close_held(ids: Collection[int], *, supervisor_id: int, now: datetime) -> int:
    """Cancel held callbacks that were called or closed after the backup was made; return how
    many.
    """
    with transaction() as session:
        callbacks = _lock_held(session, ids)
        for callback in callbacks:
            actor = transitions.staff_actor(supervisor_id)
            transitions.cancel(session, callback, at=now, actor=actor)
        _record(session, callbacks, "held_closed", supervisor_id, now)
        return len(callbacks)


def _lock_held(session: Session, ids: Collection[int]) -> Sequence[Callback]:
    return lock_callbacks(session, Callback.id.in_(ids), _HELD)


def _record(
    session: Session, callbacks: Sequence[Callback], action: str, supervisor_id: int, now: datetime
) -> None:
    for callback in callbacks:
        audit.record(
            session,
            at=now,
            actor=transitions.staff_actor(supervisor_id),
            action=action,
            subject=f"callback:{callback.id}",
        )
