"""Taking and giving back a place in a slot, inside the caller's transaction. Never commits.

A place counts twice: among all of its slot, and among those of its language. Each count and its
limit are compared by the database in one statement, so that two who want the last place cannot both
have it. A slot is locked before its languages.
See docs/decisions/0009-slot-capacity-is-counted-twice.
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

_START, _SPOKEN = sa.bindparam("start", type_=Instant), sa.bindparam("spoken", type_=sa.String)
_OF_ALL, _OF_IT = (sa.bindparam(each, type_=sa.Integer) for each in ("of_all", "of_it"))
# Where a SELECT has no WHERE, SQLite takes ON CONFLICT for a part of it.
_FIRST_OF_ALL = sa.select(_START, _OF_ALL, ONE).where(sa.true())
_FIRST_OF_LANGUAGE = sa.select(_START, _SPOKEN, _OF_IT, ONE).where(sa.true())


def book(session: Session, starts_at: datetime, places: Capacity, language: str) -> bool:
    """Book one place of a slot for a language; return whether there was one.

    Args:
        places: the current capacity.
    """
    told = booking_params(starts_at, places, language)
    if told is None:
        return False
    of_all, of_language = _one_more(on_postgresql())
    if session.execute(of_all, told).first() is None:
        return False
    if session.execute(of_language, told).first() is None:
        decrement(session, starts_at)
        return False
    return True


def booking_params(starts_at: datetime, places: Capacity, language: str) -> dict[str, Any] | None:
    """Return the parameters of the booking statements; None where the language has no capacity."""
    spoken = places.in_language(language)
    if spoken < 1:
        return None
    return {"start": starts_at, "spoken": language, "of_all": places.in_all, "of_it": spoken}


def counting_ctes() -> tuple[sa.CTE, sa.CTE]:
    """Return the two counts of ``take`` as CTEs for PostgreSQL: of all places, then of the
    language.

    Each returns a row where there was room. If only the first does, undo it with ``one_less``.
    """
    of_all = _counting(postgresql.insert, Slot, _FIRST_OF_ALL).cte("of_all")
    first = _FIRST_OF_LANGUAGE.select_from(of_all)
    return of_all, _counting(postgresql.insert, SlotLanguage, first).cte("of_language")


@cache
def _one_more(on_postgres: bool) -> tuple[sa.sql.dml.ReturningInsert[Any], ...]:
    insert = postgresql.insert if on_postgres else sqlite.insert
    return (
        _counting(insert, Slot, _FIRST_OF_ALL),
        _counting(insert, SlotLanguage, _FIRST_OF_LANGUAGE),
    )


def _counting(
    insert: Callable[[sa.Table], postgresql.Insert | sqlite.Insert],
    model: type[Base],
    first: sa.Select[*tuple[Any, ...]],
) -> sa.sql.dml.ReturningInsert[Any]:
    """Increment a count if there is room; the first booking inserts the row.

    Args:
        insert: the dialect's insert.
        first: the row to insert.
    """
    table = cast(sa.Table, model.__table__)
    put = insert(table).from_select([each.key for each in table.columns], first)
    return put.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={"booked": table.c.booked + 1, "capacity": put.excluded.capacity},
        where=table.c.booked < put.excluded.capacity,
    ).returning(table.c.starts_at)


def lock_slots(session: Session, *starts: datetime | None) -> None:
    """Lock slots, the earlier first, so that two transactions never deadlock. A callback is locked
    before
    its slots.
    """
    wanted = [each for each in starts if each is not None]
    session.scalars(
        sa.select(Slot.starts_at)
        .where(Slot.starts_at.in_(wanted))
        .order_by(Slot.starts_at)
        .with_for_update()
    ).all()


def release(session: Session, starts_at: datetime, language: str) -> None:
    """Release one booked place of a language."""
    decrement(session, starts_at)
    updated_one_row(
        session,
        _of_language(starts_at, language)
        .where(SlotLanguage.booked > 0)
        .values(booked=SlotLanguage.booked - 1),
    )


def full_starts(
    session: Session, places: Mapping[datetime, Capacity], language: str | None = None
) -> frozenset[datetime]:
    """Return the starts without a free place.

    Args:
        places: capacity by start.
        language: None for a place in any language.
    """
    if not places:
        return frozenset()
    taken, spoken = booked(session, places), _booked_in(session, places, language)
    # Mostly there are some everywhere; then only where something is booked there can be none left.
    everywhere = all(each.in_language(language) > 0 for each in places.values())
    return frozenset(
        start
        for start in ({**taken, **spoken} if everywhere else places)
        if (there := places.get(start)) is not None
        and (
            taken.get(start, 0) >= there.in_all
            or spoken.get(start, 0) >= there.in_language(language)
        )
    )


def booked(session: Session, starts: Mapping[datetime, Capacity]) -> Mapping[datetime, int]:
    """Return the bookings by start; starts without bookings are left out."""
    if not starts:
        return {}
    rows = session.execute(
        sa.select(Slot.starts_at, Slot.booked).where(
            Slot.starts_at.between(min(starts), max(starts))
        )
    )
    return {row.starts_at: row.booked for row in rows}


def booked_from(now: sa.BindParameter[datetime]) -> sa.Select[str]:
    """Return a query for all future bookings as one text, a cheap cache key that ``booked_read``
    reads.
    """
    start = sa.cast(sa.cast(sa.extract("epoch", Slot.starts_at), sa.BigInteger), sa.String)
    each = (start + inline_literal(":") + sa.cast(Slot.booked, sa.String)).label("each")
    booked = sa.select(each).where(Slot.starts_at >= now, Slot.booked > inline_literal(0))
    in_order = booked.order_by(Slot.starts_at).subquery("in_order")
    return sa.select(string_agg(in_order.c.each))


def booked_read(text: str) -> Mapping[datetime, int]:
    """Read the text of ``booked_from`` as bookings by start."""
    pairs = (each.split(":") for each in text.split())
    return {datetime.fromtimestamp(int(start), UTC): int(count) for start, count in pairs}


def starts_booked(session: Session, now: datetime) -> Sequence[datetime]:
    """Return the future starts with bookings, in order."""
    return session.scalars(
        sa.select(Slot.starts_at)
        .where(Slot.starts_at >= now, Slot.booked > 0)
        .order_by(Slot.starts_at)
    ).all()


def over_committed(session: Session, places: Mapping[datetime, Capacity]) -> Mapping[datetime, int]:
    """Return the bookings of starts with more bookings than capacity."""
    there = booked(session, places)
    return {
        start: there[start] for start, each in places.items() if there.get(start, 0) > each.in_all
    }


def _booked_in(
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


def _of_language(starts_at: datetime, language: str) -> sa.Update:
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
