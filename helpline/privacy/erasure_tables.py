"""Erase what the PII inventory lists, in the caller's transaction; never commits.

Tables are known by their names in the inventory only. Erasing twice erases nothing the second time,
so the counts are the proof.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import Base
from helpline.privacy.pii_inventory import INVENTORY, Group, PersonalColumns, of_groups

Counts = Counter[str]
"""Number of erased rows by table."""

_NO_SYNC = {"synchronize_session": False}


def of_callbacks(
    session: Session, ids: Collection[int], groups: Collection[Group], *, now: datetime
) -> Counts:
    """Erase everything about these callbacks, which have ended and are locked by the caller.

    An inbound call in progress keeps its number until it ends; retention erases it then.
    """
    return _erase_each(
        session,
        (
            (each, _column(each, each.callback).in_(ids))
            for each in of_groups(groups)
            if each.callback
        ),
        now,
    )


def of_number(
    session: Session, number_hash: str, groups: Collection[Group], *, now: datetime
) -> Counts:
    """Erase what a number left behind apart from callbacks: inbound calls and text messages."""
    return _erase_each(
        session,
        (
            (each, _column(each, each.number) == number_hash)
            for each in of_groups(groups)
            if each.number
        ),
        now,
    )


def older_than(
    session: Session, group: Group, before: datetime, *, most: int, now: datetime
) -> Counts:
    """Erase what of a group is older, a limited number of rows of each table.

    Rows of a callback are as old as its end, and are erased at once when the callback is, except
    notes,
    which have their own retention.
    """
    return _erase_each(
        session,
        (
            (each, _id(each).in_(_due(each, before).limit(most).scalar_subquery()))
            for each in of_groups((group,))
            if not each.within
        ),
        now,
    )


def due(session: Session, group: Group, before: datetime) -> int:
    """Return how many rows of a group are older and not erased yet."""
    found = (_due(each, before).subquery() for each in of_groups((group,)) if not each.within)
    return sum(session.scalar(sa.select(sa.func.count()).select_from(each)) or 0 for each in found)


def _due(each: PersonalColumns, before: datetime) -> sa.Select[int]:
    found = sa.select(_id(each)).where(_says_something(each))
    if each.stamp:
        return found.where(_column(each, "ended_at") <= before, _column(each, each.stamp).is_(None))
    if each.callback is None:
        return found.where(_column(each, each.since) <= before)
    callback = _table("callback").alias("its_callback")
    joined = found.select_from(
        _table(each.table).outerjoin(callback, callback.c.id == _column(each, each.callback))
    )
    over = callback.c.ended_at <= before
    own = _column(each, each.since) <= before if each.since else over
    if each.group == Group.NOTES:
        return joined.where(own)
    gone = callback.c.erased_at.is_not(None)
    return joined.where(sa.or_(own, sa.and_(gone, *_is_over(each))))


def _erase_each(
    session: Session, found: Iterable[tuple[PersonalColumns, sa.ColumnElement[bool]]], now: datetime
) -> Counts:
    counts: Counts = Counter()
    for each, which in found:
        ids = session.scalars(
            sa.select(_id(each))
            .where(which, _says_something(each), *_is_over(each))
            .order_by(_id(each))
            .with_for_update()
        ).all()
        if ids:
            for part, leads_to in _parts(each):
                _take(session, part, leads_to.in_(ids), counts, now)
            _take(session, each, _id(each).in_(ids), counts, now)
    return counts


def _take(
    session: Session,
    each: PersonalColumns,
    which: sa.ColumnElement[bool],
    counts: Counts,
    now: datetime,
) -> None:
    table = _table(each.table)
    values: dict[str, object] = dict.fromkeys(each.columns)
    if each.stamp:
        values[each.stamp] = now
    if each.state:
        values[each.state[0]] = each.state[1]
    change = sa.update(table).where(which).values(values)
    done = session.execute(
        change if each.columns else sa.delete(table).where(which), execution_options=_NO_SYNC
    )
    if done.rowcount:  # type: ignore[attr-defined]
        counts[each.table] += done.rowcount  # type: ignore[attr-defined]


def _says_something(each: PersonalColumns) -> sa.ColumnElement[bool]:
    """Whether a row or its parts still hold personal data; always, where whole rows are deleted."""
    if not each.columns:
        return sa.true()
    own = (_column(each, name).is_not(None) for name in each.columns)
    parts = (sa.exists().where(leads_to == _id(each)) for _part, leads_to in _parts(each))
    return sa.or_(*own, *parts)


def _parts(each: PersonalColumns) -> list[tuple[PersonalColumns, sa.ColumnElement[object]]]:
    """The inventory entries that are parts of this one, and the column by which they are."""
    return [
        (part, _column(part, part.within[0]))
        for part in INVENTORY
        if part.within and part.within[1] == each.table
    ]


def _is_over(each: PersonalColumns) -> tuple[sa.ColumnElement[bool], ...]:
    """A call in progress needs its number."""
    table = _table(each.table)
    return (table.c.ended_at.is_not(None),) if each.since == "ended_at" else ()


def _id(each: PersonalColumns) -> sa.ColumnElement[int]:
    (key,) = _table(each.table).primary_key
    return key


def _column(each: PersonalColumns, name: str | None) -> sa.ColumnElement[object]:
    assert name is not None
    return _table(each.table).c[name]


def _table(name: str) -> sa.Table:
    return Base.metadata.tables[name]
