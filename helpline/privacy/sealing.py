"""Chaining the audit log, and finding out whether the chain holds.

A deed writes its entry in its own transaction and waits for nobody. A moment later a worker seals
what is new, in the order in which it finds it: the seal of each entry is an HMAC over what it says
and the seal before it. Whoever changes, removes or moves an entry would have to make every later
seal anew, for which the database does not have the key.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from helpline.db import transaction
from helpline.privacy.encryption import audit_key
from helpline.privacy.models import AuditEntry, AuditHead
from helpline.rows import add_if_absent

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

MOST_AT_ONCE = 500
_AT_ONCE_WHEN_READING = 2_000
BEGINNING = "0" * 64


def seal_some() -> bool:
    """Seals the oldest entries that are not sealed yet; says whether there may be more. Of all
    workers one does it at a time, and the others do not wait."""
    with transaction() as session:
        if session.get(AuditHead, 1) is None:
            add_if_absent(session, AuditHead, id=1, seq=0, hash=BEGINNING)
        head = session.scalar(
            sa.select(AuditHead).where(AuditHead.id == 1).with_for_update(skip_locked=True),
            execution_options={"populate_existing": True},
        )
        if head is None:
            return False
        entries = session.scalars(
            sa.select(AuditEntry)
            .where(AuditEntry.seq.is_(None))
            .order_by(AuditEntry.id)
            .limit(MOST_AT_ONCE)
        ).all()
        for entry in entries:
            entry.seq, entry.prev_hash = head.seq + 1, head.hash
            entry.hash = seal_of(entry)
            head.seq, head.hash = entry.seq, entry.hash
    if entries:
        # Outside of the database, whoever cuts the log off does not reach it.
        log.info("the audit log was sealed", seq=head.seq, seal=head.hash, count=len(entries))
    return len(entries) == MOST_AT_ONCE


def seal_of(entry: AuditEntry) -> str:
    """The seal that belongs to an entry at its place: HMAC-SHA-256, hex."""
    told = [
        entry.seq,
        entry.prev_hash,
        entry.id,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor,
        entry.deed,
        entry.subject,
        entry.detail,
    ]
    canonical = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return hmac.new(audit_key(), canonical.encode(), "sha256").hexdigest()


class Flaw(StrEnum):
    """What can be wrong with the chain."""

    CHANGED = "changed"
    MISSING = "missing"
    MOVED = "moved"
    CUT_OFF = "cut_off"
    NOT_THIS_CHAIN = "not_this_chain"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Args:
        seq: the place in the chain; the first of those that are missing.
        last: the last of those that are missing; else the same place.
        entry_id: the entry that stands there; None where none does.
    """

    flaw: Flaw
    seq: int
    last: int
    entry_id: int | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: enough to know, later, that nothing was cut off before it."""

    seq: int
    hash: str


def head_of(session: Session) -> Head:
    """Where the chain ends now, as the last who sealed noted it."""
    found = session.get(AuditHead, 1, populate_existing=True)
    return Head(found.seq, found.hash) if found else Head(0, BEGINNING)


@dataclass(frozen=True, slots=True)
class Unsealed:
    """What is not in the chain yet."""

    count: int
    oldest_at: datetime | None


def unsealed(session: Session) -> Unsealed:
    """How many entries wait to be sealed, and since when."""
    count, oldest = session.execute(
        sa.select(sa.func.count(), sa.func.min(AuditEntry.at)).where(AuditEntry.seq.is_(None))
    ).one()
    return Unsealed(count, oldest)


def verify(session: Session, until: Head, *, noted: Head | None = None) -> Iterator[int | Finding]:
    """Walks the chain from its beginning, and yields what is wrong as it finds it, and between
    that how many entries it has read since it last said so.

    Args:
        until: where the chain ended when the walk began; what is sealed meanwhile is left out.
        noted: an end of the chain that was noted earlier, outside of the database. Whoever cuts
            the newest entries off and puts the end back is found out by it alone.
    """
    expected, before, doubted = 1, BEGINNING, False
    noted_hash: str | None = None
    while True:
        entries = session.scalars(
            sa.select(AuditEntry)
            .where(AuditEntry.seq >= expected, AuditEntry.seq <= until.seq)
            .order_by(AuditEntry.seq)
            .limit(_AT_ONCE_WHEN_READING)
        ).all()
        for entry in entries:
            assert entry.seq is not None
            if entry.seq > expected:
                yield Finding(Flaw.MISSING, expected, entry.seq - 1)
                before = entry.prev_hash or ""
            flaw = _flaw_of(entry, before, doubted)
            doubted = flaw is not None
            if flaw is not None:
                yield Finding(flaw, entry.seq, entry.seq, entry.id)
            expected, before = entry.seq + 1, entry.hash or ""
            if noted and entry.seq == noted.seq:
                noted_hash = entry.hash
        yield len(entries)
        session.expunge_all()
        if len(entries) < _AT_ONCE_WHEN_READING:
            break
    if expected <= until.seq:
        yield Finding(Flaw.CUT_OFF, expected, until.seq)
    elif before != until.hash:
        yield Finding(Flaw.NOT_THIS_CHAIN, until.seq, until.seq)
    if noted and noted_hash != noted.hash:
        cut = noted.seq > until.seq
        yield Finding(Flaw.CUT_OFF if cut else Flaw.NOT_THIS_CHAIN, noted.seq, noted.seq)


def _flaw_of(entry: AuditEntry, before: str, doubted: bool) -> Flaw | None:
    """What is wrong with one entry. One whose own seal holds is not to blame for following one
    that was doubted already."""
    holds = entry.hash is not None and hmac.compare_digest(seal_of(entry), entry.hash)
    if entry.prev_hash != before and not (holds and doubted):
        return Flaw.MOVED
    return None if holds else Flaw.CHANGED
