"""Tombstones: what ended or was erased, so that no restored backup revives it.

Each is a row in the transaction of its action. The worker copies rows to a file outside the
database (``tombstone_file``), and a restore applies those that the backup lacks. They hold hashes,
no name or number (docs/decisions/0018-restored-backups-call-nobody).
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from helpline.privacy.encryption import tombstone_mark
from helpline.privacy.models import Tombstone, TombstoneKind


@dataclass(frozen=True, slots=True)
class TombstoneRecord:
    """A tombstone, as a row or a line; ``ref`` is the same in every copy."""

    ref: str
    at: datetime
    kind: TombstoneKind
    mark: str
    status: str | None = None
    until: datetime | None = None


def record_ended(session: Session, token_hash: str, status: str, *, at: datetime) -> None:
    """Record that a callback has ended."""
    _add(session, TombstoneKind.ENDED, mark_of_callback(token_hash), at, status=status)


def record_erased(session: Session, token_hash: str, *, at: datetime) -> None:
    """Record that all data of a callback's visitor was erased."""
    _add(session, TombstoneKind.ERASED, mark_of_callback(token_hash), at)


def record_number_erased(session: Session, phone_hash: str, *, at: datetime) -> None:
    """Record that inbound calls and text messages of a number were erased."""
    _add(session, TombstoneKind.NUMBER_ERASED, mark_of_number(phone_hash), at)


def record_blocked(
    session: Session, phone_hash: str, *, why: str, until: datetime, at: datetime
) -> None:
    """Record that a number was blocked."""
    _add(session, TombstoneKind.BLOCKED, phone_hash, at, status=why, until=until)


def record_unblocked(
    session: Session, phone_hash: str, *, why: str, until: datetime, at: datetime
) -> None:
    """Record that a block, which had this reason and end, was lifted."""
    _add(session, TombstoneKind.UNBLOCKED, phone_hash, at, status=why, until=until)


def record_stopped(session: Session, phone_hash: str, *, at: datetime) -> None:
    """Record a STOP."""
    _add(session, TombstoneKind.STOPPED, phone_hash, at)


def record_started(session: Session, phone_hash: str, *, at: datetime) -> None:
    """Record a START after STOP."""
    _add(session, TombstoneKind.STARTED, phone_hash, at)


def mark_of_callback(token_hash: str) -> str:
    """Return the mark of a callback. Not its id: a restored database assigns ids anew."""
    return tombstone_mark("callback", token_hash)


def mark_of_number(phone_hash: str) -> str:
    """Return the mark of a number of which nothing else must be known."""
    return tombstone_mark("number", phone_hash)


def _add(
    session: Session,
    kind: TombstoneKind,
    mark: str,
    at: datetime,
    *,
    status: str | None = None,
    until: datetime | None = None,
) -> None:
    store(session, TombstoneRecord(secrets.token_hex(16), at, kind, mark, status, until))


def store(session: Session, stone: TombstoneRecord) -> None:
    """Record an existing tombstone, such as one that a restored database lacks."""
    session.add(Tombstone(**asdict(stone)))
