"""Queries on callbacks: by link, history, slots on offer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import networks, slot_booking
from helpline.callbacks.errors import NoSuchCallback
from helpline.callbacks.models import Callback, CallbackEvent, Transfer
from helpline.callbacks.networks import Origin
from helpline.callbacks.row_locks import lock_first
from helpline.callbacks.set_aside.models import SetAsideMember
from helpline.db import ONE
from helpline.domain import slots
from helpline.domain.lifecycle import Event, Status
from helpline.domain.opening_hours import OpeningHours
from helpline.domain.slots import Capacity
from helpline.policy import queries as policy_queries
from helpline.policy.models import ServicePolicy
from helpline.policy.queries import VisitorRules
from helpline.privacy.encryption import link_hash, link_token

_PREVIEW_DAYS = 7
RESCHEDULES = (Event.MOVE, Event.MOVE_JOINED)
TIMELINE_EVENTS = (Event.RETRY, Event.CALL_BACK, Event.HOLD, Event.TRY_NOW, *RESCHEDULES)
"""Events that the visitor's page lists one by one."""


@dataclass(frozen=True, slots=True)
class OfferedSlot:
    """A start time as a visitor sees it."""

    starts_at: datetime
    full: bool


def by_link(session: Session, token: str, *, lock: bool = False) -> Callback:
    """Return the callback of a link; raises NoSuchCallback where there is none.

    Args:
        lock: lock the row until the end of the transaction.
    """
    has_link = has_token(link_hash(token))
    query = sa.select(Callback).where(has_link)
    callback = lock_first(session, has_link) if lock else session.scalar(query)
    if callback is None:
        raise NoSuchCallback
    return callback


def has_token(
    token_hash: str | sa.BindParameter[str], callback: type[Callback] = Callback
) -> sa.ColumnElement[bool]:
    """Return a condition: one of the callback's two links has this token."""
    return sa.or_(callback.token_hash == token_hash, callback.reference_token_hash == token_hash)


def is_rescheduled_since(session: Session, callback_id: int, since: datetime) -> bool:
    """Return whether another time was chosen for a callback after this."""
    later = sa.exists().where(
        CallbackEvent.callback_id == callback_id,
        CallbackEvent.event.in_(RESCHEDULES),
        CallbackEvent.at > since,
    )
    return bool(session.scalar(sa.select(later)))


def is_key_used(session: Session, request_key: str) -> bool:
    """Return whether a request with this idempotency key was stored before."""
    query = sa.select(ONE).where(Callback.token_hash == link_hash(link_token(request_key)))
    return session.scalar(query) is not None


def offered_slots(
    session: Session,
    opening_hours: OpeningHours,
    now: datetime,
    language: str | None = None,
    holder: Origin | None = None,
) -> tuple[OfferedSlot, ...]:
    """Return the starts of the booking window with any capacity, full ones marked.

    Args:
        language: the visitor's; full then means no place left in it.
        holder: a network that already holds a slot, for which some are reserved.
    """
    policy = policy_queries.current(session)
    starts = slots.slot_starts(opening_hours, policy_queries.slot_policy(policy), now)
    capacities = slot_booking.capacities(session, starts, now, policy)
    available = (
        networks.capacities_for(capacities, holder, holds_one=True) if holder else capacities
    )
    full = slot_booking.full_starts(session, available, language)
    return _offered(starts, capacities, full)


def offered_slots_from(
    session: Session,
    opening_hours: OpeningHours,
    now: datetime,
    rules: VisitorRules,
    bookings: Mapping[datetime, int],
) -> tuple[OfferedSlot, ...]:
    """Return the same for any language, where policy and bookings are known.

    Args:
        bookings: by start.
    """
    starts = slots.slot_starts(opening_hours, policy_queries.slot_policy(rules), now)
    capacities = slot_booking.capacities(session, starts, now, rules)
    full = {start for start in starts if bookings.get(start, 0) >= capacities[start].total}
    return _offered(starts, capacities, full)


def _offered(
    starts: Sequence[datetime], capacities: Mapping[datetime, Capacity], full: Collection[datetime]
) -> tuple[OfferedSlot, ...]:
    return tuple(OfferedSlot(start, start in full) for start in starts if capacities[start].total)


@dataclass(frozen=True, slots=True)
class DayCapacity:
    """Capacity and bookings of one local date."""

    day: date
    places: int
    booked: int


