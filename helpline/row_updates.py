"""Single rows by cached statements: insert, and update under guards without a read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from helpline.db import Base, on_postgresql
from helpline.raw_sql import fetch_rows


def guarded_update(
    session: Session,
    row: Base,
    where: Mapping[str, Any],
    *guards: sa.ColumnElement[bool],
    fresh: tuple[str, ...] = (),
    **values: Any,
) -> bool:
    """Update a row if it still matches, and return whether it did.

    The object is updated with it; if nothing was written it is left unchanged. Pending changes of
    the object are flushed along.

    Args:
        row: an object of the session, of a table whose primary key is ``id``.
        where: the values that these columns must have, None included.
        guards: further conditions.
        fresh: columns that may have been written since the row was read, to be read back.
        values: plain values; no expressions.
    """
    state = sa.inspect(row)
    assert state.identity is not None
    unwritten = {name: getattr(row, name) for name in state.committed_state}
    values = {**unwritten, **values}
    nulls = frozenset(name for name, value in where.items() if value is None)
    statement = _update_statement(type(row), tuple(values), tuple(where), nulls, fresh)
    params = {f"new_{name}": value for name, value in values.items()}
    params |= {f"old_{name}": value for name, value in where.items() if value is not None}
    params["row_id"] = state.identity[0]
    if guards:
        changed = session.connection().execute(statement.where(*guards), params).all()
    else:
        changed = fetch_rows(session, statement, params)
    if not changed:
        return False
    for name, value in (*values.items(), *zip(fresh, changed[0][1:], strict=True)):
        set_committed_value(row, name, value)
    return True


def insert(session: Session, model: type[Base], **values: Any) -> int:
    """Insert a row and return its id."""
    [(key,)] = fetch_rows(session, _insert_statement(model), values)
    return int(key)


def insert_or_ignore(session: Session, model: type[Base], **values: Any) -> bool:
    """Insert a row unless a unique constraint forbids it; return whether it was inserted."""
    return bool(fetch_rows(session, _insert_or_ignore_statement(model, on_postgresql()), values))


@cache
def _insert_statement(model: type[Base]) -> sa.sql.dml.ReturningInsert[int]:
    table = cast(sa.Table, model.__table__)
    return sa.insert(table).returning(table.c.id)


@cache
def _insert_or_ignore_statement(
    model: type[Base], on_postgresql: bool
) -> sa.sql.dml.ReturningInsert[*tuple[Any, ...]]:
    table = cast(sa.Table, model.__table__)
    insert = postgresql.insert(table) if on_postgresql else sqlite.insert(table)
    return insert.on_conflict_do_nothing().returning(*table.primary_key)


@cache
def _update_statement(
    model: type[Base],
    values: tuple[str, ...],
    where: tuple[str, ...],
    nulls: frozenset[str],
    fresh: tuple[str, ...],
) -> sa.sql.dml.ReturningUpdate[*tuple[Any, ...]]:
    table = cast(sa.Table, model.__table__)
    guards = [
        table.c[name].is_(None)
        if name in nulls
        else table.c[name] == sa.bindparam(f"old_{name}", type_=table.c[name].type)
        for name in where
    ]
    new = {name: sa.bindparam(f"new_{name}", type_=table.c[name].type) for name in values}
    return (
        sa.update(table)
        .where(table.c.id == sa.bindparam("row_id"), *guards)
        .values(new)
        .returning(table.c.id, *(table.c[name] for name in fresh))
    )
