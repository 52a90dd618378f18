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
from helpline.privacy.encryption import EncryptedBytes, EncryptedText, UnreadableToken, reencrypted

_ROWS_PER_BATCH = 100
_RECORDINGS_PER_BATCH = 4


@dataclass(frozen=True, slots=True)
class EncryptedTable:
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


def encrypted_tables() -> list[EncryptedTable]:
    """Return all tables with encrypted columns."""
    tables = []
    for table in sorted(Base.metadata.tables.values(), key=lambda each: each.name):
        columns = tuple(
            item.name
            for item in table.columns
            if isinstance(item.type, EncryptedText | EncryptedBytes)
        )
        if columns:
            tables.append(EncryptedTable(table.name, columns))
    return tables


def count_rows(part: EncryptedTable) -> int:
    """Return how many rows have encrypted values."""
    _key, columns = raw_columns(part)
    with transaction() as session:
        query = sa.select(sa.func.count()).where(_any_present(columns))
        return session.scalar(query) or 0


def rotate_table(part: EncryptedTable, *, renew: bool) -> Iterator[Progress]:
    """Read a table in batches and re-encrypt what has an older key.

    Args:
        renew: False to only count.
    """
    key, columns = raw_columns(part)
    at_once = _RECORDINGS_PER_BATCH if _is_heavy(part) else _ROWS_PER_BATCH
    after: Any = None
    while True:
        # Two transactions, so that nothing is locked while the keys are tried.
        with transaction() as session:
            rows = _next_rows(session, key, columns, after, at_once)
        progress = Progress(rows=len(rows))
        changes = [change for row in rows for change in _changes(row, progress)]
        if changes and renew:
            with transaction() as session:
                progress.renewed = _apply_changes(session, key, columns, changes)
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
    limit: int,
) -> Sequence[sa.Row[Any]]:
    query = sa.select(key, *columns).where(_any_present(columns)).order_by(key).limit(limit)
    return session.execute(query if after is None else query.where(key > after)).all()


def _changes(row: sa.Row[Any], progress: Progress) -> Iterator[_Change]:
    values: tuple[Any, ...] = row[1:]
    for column, before in enumerate(values):
        if before is None:
            continue
        token = before.encode() if isinstance(before, str) else bytes(before)
        try:
            after = reencrypted(token)
        except UnreadableToken:
            progress.unreadable += 1
            continue
        if after is not None:
            progress.old += 1
            yield _Change(
                row[0], column, before, after.decode() if isinstance(before, str) else after
            )


def _apply_changes(
    session: Session,
    key: sa.ColumnClause[Any],
    columns: Sequence[sa.ColumnClause[Any]],
    changes: Sequence[_Change],
) -> int:
    """Locked rows are left for the next run."""
    table = key.table
    assert isinstance(table, sa.TableClause)
    wanted = sorted({change.key for change in changes})
    free = set(
        session.scalars(
            sa.select(key).where(key.in_(wanted)).order_by(key).with_for_update(skip_locked=True)
        )
    )
    updates = [
        sa.update(table)
        .where(key == sa.bindparam("row"), column == sa.bindparam("before"))
        .values({column.name: sa.bindparam("after")})
        for column in columns
    ]
    count = 0
    for change in changes:
        if change.key in free:
            values = {"row": change.key, "before": change.before, "after": change.after}
            result = session.execute(updates[change.column], values)
            count += result.rowcount  # type: ignore[attr-defined]
    return count


def raw_columns(part: EncryptedTable) -> tuple[sa.ColumnClause[Any], list[sa.ColumnClause[Any]]]:
    """Return primary key and encrypted columns of a table, without decryption."""
    model = Base.metadata.tables[part.table]
    (key,) = model.primary_key
    bare = sa.table(
        part.table,
        sa.column(key.name, key.type),
        *(sa.column(name, _stored_type(model.c[name].type)) for name in part.columns),
    )
    return bare.c[key.name], [bare.c[name] for name in part.columns]


def _stored_type(kind: Any) -> sa.types.TypeEngine[Any]:
    return sa.LargeBinary() if isinstance(kind, EncryptedBytes) else sa.Text()


def _is_heavy(part: EncryptedTable) -> bool:
    table = Base.metadata.tables[part.table]
    return any(isinstance(table.c[name].type, EncryptedBytes) for name in part.columns)


def _any_present(columns: Sequence[sa.ColumnClause[Any]]) -> sa.ColumnElement[bool]:
    return sa.or_(*(column.is_not(None) for column in columns))
