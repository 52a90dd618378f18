"""Key rotation: re-encrypt everything with the newest field key, while the service runs.

A value shows by itself whether it needs it, so a run may be interrupted and resumed at any time. A
value is replaced only if it is still the one that was read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import Base, transaction
from helpline.privacy.encryption import (
    EncryptedBytes,
    EncryptedText,
    UnreadableToken,
    renewed,
)

_ROWS_AT_ONCE = 100
_SOUNDS_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Part:
    """The encrypted columns of a table."""

    table: str
    columns: tuple[str, ...]


@dataclass(slots=True)
class Progress:
    """Progress since the last report.

    Args:
        rows: rows read.
        old: values with an older key.
        renewed: values re-encrypted.
        unreadable: values that no key decrypts.
    """

    rows: int = 0
    old: int = 0
    renewed: int = 0
    unreadable: int = 0

    def add(self, more: Progress) -> None:
        self.rows += more.rows
        self.old += more.old
        self.renewed += more.renewed
        self.unreadable += more.unreadable


def parts() -> list[Part]:
    """Return all tables with encrypted columns."""
    found = []
    for table in sorted(Base.metadata.tables.values(), key=lambda each: each.name):
        columns = tuple(
            each.name
            for each in table.columns
            if isinstance(each.type, EncryptedText | EncryptedBytes)
        )
        if columns:
            found.append(Part(table.name, columns))
    return found


def rows_of(part: Part) -> int:
    """Return how many rows have encrypted values."""
    _key, columns = raw_columns(part)
    with transaction() as session:
        counted = sa.select(sa.func.count()).where(_any(columns))
        return session.scalar(counted) or 0


def rotate_table(part: Part, *, renew: bool) -> Iterator[Progress]:
    """Read a table in batches and re-encrypt what has an older key.

    Args:
        renew: False to only count.
    """
    key, columns = raw_columns(part)
    at_once = _SOUNDS_AT_ONCE if _is_heavy(part) else _ROWS_AT_ONCE
    after: Any = None
    while True:
        # Two transactions, so that nothing is locked while the keys are tried.
        with transaction() as session:
            rows = _next_rows(session, key, columns, after, at_once)
        progress = Progress(rows=len(rows))
        changes = [change for row in rows for change in _changes(row, progress)]
        if changes and renew:
            with transaction() as session:
                progress.renewed = _put(session, key, columns, changes)
        yield progress
        if len(rows) < at_once:
            return
        after = rows[-1][0]


@dataclass(frozen=True, slots=True)
class _Change:
    key: Any
    column: int
    before: Any
    after: Any


def _next_rows(
    session: Session,
    key: sa.ColumnClause[Any],
    columns: Sequence[sa.ColumnClause[Any]],
    after: Any,
    most: int,
) -> Sequence[sa.Row[Any]]:
    found = sa.select(key, *columns).where(_any(columns)).order_by(key).limit(most)
    return session.execute(found if after is None else found.where(key > after)).all()


def _changes(row: sa.Row[Any], progress: Progress) -> Iterator[_Change]:
    values: tuple[Any, ...] = row[1:]
    for column, before in enumerate(values):
        if before is None:
            continue
        token = before.encode() if isinstance(before, str) else bytes(before)
        try:
            after = renewed(token)
        except UnreadableToken:
            progress.unreadable += 1
            continue
        if after is not None:
            progress.old += 1
            yield _Change(
                row[0], column, before, after.decode() if isinstance(before, str) else after
            )


def _put(
    session: Session,
    key: sa.ColumnClause[Any],
    columns: Sequence[sa.ColumnClause[Any]],
    changes: Sequence[_Change],
) -> int:
    """Locked rows are left for the next run."""
    table = key.table
    assert isinstance(table, sa.TableClause)
    wanted = sorted({each.key for each in changes})
    free = set(
        session.scalars(
            sa.select(key).where(key.in_(wanted)).order_by(key).with_for_update(skip_locked=True)
        )
    )
    done = 0
    for each in changes:
        if each.key in free:
            column = columns[each.column]
            result = session.execute(
                sa.update(table)
                .where(key == each.key, column == each.before)
                .values({column.name: each.after})
            )
            done += result.rowcount  # type: ignore[attr-defined]
    return done


def raw_columns(part: Part) -> tuple[sa.ColumnClause[Any], list[sa.ColumnClause[Any]]]:
    """Return primary key and encrypted columns of a table, without decryption."""
    model = Base.metadata.tables[part.table]
    (key,) = model.primary_key
    bare = sa.table(
        part.table,
        sa.column(key.name, key.type),
        *(sa.column(name, _stored(model.c[name].type)) for name in part.columns),
    )
    return bare.c[key.name], [bare.c[name] for name in part.columns]


def _stored(kind: Any) -> sa.types.TypeEngine[Any]:
    return sa.LargeBinary() if isinstance(kind, EncryptedBytes) else sa.Text()


def _is_heavy(part: Part) -> bool:
    table = Base.metadata.tables[part.table]
    return any(isinstance(table.c[name].type, EncryptedBytes) for name in part.columns)


def _any(columns: Sequence[sa.ColumnClause[Any]]) -> sa.ColumnElement[bool]:
    return sa.or_(*(each.is_not(None) for each in columns))
