"""What staff do for somebody who calls in: find their requests, cancel or reschedule one, mark the
number as unsafe, make a request. Each leaves an audit entry; that of a look-up says what for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import service, transitions
from helpline.callbacks.errors import NoSuchCallback, StateChanged
from helpline.callbacks.models import Callback
from helpline.callbacks.phone_limits import service as phone_limits
from helpline.callbacks.references import OPENS_FOR
from helpline.callbacks.row_locks import lock_callbacks
from helpline.db import retry_on_deadlock, transaction
from helpline.domain.lifecycle import ENDED, Status
from helpline.hours import queries as hours_queries
from helpline.privacy import audit
from helpline.privacy.encryption import phone_hash, reference_token
from helpline.staff import queries as staff_queries
from helpline.staff.models import PresenceState
from helpline.staff.rota import queries as rota_queries

_AT_DESK_FOR = timedelta(hours=1)
"""How long an advisor counts as on duty after their desk was last open."""


class Purpose(StrEnum):
    """What a request is looked up for."""

    CANCEL = "cancel"
    UNSAFE = "unsafe"
    RESCHEDULE = "reschedule"
    QUESTION = "question"


def is_on_duty(session: Session, staff_id: int, now: datetime) -> bool:
    """Return whether an advisor is on duty: on shift by the rota, or not offline at their desk."""
    presence = staff_queries.presence_of(session, staff_id)
    if (
        presence is not None
        and presence.state != PresenceState.OFFLINE
        and presence.last_seen_at > now - _AT_DESK_FOR
    ):
        return True
    zone = hours_queries.effective_hours(session, now).zone
    return staff_id in rota_queries.on_shift(session, zone, now)


def look_up_reference(
    reference: str, *, purpose: Purpose, staff_id: int, now: datetime
) -> Sequence[Callback]:
    """Return the request of a reference, and audit who looked and what for."""
    return _look_up(Callback.reference == reference, "reference", purpose, staff_id, now)


def look_up_number(
    e164: str, *, purpose: Purpose, staff_id: int, now: datetime
) -> Sequence[Callback]:
    """Return the requests of a number that are open or were over lately, newest first, and audit
    who looked and what for. The number is recorded nowhere.
    """
    return _look_up(Callback.phone_hash == phone_hash(e164), "number", purpose, staff_id, now)


def _look_up(
    condition: sa.ColumnElement[bool],
    by: str,
    purpose: Purpose,
    staff_id: int,
    now: datetime,
) -> Sequence[Callback]:
    is_recent = sa.or_(Callback.ended_at.is_(None), Callback.ended_at > now - OPENS_FOR)
    with transaction() as session:
        found = session.scalars(
            sa.select(Callback).where(condition, is_recent).order_by(Callback.id.desc())
        ).all()
        for subject in [f"callback:{callback.id}" for callback in found] or [by]:
            audit.record(
                session,
                at=now,
                actor=transitions.staff_actor(staff_id),
                action="request_looked_up",
                subject=subject,
                by=by,
                what=purpose,
            )
        return found


def record_refusal(*, staff_id: int, now: datetime) -> None:
    """Audit that a look-up was refused, because this member of staff made too many."""
    with transaction() as session:
        actor = transitions.staff_actor(staff_id)
        audit.record(session, at=now, actor=actor, action="look_up_refused", subject=actor)


def cancel(callback: Callback, *, staff_id: int, now: datetime) -> None:
    """Cancel a request as its visitor asked by phone.

    Raises:
        StateChanged: it has ended.
    """
    try:
        service.cancel(_link_of(callback), now=now, staff_id=staff_id)
    except NoSuchCallback as error:
        raise StateChanged from error


def reschedule(
    callback: Callback, slot_at: datetime | None, *, staff_id: int, now: datetime
) -> None:
    """Reschedule a request as its visitor asked by phone (None: as soon as possible).

    Raises:
        SlotUnavailable: the slot is full or no longer offered; the old time is kept.
        StateChanged: an advisor has claimed it, or it has ended.
    """
    try:
        service.reschedule(_link_of(callback), slot_at, now=now, staff_id=staff_id)
    except NoSuchCallback as error:
        raise StateChanged from error


def mark_unsafe(
    callback: Callback, *, days: int, reason: str, staff_id: int, now: datetime
) -> None:
    """Block the number of a request, then cancel its open requests: nobody calls it any more.

    Args:
        reason: in words, for supervisors.

    Raises:
        StateChanged: it was erased, so its number is unknown.
    """
    number = callback.phone_hash
    # Blocked first: should the rest fail, the number is called by nobody all the same.
    phone_limits.block(callback.id, days=days, reason=reason, supervisor_id=staff_id, now=now)
    _cancel_all(number, staff_id, now)


@retry_on_deadlock
def _cancel_all(number: str, staff_id: int, now: datetime) -> None:
    actor = transitions.staff_actor(staff_id)
    with transaction() as session:
        callbacks = lock_callbacks(
            session, Callback.phone_hash == number, Callback.status.not_in(ENDED)
        )
        # Followers first, so that none of them takes over.
        for callback in sorted(callbacks, key=lambda row: row.status != Status.JOINED):
            transitions.cancel(session, callback, at=now, actor=actor)
            audit.record(
                session,
                at=now,
                actor=actor,
                action="cancelled_as_unsafe",
                subject=f"callback:{callback.id}",
            )


def _link_of(callback: Callback) -> str:
    return reference_token(callback.token_hash)
