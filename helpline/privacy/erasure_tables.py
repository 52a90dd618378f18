"""Erase what the PII inventory lists, in the caller's transaction; never commits.

Tables are known by their names in the inventory only. Erasing twice erases nothing the second time,
so the counts are the proof.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import Base
from helpline.privacy.pii_inventory import INVENTORY, Group, PersonalColumns, columns_of_groups

Counts = Counter[str]
"""Number of erased rows by table."""

_NO_SYNC = {"synchronize_session": False}


def erase_callbacks(
    session: Session, ids: Collection[int], groups: Collection[Group], *, now: datetime
) -> Counts:
    """Erase everything about these callbacks, which have ended and are locked by the caller.

    An inbound call in progress keeps its number until it ends; retention erases it then.
    """
    return _erase_each(
        session,
        (
            (columns, _column(columns, columns.callback).in_(ids))
            for columns in columns_of_groups(groups)
            if columns.callback
        ),
        now,
    )


def erase_number(
    session: Session, number_hash: str, groups: Collection[Group], *, now: datetime
) -> Counts:
    """Erase what a number left behind apart from callbacks: inbound calls and text messages."""
    return _erase_each(
        session,
        (
            (columns, _column(columns, columns.number) == number_hash)
            for columns in columns_of_groups(groups)
            if columns.number
        ),
        now,
    )


def find_older(
    session: Session, columns: PersonalColumns, before: datetime, *, after: object, limit: int
) -> Sequence[Any]:
    """Return the ids of rows that are older and not erased yet, in order.

    Rows of a callback are as old as its end, and are erased at once when the callback is, except
    notes, which have their own retention.

    Args:
        after: the last id found before; None at first.
    """
    query = _older_ids(columns, before).limit(limit)
    if not columns.stamp:  # Otherwise an index has only what is not erased.
        query = query.order_by(_id(columns))
        query = query if after is None else query.where(_id(columns) > after)
    return session.scalars(query).all()


def erase_older(
    session: Session,
    found: Mapping[PersonalColumns, Sequence[Any]],
    before: datetime,
    *,
    now: datetime,
) -> Counts:
    """Erase rows that were found, by table, where they are older still."""
    targets = (
        (columns, _older_ids(columns, before).where(_id(columns).in_(ids)).scalar_subquery())
        for columns, ids in found.items()
    )
    return _erase_each(
        session, ((columns, _id(columns).in_(older)) for columns, older in targets), now
    )


def count_due(session: Session, group: Group, before: datetime) -> int:
    """Return how many rows of a group are older and not erased yet."""
    queries = (
        _older_ids(columns, before).subquery()
        for columns in columns_of_groups((group,))
        if not columns.within
    )
    return sum(
        session.scalar(sa.select(sa.func.count()).select_from(columns)) or 0 for columns in queries
    )


def _older_ids(columns: PersonalColumns, before: datetime) -> sa.Select[Any]:
    query = sa.select(_id(columns)).where(_has_data(columns))
    if columns.stamp:
        return query.where(
            _column(columns, "ended_at") <= before, _column(columns, columns.stamp).is_(None)
        )
    if columns.callback is None:
        return query.where(_column(columns, columns.since) <= before)
    # Read for each row that has data: in a join SQLite begins with all callbacks that are over.
    callback = _table("callback").alias("its_callback")
    its_callback = callback.c.id == _column(columns, columns.callback)
    ended_at = sa.select(callback.c.ended_at).where(its_callback).scalar_subquery()
    is_old = (_column(columns, columns.since) if columns.since else ended_at) <= before
    if columns.group == Group.NOTES:
        return query.where(is_old)
    erased_at = sa.select(callback.c.erased_at).where(its_callback).scalar_subquery()
    return query.where(sa.or_(is_old, sa.and_(erased_at.is_not(None), *_has_ended(columns))))


def _erase_each(
    session: Session,
    targets: Iterable[tuple[PersonalColumns, sa.ColumnElement[bool]]],
    now: datetime,
) -> Counts:
    counts: Counts = Counter()
    for columns, condition in targets:
        ids = session.scalars(
            sa.select(_id(columns))
            .where(condition, _has_data(columns), *_has_ended(columns))
            .order_by(_id(columns))
            .with_for_update()
        ).all()
        if ids:
            for part, leads_to in _parts(columns):
                _erase_rows(session, part, leads_to.in_(ids), counts, now)
            _erase_rows(session, columns, _id(columns).in_(ids), counts, now)
    return counts


def _erase_rows(
    session: Session,
    columns: PersonalColumns,
    condition: sa.ColumnElement[bool],
    counts: Counts,
    now: datetime,
) -> None:
    table = _table(columns.table)
    values: dict[str, object] = dict.fromkeys(columns.columns)
    if columns.stamp:
        values[columns.stamp] = now
    if columns.state:
        values[columns.state[0]] = columns.state[1]
    update = sa.update(table).where(condition).values(values)
    result = session.execute(
        update if columns.columns else sa.delete(table).where(condition), execution_options=_NO_SYNC
    )
    if result.rowcount:  # type: ignore[attr-defined]
        counts[columns.table] += result.rowcount  # type: ignore[attr-defined]


def _has_data(columns: PersonalColumns) -> sa.ColumnElement[bool]:
    """Always true where whole rows are deleted."""
    if not columns.columns:
        return sa.true()
    values = (_column(columns, name).is_not(None) for name in columns.columns)
    parts = (sa.exists().where(leads_to == _id(columns)) for _part, leads_to in _parts(columns))
    return sa.or_(*values, *parts)


def _parts(columns: PersonalColumns) -> list[tuple[PersonalColumns, sa.ColumnElement[object]]]:
    return [
        (part, _column(part, part.within[0]))
        for part in INVENTORY
        if part.within and part.within[1] == columns.table
    ]


def _has_ended(columns: PersonalColumns) -> tuple[sa.ColumnElement[bool], ...]:
    """A call in progress needs its number."""
    table = _table(columns.table)
    return (table.c.ended_at.is_not(None),) if columns.since == "ended_at" else ()


def _id(columns: PersonalColumns) -> sa.ColumnElement[int]:
    (key,) = _table(columns.table).primary_key
    return key


def _column(columns: PersonalColumns, name: str | None) -> sa.ColumnElement[object]:
    assert name is not None
    return _table(columns.table).c[name]


def _table(name: str) -> sa.Table:
    return Base.metadata.tables[name]
