"""Truncate SQLite's write-ahead log, which holds erased data until then."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from helpline.db import MAX_WAL_BYTES, db, on_postgresql
from helpline.privacy.models import AuditEntry

TRUNCATE_EVERY = timedelta(hours=1)
_BUSY_TIMEOUT_SECONDS = 0.25
"""How long to wait for readers; after that the next round tries again."""
_ERASURE_ACTIONS = ("erased_by_visitor", "erased_on_request", "erased_in_time")


_NEWEST_ERASURE = sa.select(sa.func.max(AuditEntry.id)).where(AuditEntry.deed.in_(_ERASURE_ACTIONS))


class WalTruncation:
    """Truncates the log after an erasure, every hour, and when it is large; one in each worker."""

    def __init__(self) -> None:
        self._newest: int | None = None
        self._at: datetime | None = None

    def truncate_if_due(self, *, now: datetime) -> None:
        """Checkpoint and truncate the log if it is due."""
        if on_postgresql() or not db.engine.url.database:
            return
        newest = db.session.scalar(_NEWEST_ERASURE) or 0
        db.session.rollback()  # A reader would keep the log from being truncated.
        is_late = self._at is None or abs(now - self._at) >= TRUNCATE_EVERY
        log = Path(f"{db.engine.url.database}-wal")
        if newest == self._newest and not is_late and _size(log) <= MAX_WAL_BYTES:
            return
        if truncate(Path(db.engine.url.database)):
            self._newest, self._at = newest, now


def truncate(database: Path) -> bool:
    """Truncate the log of a database file; False where a reader still needs it."""
    with closing(sqlite3.connect(database, timeout=_BUSY_TIMEOUT_SECONDS)) as connection:
        busy, _pages, _copied = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def _size(file: Path) -> int:
    try:
        return os.stat(file).st_size
    except FileNotFoundError:
        return 0
