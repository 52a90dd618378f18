"""Block numbers that are used for harassment or asked not to be called, and unblock them; nobody
sees the number.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import requests, transitions
from helpline.callbacks.errors import StateChanged
from helpline.callbacks.models import Callback
from helpline.callbacks.phone_limits import checks, lifting
from helpline.callbacks.phone_limits.models import (
    FOR_GOOD,
    ActiveCall,
    LimitReason,
    NumberLimit,
    Ring,
)
from helpline.callbacks.row_locks import lock_callback
from helpline.db import advisory_lock, transaction
from helpline.domain.lifecycle import Status
from helpline.messaging import sms
from helpline.privacy import audit, tombstones
from helpline.privacy.encryption import phone_hash

_BATCH_SIZE = 100


def block(callback_id: int, *, days: int, reason: str, supervisor_id: int, now: datetime) -> None:
    """Block the number of a callback from calls and text messages for a number of days.

    A claimed request returns to the queue; a call in progress continues.

    Args:
        reason: why, in words, for supervisors; stored encrypted.

    Raises:
        NoResultFound: there is no such callback.
        StateChanged: it was erased, so its number is unknown.
    """
    with transaction() as session:
        callback = lock_callback(session, callback_id)
        if callback.erased_at is not None:
            raise StateChanged
        limit = NumberLimit(
            phone_hash=callback.phone_hash,
            why=LimitReason.BLOCKED,
            until=now + timedelta(days=days),
            callback_id=callback_id,
            reason=reason,
        )
        _block(session, limit, f"callback:{callback_id}", supervisor_id, now)


def block_after_complaint(e164: str, *, staff_id: int, now: datetime) -> None:
    """Block the number of someone who complained of a call, for good. Idempotent."""
    number_hash = phone_hash(e164)
    with transaction() as session:
        advisory_lock(session, int(number_hash[:15], 16))
        for_good = sa.exists().where(
            NumberLimit.phone_hash == number_hash,
            NumberLimit.until == FOR_GOOD,
            NumberLimit.lifted_at.is_(None),
        )
        if not session.scalar(sa.select(for_good)):
            limit = NumberLimit(phone_hash=number_hash, why=LimitReason.BLOCKED, until=FOR_GOOD)
            _block(session, limit, "number", staff_id, now)


def block_as_asked(session: Session, callback: Callback, *, staff_id: int, now: datetime) -> None:
    """Block the number of a visitor who asked not to be called again, for good; never commits.
    Idempotent.
    """
    if not lifting.asked_blocks(session, NumberLimit.callback_id == callback.id):
        limit = NumberLimit(
            phone_hash=callback.phone_hash,
            why=LimitReason.ASKED,
            until=FOR_GOOD,
            callback_id=callback.id,
        )
        _block(session, limit, f"callback:{callback.id}", staff_id, now)


def lift_as_corrected(
    session: Session, callback: Callback, *, staff_id: int, now: datetime
) -> None:
    """Unblock a number after the outcome that blocked it was corrected; never commits."""
    for limit in lifting.asked_blocks(session, NumberLimit.callback_id == callback.id):
        actor = transitions.staff_actor(staff_id)
        lifting.lift(session, limit, actor=actor, by_staff=staff_id, now=now)


def _block(
    session: Session, limit: NumberLimit, subject: str, staff_id: int, now: datetime
) -> None:
    assert limit.phone_hash is not None
    limit.since, limit.by_staff = now, staff_id
    session.add(limit)
    session.flush()
    tombstones.record_blocked(session, limit.phone_hash, why=limit.why, until=limit.until, at=now)
    actor = transitions.staff_actor(staff_id)
    open_callback = requests.find_open(session, limit.phone_hash)
    if open_callback is not None:
        open_callback = lock_callback(session, open_callback.id)
        sms.withdraw(session, open_callback.id, now=now)
        if open_callback.status == Status.CLAIMED and open_callback.claimed_by is not None:
            transitions.release(
                session, open_callback, advisor_id=open_callback.claimed_by, at=now, actor=actor
            )
    audit.record(
        session,
        at=now,
        actor=actor,
        action="number_blocked",
        subject=subject,
        after={"until": limit.until.isoformat()},
        reason=f"number_rest:{limit.id}",
    )


def unblock(limit_id: int, *, supervisor_id: int, now: datetime) -> None:
    """Unblock a number. Idempotent."""
    with transaction() as session:
        limit = session.get_one(NumberLimit, limit_id, with_for_update=True)
        actor = transitions.staff_actor(supervisor_id)
        lifting.lift(session, limit, actor=actor, by_staff=supervisor_id, now=now)


def erase_expired(*, now: datetime) -> bool:
    """Erase numbers of expired blocks and calls older than a day; return whether there were any."""
    with transaction() as session:
        old_rings = sa.select(Ring.id).where(Ring.at <= now - checks.A_DAY).limit(_BATCH_SIZE)
        deleted = session.execute(sa.delete(Ring).where(Ring.id.in_(old_rings.scalar_subquery())))
        ended = ActiveCall.until <= now - checks.A_DAY
        session.execute(
            sa.delete(ActiveCall).where(ended),
            execution_options={"synchronize_session": False},
        )
        expired_ids = session.scalars(
            sa.select(NumberLimit.id)
            .where(NumberLimit.until <= now, NumberLimit.phone_hash.is_not(None))
            .order_by(NumberLimit.until)
            .limit(_BATCH_SIZE)
            .with_for_update(skip_locked=True)
        ).all()
        if not expired_ids:
            return bool(deleted.rowcount)  # type: ignore[attr-defined]
        session.execute(
            sa.update(NumberLimit).where(NumberLimit.id.in_(expired_ids)).values(phone_hash=None),
            execution_options={"synchronize_session": False},
        )
        return True