def upcoming_capacity(
    session: Session, opening_hours: OpeningHours, now: datetime, policy: ServicePolicy
) -> tuple[DayCapacity, ...]:
    """Return the capacity of each of the next seven days.

    Args:
        policy: the one in force, or another for a preview.
    """
    end = now + timedelta(days=_PREVIEW_DAYS)
    starts = slots.slot_starts(opening_hours, policy_queries.slot_policy(policy), now)
    capacities = slot_booking.capacities(
        session, [start for start in starts if start < end], now, policy
    )
    bookings = slot_booking.bookings(session, capacities)
    first = now.astimezone(opening_hours.zone).date()
    days = [first + timedelta(days=number) for number in range(_PREVIEW_DAYS)]
    by_day = {
        day: [start for start in capacities if start.astimezone(opening_hours.zone).date() == day]
        for day in days
    }
    return tuple(
        DayCapacity(
            day,
            sum(capacities[start].total for start in starts_of_day),
            sum(bookings.get(start, 0) for start in starts_of_day),
        )
        for day, starts_of_day in by_day.items()
    )


def overbooked_starts(session: Session, now: datetime) -> Sequence[tuple[datetime, int, int]]:
    """Return future starts with more bookings than capacity: (start, bookings, capacity).

    The bookings stay; someone should come in, or call some of them earlier.
    """
    starts = slot_booking.booked_starts(session, now)
    capacities = slot_booking.capacities(session, starts, now)
    overbooked = slot_booking.overbooked(session, capacities)
    return [(start, count, capacities[start].total) for start, count in sorted(overbooked.items())]


def nearest_free_starts(
    session: Session,
    opening_hours: OpeningHours,
    wanted: datetime,
    now: datetime,
    language: str | None = None,
    holder: Origin | None = None,
) -> tuple[datetime, ...]:
    """Return the three free starts nearest to the one wanted."""
    offered = offered_slots(session, opening_hours, now, language, holder)
    free = [slot.starts_at for slot in offered if not slot.full]
    return slots.nearest(tuple(free), wanted)


class HasStatus(Protocol):
    """A callback, or the view of it that a page shows."""

    @property
    def status(self) -> Status: ...


def shown_status(callback: HasStatus) -> Status:
    """Return the status that the visitor's page shows: a follower looks like any waiting
    request, so that a stranger does not learn that the number was used before.
    """
    return Status.WAITING if callback.status == Status.JOINED else Status(callback.status)


def reschedule_count(session: Session, callback_id: int) -> int:
    """Return how often a callback was rescheduled."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(CallbackEvent)
            .where(CallbackEvent.callback_id == callback_id, CallbackEvent.event.in_(RESCHEDULES))
        )
        or 0
    )


def time_before_reschedule(events: Sequence[CallbackEvent]) -> datetime | None:
    """Return the time that the visitor chose, if staff rescheduled it and they have not chosen
    since.

    Args:
        events: the history, oldest first.
    """
    chosen_time, moved_from = None, None
    for event in events:
        if event.event in RESCHEDULES and event.actor != "visitor":
            moved_from = chosen_time
        elif event.event in (Event.ASK, *RESCHEDULES):
            chosen_time, moved_from = event.due_at, None
    return moved_from


def events_of(session: Session, callback_id: int) -> Sequence[CallbackEvent]:
    """Return the history of a callback, oldest first."""
    return session.scalars(
        sa.select(CallbackEvent)
        .where(CallbackEvent.callback_id == callback_id)
        .order_by(CallbackEvent.id)
    ).all()


def follower_count(session: Session, callback: Callback) -> int:
    """Return how many later requests for the same number wait behind this one."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(Callback)
            .where(
                Callback.phone_hash == callback.phone_hash,
                Callback.status == Status.JOINED,
                ~SetAsideMember.holds(Callback.id),
            )
        )
        or 0
    )


def other_extensions(session: Session, callback: Callback) -> Sequence[str]:
    """Return the extensions of later requests for the same number that differ from this one's:
    other people behind the same switchboard.
    """
    extensions = session.scalars(
        sa.select(Callback.phone_extension)
        .where(
            Callback.phone_hash == callback.phone_hash,
            Callback.status == Status.JOINED,
            Callback.phone_extension.is_not(None),
            ~SetAsideMember.holds(Callback.id),
        )
        .order_by(Callback.id)
    )
    return tuple(
        dict.fromkeys(
            extension
            for extension in extensions
            if extension and extension != callback.phone_extension
        )
    )


def transfers_of(session: Session, callback: Callback) -> Sequence[Transfer]:
    """Return the transfers of a callback, oldest first."""
    return session.scalars(
        sa.select(Transfer).where(Transfer.callback_id == callback.id).order_by(Transfer.id)
    ).all()


def language_of_number(session: Session, phone_hash: str) -> str | None:
    """Return the language of the newest request with this number; None without one."""
    return session.scalar(
        sa.select(sa.func.coalesce(Callback.reads, Callback.language))
        .where(Callback.phone_hash == phone_hash)
        .order_by(Callback.id.desc())
        .limit(ONE)
    )
