"""Reading callbacks: by link, and the slots on offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import booking, places
from helpline.callbacks.errors import NoSuchCallback
from helpline.callbacks.models import Callback, CallbackEvent, HandOver
from helpline.domain import slots
from helpline.domain.lifecycle import Status
from helpline.domain.opening_hours import OpeningHours
from helpline.hours import queries as hours
from helpline.privacy.encryption import link_hash


@dataclass(frozen=True, slots=True)
class OfferedSlot:
    """A start time as a visitor sees it."""

    starts_at: datetime
    full: bool


def by_link(session: Session, token: str, *, lock: bool = False) -> Callback:
    """The callback whose status link this is.

    Args:
        lock: nobody else changes it until the end of the transaction.

    Raises:
        NoSuchCallback: there is none.
    """
    found = sa.select(Callback).where(Callback.token_hash == link_hash(token))
    callback = session.scalar(found.with_for_update() if lock else found)
    if callback is None:
        raise NoSuchCallback
    return callback


def offered_slots(
    session: Session, opening_hours: OpeningHours, now: datetime, language: str | None = None
) -> tuple[OfferedSlot, ...]:
    """Every start time of the coming days that has any place, the full ones marked.

    Args:
        language: what the visitor speaks; full is then what has no place left in it.
    """
    policy = hours.policy(session)
    starts = slots.slot_starts(opening_hours, hours.slot_policy(policy), now)
    there = places.of(session, starts, now, policy)
    full = booking.full(session, there, language)
    return tuple(OfferedSlot(each, each in full) for each in starts if there[each].in_all)


def free_near(
    session: Session,
    opening_hours: OpeningHours,
    wanted: datetime,
    now: datetime,
    language: str | None = None,
) -> tuple[datetime, ...]:
    """The three free times nearest to the one wanted, for somebody of this language."""
    offered = offered_slots(session, opening_hours, now, language)
    free = [each.starts_at for each in offered if not each.full]
    return slots.nearest(tuple(free), wanted)


def shown_status(callback: Callback) -> Status:
    """The status as the visitor's page tells it.

    One that stands behind another of the same number looks like any that waits: the page must
    not tell a stranger that the number was here before.
    """
    return Status.WAITING if callback.status == Status.JOINED else Status(callback.status)


def events_of(session: Session, callback: Callback) -> Sequence[CallbackEvent]:
    """The history of a callback, oldest first."""
    return session.scalars(
        sa.select(CallbackEvent)
        .where(CallbackEvent.callback_id == callback.id)
        .order_by(CallbackEvent.id)
    ).all()


def asked_again(session: Session, callback: Callback) -> int:
    """How many later requests for the same number stand behind this one."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(Callback)
            .where(Callback.phone_hash == callback.phone_hash, Callback.status == Status.JOINED)
        )
        or 0
    )


def hand_overs_of(session: Session, callback: Callback) -> Sequence[HandOver]:
    """How a callback was handed on, oldest first."""
    return session.scalars(
        sa.select(HandOver).where(HandOver.callback_id == callback.id).order_by(HandOver.id)
    ).all()


def language_of_number(session: Session, phone_hash: str) -> str | None:
    """The language that was asked for with this number last; None if it never asked."""
    return session.scalar(
        sa.select(Callback.language)
        .where(Callback.phone_hash == phone_hash)
        .order_by(Callback.id.desc())
        .limit(1)
    )
