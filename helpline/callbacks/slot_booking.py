"""The capacity of slots and their bookings, in the caller's transaction; never commits.

Capacity is a fixed number, or what the rota allows. It is read at every booking; existing bookings
stay when the rota shrinks.

A booking counts twice: for its slot and for its language in it. Each count and its limit are
compared by the database in one statement, so that two who want the last place cannot both have it.
A slot is locked before its languages. See docs/decisions/0009-slot-capacity-is-counted-twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from helpline.callbacks.models import Slot, SlotLanguage
from helpline.db import (
    inline_literal,
    on_postgresql,
    updated_one_row,
)
from helpline.domain.rota import capacity_on_shift
from helpline.domain.slots import Capacity
from helpline.hours import queries as hours_queries
from helpline.policy import queries as policy_queries
from helpline.policy.models import CapacityMode, ServicePolicy
from helpline.policy.queries import VisitorRules
from helpline.staff.rota import queries as rota_queries


def capacities(
    session: Session,
    starts: Iterable[datetime],
    now: datetime,
    policy: ServicePolicy | VisitorRules | None = None,
) -> Mapping[datetime, Capacity]:
    """Return the capacity of each start.

    Args:
        policy: a policy other than the one in force, for a preview.
    """
    slot_starts = list(starts)
    policy = policy or policy_queries.current(session)
    if policy.capacity_mode == CapacityMode.FIXED or not slot_starts:
        return dict.fromkeys(slot_starts, Capacity(policy.slot_capacity))
    length = timedelta(minutes=policy.slot_minutes)
    zone = hours_queries.effective_hours(session, now).zone
    begins, ends = min(slot_starts), max(slot_starts) + length
    dates = (begins.astimezone(zone).date(), ends.astimezone(zone).date())
    members = rota_queries.members(session, dates)
    at_work = {member.id: member.rota.at_work(zone, begins, ends) for member in members}
    languages = {member.id: member.languages for member in members}
    share = policy.shift_share_percent
    return {
        start: capacity_on_shift(start, length, at_work, languages, share) for start in slot_starts
    }


def capacity_at(
    session: Session, start: datetime, now: datetime, policy: VisitorRules | None = None
) -> Capacity:
    """Return the capacity of one start."""
    return capacities(session, [start], now, policy)[start]


def book(session: Session, starts_at: datetime, capacity: Capacity, language: str) -> bool:
    """Book one place of a slot for a language; return whether there was one.

    Args:
        capacity: of the slot now.
    """
    language_capacity = capacity.in_language(language)
    if language_capacity < 1 or not _increment(
        session, Slot, capacity=capacity.total, starts_at=starts_at
    ):
        return False
    if not _increment(
        session,
        SlotLanguage,
        capacity=language_capacity,
        starts_at=starts_at,
        language=language,
    ):
        decrement(session, starts_at)
        return False
    return True


def _increment(
    session: Session, model: type[Slot | SlotLanguage], *, capacity: int, **key: Any
) -> bool:
    """Increment a count if there is room, which the first booking inserts; return whether it
    did.
    """
    dialect = postgresql if on_postgresql() else sqlite
    statement = dialect.insert(model).values(**key, capacity=capacity, booked=1)
    counted = session.scalar(
        statement.on_conflict_do_update(
            index_elements=list(key),
            set_={"booked": model.booked + 1, "capacity": capacity},
            where=model.booked < capacity,
        ).returning(model.booked)
    )
    return counted is not None


def lock_slots(session: Session, *starts: datetime | None) -> None:
    """Lock slots, the earlier first, so that two transactions never deadlock. A callback is
    locked before its slots.
    """
    slot_starts = [start for start in starts if start is not None]
    session.scalars(
        sa.select(Slot.starts_at)
        .where(Slot.starts_at.in_(slot_starts))
        .order_by(Slot.starts_at)
        .with_for_update()
    ).all()


def release(session: Session, starts_at: datetime, language: str) -> None:
    """Release one booked place of a language."""
    decrement(session, starts_at)
    updated_one_row(
        session,
        _update_language(starts_at, language)
        .where(SlotLanguage.booked > 0)
        .values(booked=SlotLanguage.booked - 1),
    )


def full_starts(
    session: Session, capacities: Mapping[datetime, Capacity], language: str | None = None
) -> frozenset[datetime]:
    """Return the starts without a free place.

    Args:
        capacities: by start.
        language: None for a place in any language.
    """
    if not capacities:
        return frozenset()
    booked, booked_in_language = (
        bookings(session, capacities),
        _bookings_in_language(session, capacities, language),
    )
    # Mostly there are some everywhere; then only where something is booked there can be none left.
    all_have_capacity = all(capacity.in_language(language) > 0 for capacity in capacities.values())
    return frozenset(
        start
        for start in ({**booked, **booked_in_language} if all_have_capacity else capacities)
        if (capacity := capacities.get(start)) is not None
        and (
            booked.get(start, 0) >= capacity.total
            or booked_in_language.get(start, 0) >= capacity.in_language(language)
        )
    )


def bookings(session: Session, starts: Mapping[datetime, Capacity]) -> Mapping[datetime, int]:
    """Return the bookings by start; starts without bookings are left out."""
    if not starts:
        return {}
    rows = session.execute(
        sa.select(Slot.starts_at, Slot.booked).where(
            Slot.starts_at.between(min(starts), max(starts))
        )
    )
    return {row.starts_at: row.booked for row in rows}


def bookings_as_text(now: sa.BindParameter[datetime]) -> sa.Select[str]:
    """Return a query for all future bookings as one text, a cheap cache key that
    ``bookings_from_text`` reads.
    """
    start = sa.cast(sa.cast(sa.extract("epoch", Slot.starts_at), sa.BigInteger), sa.String)
    each = (start + inline_literal(":") + sa.cast(Slot.booked, sa.String)).label("each")
    entries = sa.select(each).where(Slot.starts_at >= now, Slot.booked > inline_literal(0))
    in_order = entries.order_by(Slot.starts_at).subquery("in_order")
    return sa.select(sa.func.aggregate_strings(in_order.c.each, " "))


def bookings_from_text(text: str) -> Mapping[datetime, int]:
    """Read the text of ``bookings_as_text`` as bookings by start."""
    pairs = (entry.split(":") for entry in text.split())
    return {datetime.fromtimestamp(int(start), UTC): int(count) for start, count in pairs}


def booked_starts(session: Session, now: datetime) -> Sequence[datetime]:
    """Return the future starts with bookings, in order."""
    return session.scalars(
        sa.select(Slot.starts_at)
        .where(Slot.starts_at >= now, Slot.booked > 0)
        .order_by(Slot.starts_at)
    ).all()


def overbooked(session: Session, capacities: Mapping[datetime, Capacity]) -> Mapping[datetime, int]:
    """Return the bookings of starts with more bookings than capacity."""
    booked = bookings(session, capacities)
    return {
        start: booked[start]
        for start, capacity in capacities.items()
        if booked.get(start, 0) > capacity.total
    }


def _bookings_in_language(
    session: Session, starts: Mapping[datetime, Capacity], language: str | None
) -> dict[datetime, int]:
    if language is None:
        return {}
    rows = session.execute(
        sa.select(SlotLanguage.starts_at, SlotLanguage.booked).where(
            SlotLanguage.starts_at.between(min(starts), max(starts)),
            SlotLanguage.language == language,
        )
    )
    return {row.starts_at: row.booked for row in rows}


def _update_language(starts_at: datetime, language: str) -> sa.Update:
    return sa.update(SlotLanguage).where(
        SlotLanguage.starts_at == starts_at, SlotLanguage.language == language
    )


def decrement(session: Session, starts_at: datetime) -> None:
    """Release one place of a slot without a language."""
    updated_one_row(
        session,
        sa.update(Slot)
        .where(Slot.starts_at == starts_at, Slot.booked > 0)
        .values(booked=Slot.booked - 1),
    )
