"""Booked callbacks as supervisors see and reschedule them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import requests, slot_booking, transitions
from helpline.callbacks.errors import StateChanged
from helpline.callbacks.models import Callback
from helpline.callbacks.row_locks import lock_callback
from helpline.calls.errors import EarlierNotAgreed
from helpline.db import DataclassBundle, retry_on_deadlock, transaction
from helpline.domain.lifecycle import Status
from helpline.hours import locking
from helpline.privacy import audit
from helpline.staff.models import Staff


@dataclass(frozen=True, slots=True)
class Booking:
    """A booked callback that is still to be made, without personal data.

    Args:
        due_at: when it is called: the booked time, or later before a retry.
        advisor: who has it, if anyone.
    """

    id: int
    slot_at: datetime
    due_at: datetime
    status: Status
    language: str
    attempts_used: int
    held_at: datetime | None
    advisor: str | None


def bookings(session: Session, since: datetime, until: datetime) -> Sequence[Booking]:
    """Return the open callbacks booked for a time in a span, in order of time."""
    return session.scalars(
        sa.select(DataclassBundle("booking", Booking, Callback, advisor=Staff.name))
        .outerjoin(Staff, Staff.id == Callback.claimed_by)
        .where(
            Callback.status.in_((Status.WAITING, Status.CLAIMED, Status.CALLING)),
            Callback.slot_at >= since,
            Callback.slot_at < until,
        )
        .order_by(Callback.slot_at, Callback.id)
    ).all()


@retry_on_deadlock
def reschedule(
    callback_id: int,
    slot_at: datetime,
    *,
    seen_due_at: datetime,
    visitor_agreed: bool,
    supervisor_id: int,
    now: datetime,
) -> None:
    """Reschedule a waiting callback to a free slot. The visitor is notified as after any move.

    Args:
        seen_due_at: when it was due when the supervisor looked.
        visitor_agreed: whether the visitor asked for this time; else it may not be earlier, when
            they do not expect a call.

    Raises:
        EarlierNotAgreed: the slot is earlier, and the visitor did not ask for it.
        SlotUnavailable: the slot is full or no longer offered; the old time is kept.
        StateChanged: an advisor has it, it has ended, or it was rescheduled meanwhile.
    """
    with transaction() as session:
        locking.lock_shared(session)
        callback = lock_callback(session, callback_id)
        if callback.status != Status.WAITING or callback.due_at != seen_due_at:
            raise StateChanged
        if slot_at < callback.due_at and not visitor_agreed:
            raise EarlierNotAgreed
        if slot_at == callback.slot_at == callback.due_at:
            return
        slot_booking.lock_slots(session, callback.slot_at, slot_at)
        requests.require_slot(
            session, slot_at, callback.language, now, book=True, rescheduled_id=callback_id
        )
        actor = transitions.staff_actor(supervisor_id)
        transitions.reschedule(session, callback, at=now, actor=actor, slot_at=slot_at)
        audit.record(
            session,
            at=now,
            actor=actor,
            action="booking_rescheduled",
            subject=f"callback:{callback_id}",
            before=seen_due_at.isoformat(),
            after=slot_at.isoformat(),
            visitor_agreed=visitor_agreed,
        )
