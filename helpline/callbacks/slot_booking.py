"""Book and release places in a slot, in the caller's transaction; never commits.

A booking counts twice: for its slot and for its language in it. Each count and its limit are
compared by the database in one statement, so that two who want the last place cannot both have it.
A slot is locked before its languages. See docs/decisions/0009-slot-capacity-is-counted-twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from helpline.callbacks.models import Slot, SlotLanguage
from helpline.db import (
    ONE,
    Base,
    Instant,
    inline_literal,
    on_postgresql,
    string_agg,
    updated_one_row,
)
from helpline.domain.rota import Capacity

_START, _LANGUAGE = sa.bindparam("start", type_=Instant), sa.bindparam("spoken", type_=sa.String)
_CAPACITY, _LANGUAGE_CAPACITY = (
    sa.bindparam(name, type_=sa.Integer) for name in ("of_all", "of_it")
)
# Where a SELECT has no WHERE, SQLite takes ON CONFLICT for a part of it.
_FIRST_BOOKING = sa.select(_START, _CAPACITY, ONE).where(sa.true())
_FIRST_LANGUAGE_BOOKING = sa.select(_START, _LANGUAGE, _LANGUAGE_CAPACITY, ONE).where(sa.true())


def book(session: Session, starts_at: datetime, capacity: Capacity, language: str) -> bool:
    """Book one place of a slot for a language; return whether there was one.

    Args:
        capacity: of the slot now.
    """
    params = booking_params(starts_at, capacity, language)
    if params is None:
        return False
    of_all, of_language = _increments(on_postgresql())
    if session.execute(of_all, params).first() is None:
        return False
    if session.execute(of_language, params).first() is None:
        decrement(session, starts_at)
        return False
    return True


def booking_params(starts_at: datetime, capacity: Capacity, language: str) -> dict[str, Any] | None:
    """Return the parameters of the booking statements; None where the language has no capacity."""
    language_capacity = capacity.in_language(language)
    if language_capacity < 1:
        return None
    return {
        "start": starts_at,
        "spoken": language,
        "of_all": capacity.total,
        "of_it": language_capacity,
    }


def counting_ctes() -> tuple[sa.CTE, sa.CTE]:
    """Return the two counts of ``book`` as CTEs for PostgreSQL: of the slot, then of the
    language. Each returns a row where there was room; if only the first does, undo it with
    ``decrement``.
    """
    of_all = _increment(postgresql.insert, Slot, _FIRST_BOOKING).cte("of_all")
    first = _FIRST_LANGUAGE_BOOKING.select_from(of_all)
    return of_all, _increment(postgresql.insert, SlotLanguage, first).cte("of_language")


@cache
def _increments(on_postgres: bool) -> tuple[sa.sql.dml.ReturningInsert[Any], ...]:
    insert = postgresql.insert if on_postgres else sqlite.insert
    return (
        _increment(insert, Slot, _FIRST_BOOKING),
        _increment(insert, SlotLanguage, _FIRST_LANGUAGE_BOOKING),
    )


def _increment(
    insert: Callable[[sa.Table], postgresql.Insert | sqlite.Insert],
    model: type[Base],
    first_row: sa.Select[*tuple[Any, ...]],
) -> sa.sql.dml.ReturningInsert[Any]:
    """Increment a count if there is room; the first booking inserts ``first_row``."""
    table = cast(sa.Table, model.__table__)
    statement = insert(table).from_select([column.key for column in table.columns], first_row)
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={"booked": table.c.booked + 1, "capacity": statement.excluded.capacity},
        where=table.c.booked < statement.excluded.capacity,
    ).returning(table.c.starts_at)


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
    return sa.select(string_agg(in_order.c.each))


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
