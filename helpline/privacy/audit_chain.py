"""The audit chain: seal entries and verify them.

An action writes its entry with a MAC in its own transaction, without waiting. A moment later a
worker chains new entries: the seal of each is an HMAC over its content and the previous seal. The
end of the chain has a MAC too, and each worker keeps the last end it knows in a file outside the
database.

So access to the database alone does not allow entries to be added, changed, removed or reordered
undetected, nor to have the worker do it: it chains no entry with a wrong MAC, and stops where the
end of the chain is not genuine or is behind the one in its file
(docs/decisions/0017-audit-log-mac-then-chain).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from helpline import atomic_files
from helpline.db import ONE, insert_or_ignore, read_snapshot, transaction, updated_one_row
from helpline.privacy import audit
from helpline.privacy.encryption import audit_key
from helpline.privacy.models import AuditCheck, AuditEntry, AuditHead

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

MAX_BATCH = 500
CHECK_EVERY = timedelta(days=1)
BEGINNING = "0" * 64
_READ_BATCH = 2_000
_FILE_NAME = "audit_end"


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain, with which a truncated chain is detected."""

    seq: int
    hash: str


class KnownEnd:
    """The last end of the chain known to this machine, in a file of the instance folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / _FILE_NAME

    def read(self) -> Head | None:
        """Return the stored end, or None.

        Raises:
            ChainRefused: the file is unusable.
        """
        try:
            number, _, rest = self.path.read_text(encoding="utf-8").strip().partition(":")
        except FileNotFoundError:
            return None
        if not number.isdigit() or len(rest) != len(BEGINNING):
            raise ChainRefused(Refusal.END_FILE)
        return Head(int(number), rest)

    def forget(self) -> None:
        self.path.unlink(missing_ok=True)

    def keep(self, head: Head) -> None:
        atomic_files.write_atomic(self.path, f"{head.seq}:{head.hash}\n")


class Refusal(StrEnum):
    """Why nothing is chained."""

    HEAD_FORGED = "head_forged"
    WENT_BACK = "went_back"
    END_FILE = "end_file"


class ChainRefused(Exception):
    """The end of the chain in the database must not be extended; ``why`` is the reason."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


def seal_batch(known_end: KnownEnd) -> bool:
    """Seal a batch of the oldest unsealed entries; return whether there may be more.

    One worker at a time does it; the others do not wait.

    Args:
        known_end: the last end known to this machine; updated.

    Raises:
        ChainRefused: nothing was sealed.
    """
    with read_snapshot() as session:
        if _is_all_sealed(session, known_end):
            return False
    with transaction() as session:
        if session.get(AuditHead, 1) is None:
            insert_or_ignore(
                session, AuditHead, id=1, seq=0, hash=BEGINNING, mac=_head_mac(Head(0, BEGINNING))
            )
        head = session.scalar(
            sa.select(AuditHead).where(AuditHead.id == 1).with_for_update(skip_locked=True),
            execution_options={"populate_existing": True},
        )
        if head is None:
            return False
        before = known_end.read()
        trusts_unsigned = before is None and _is_from_before_macs(session, head)
        if not trusts_unsigned:
            _require_genuine(head)
            _require_no_rollback(session, head, before)
        entries = _sealable_entries(session, trusts_unsigned=trusts_unsigned)
        for entry in entries:
            entry.seq, entry.prev_hash = head.seq + 1, head.hash
            entry.hash = seal_of(entry)
            head.seq, head.hash = entry.seq, entry.hash
        end = Head(head.seq, head.hash)
        head.mac = _head_mac(end)
    if end != before:
        known_end.keep(end)
    if entries:
        # Outside of the database, whoever cuts the log off does not reach it.
        log.info("audit log entries sealed", seq=end.seq, seal=end.hash, count=len(entries))
    return len(entries) == MAX_BATCH


def _is_all_sealed(session: Session, known_end: KnownEnd) -> bool:
    """Whether the genuine end of the chain is the one known to this machine and nothing follows."""
    unsealed = sa.select(AuditEntry.id).where(AuditEntry.seq.is_(None)).exists()
    row = session.execute(sa.select(AuditHead, unsealed).where(AuditHead.id == 1)).one_or_none()
    if row is None or row[1] or known_end.read() != Head(row[0].seq, row[0].hash):
        return False
    _require_genuine(row[0])
    return True


def accept_end(known_end: KnownEnd) -> Head:
    """Accept the present end of the chain, such as after a restore.

    Raises:
        ChainRefused: it was not sealed with the key, or entries follow it.
    """
    with transaction() as session:
        head = session.get(AuditHead, 1, populate_existing=True, with_for_update=True)
        end = head_of(session)
        if head is None or _is_from_before_macs(session, head):
            known_end.forget()
            return end
        if not _is_genuine(head):
            last = session.scalar(sa.select(AuditEntry).where(AuditEntry.seq == head.seq))
            after = session.scalar(sa.select(AuditEntry.id).where(AuditEntry.seq > head.seq))
            if last is None or last.hash != head.hash or not _is_seal_valid(last) or after:
                raise ChainRefused(Refusal.HEAD_FORGED)
            head.mac = _head_mac(end)
    known_end.keep(end)
    return end


def _is_from_before_macs(session: Session, head: AuditHead) -> bool:
    """Until a release with MACs has sealed anything, its first worker trusts what it finds."""
    chained = sa.select(AuditEntry.id).where(AuditEntry.seq.is_not(None))
    if head.mac is not None:
        return False
    return session.scalar(chained.where(AuditEntry.mac.is_not(None)).limit(ONE)) is None


def _require_genuine(head: AuditHead) -> None:
    if not _is_genuine(head):
        raise ChainRefused(Refusal.HEAD_FORGED)


def _is_genuine(head: AuditHead) -> bool:
    expected = _head_mac(Head(head.seq, head.hash))
    return head.mac is not None and hmac.compare_digest(expected, head.mac)


def _require_no_rollback(session: Session, head: AuditHead, before: Head | None) -> None:
    if before is None or (head.seq, head.hash) == (before.seq, before.hash):
        return
    if head.seq <= before.seq or not _contains_end(session, before):
        raise ChainRefused(Refusal.WENT_BACK)


def _contains_end(session: Session, end: Head) -> bool:
    if end.seq == 0:
        return end.hash == BEGINNING
    stored_hash = session.scalar(sa.select(AuditEntry.hash).where(AuditEntry.seq == end.seq))
    return stored_hash == end.hash


def _sealable_entries(session: Session, *, trusts_unsigned: bool) -> list[AuditEntry]:
    """Those with a wrong MAC are never sealed."""
    entries: list[AuditEntry] = []
    for page in _unsealed_pages(session):
        chained = _chained_uids(session, page)
        entries += [
            entry
            for entry in page
            if (trusts_unsigned and entry.mac is None)
            or (audit.is_genuine(entry) and entry.uid not in chained)
        ]
        if len(entries) >= MAX_BATCH:
            break
    return entries[:MAX_BATCH]


def _unsealed_pages(session: Session) -> Iterator[Sequence[AuditEntry]]:
    after: int | None = None
    while True:
        query = sa.select(AuditEntry).where(AuditEntry.seq.is_(None))
        if after is not None:
            query = query.where(AuditEntry.id > after)
        page = session.scalars(query.order_by(AuditEntry.id).limit(MAX_BATCH)).all()
        yield page
        if len(page) < MAX_BATCH:
            return
        after = page[-1].id


def _chained_uids(session: Session, page: Sequence[AuditEntry]) -> set[str | None]:
    uids = [entry.uid for entry in page if entry.uid is not None]
    if not uids:
        return set()
    return set(
        session.scalars(
            sa.select(AuditEntry.uid).where(AuditEntry.uid.in_(uids), AuditEntry.seq.is_not(None))
        )
    )


def _is_seal_valid(entry: AuditEntry) -> bool:
    """During an upgrade, a worker without MACs may still seal entries that have one."""
    if entry.hash is None:
        return False
    if hmac.compare_digest(seal_of(entry), entry.hash):
        return True
    return audit.is_genuine(entry) and hmac.compare_digest(
        seal_of(entry, with_mac=False), entry.hash
    )


def seal_of(entry: AuditEntry, *, with_mac: bool = True) -> str:
    """Return the seal of an entry at its position: HMAC-SHA-256, hex."""
    values = [
        entry.seq,
        entry.prev_hash,
        entry.id,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor,
        entry.deed,
        entry.subject,
        entry.detail,
    ]
    if with_mac and (entry.mac is not None or entry.uid is not None):  # Those of before had none.
        values += [entry.uid, entry.mac]
    return hmac.new(audit_key(), audit.canonical(values), "sha256").hexdigest()


def _head_mac(head: Head) -> str:
    message = audit.canonical(["head", head.seq, head.hash])
    return hmac.new(audit_key(), message, "sha256").hexdigest()


class Flaw(StrEnum):
    """What can be wrong with the log."""

    CHANGED = "changed"
    MISSING = "missing"
    MOVED = "moved"
    CUT_OFF = "cut_off"
    NOT_THIS_CHAIN = "not_this_chain"
    HEAD_FORGED = "head_forged"
    BEHIND_HEAD = "behind_head"
    BEFORE_BEGINNING = "before_beginning"
    UNSIGNED = "unsigned"
    COPIED = "copied"


@dataclass(frozen=True, slots=True)
class Finding:
    """A flaw found.

    Args:
        seq: position in the chain, or the first missing one; 0 for an entry outside the chain.
        last: the last missing position; else ``seq``.
        entry_id: the entry concerned; None for none.
    """

    flaw: Flaw
    seq: int
    last: int
    entry_id: int | None = None


def head_of(session: Session) -> Head:
    """Return the end of the chain as last sealed."""
    stored = session.get(AuditHead, 1, populate_existing=True)
    return Head(stored.seq, stored.hash) if stored else Head(0, BEGINNING)


@dataclass(frozen=True, slots=True)
class Unsealed:
    """Entries not yet sealed."""

    count: int
    oldest_at: datetime | None


def unsealed(session: Session) -> Unsealed:
    """Return how many entries wait to be sealed, and since when."""
    count, oldest = session.execute(
        sa.select(sa.func.count(), sa.func.min(AuditEntry.at)).where(AuditEntry.seq.is_(None))
    ).one()
    return Unsealed(count, oldest)


def verify(
    session: Session, until: Head, *, recorded_ends: Sequence[Head] = ()
) -> Iterator[int | Finding]:
    """Verify the whole log; yield findings, and between them the number of entries read.

    Args:
        until: the end of the chain at the start; later seals are left out.
        recorded_ends: earlier ends from outside the database, which alone detect a database that
            was put back to an earlier state as a whole.
    """
    yield from _outside_findings(session, until)
    expected, before, doubted = 1, BEGINNING, False
    hashes = {head.seq: "" for head in recorded_ends}
    hashes |= {0: BEGINNING} if 0 in hashes else {}
    while True:
        entries = session.scalars(
            sa.select(AuditEntry)
            .where(AuditEntry.seq >= expected, AuditEntry.seq <= until.seq)
            .order_by(AuditEntry.seq)
            .limit(_READ_BATCH)
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
            if entry.seq in hashes:
                hashes[entry.seq] = entry.hash or ""
        yield len(entries)
        session.expunge_all()
        if len(entries) < _READ_BATCH:
            break
    if expected <= until.seq:
        yield Finding(Flaw.CUT_OFF, expected, until.seq)
    elif before != until.hash:
        yield Finding(Flaw.NOT_THIS_CHAIN, until.seq, until.seq)
    for head in recorded_ends:
        is_cut_off = head.seq > until.seq
        if is_cut_off or hashes[head.seq] not in (
            "",
            head.hash,
        ):  # What is missing is told already.
            yield Finding(Flaw.CUT_OFF if is_cut_off else Flaw.NOT_THIS_CHAIN, head.seq, head.seq)


def _outside_findings(session: Session, until: Head) -> Iterator[Finding]:
    """Flaws of the end, and of entries outside the chain."""
    head = session.get(AuditHead, 1, populate_existing=True)
    if head is not None and head.mac is None and head.seq == 0 and head.hash == BEGINNING:
        pass  # No worker of this release has run yet.
    elif head is not None and not _is_genuine(head):
        yield Finding(Flaw.HEAD_FORGED, until.seq, until.seq)
    # In one statement with the end, which moves on while this is read.
    end = sa.select(AuditHead.seq).where(AuditHead.id == 1).scalar_subquery()
    outside = (
        (Flaw.BEHIND_HEAD, AuditEntry.seq > sa.func.coalesce(end, 0)),
        (Flaw.BEFORE_BEGINNING, AuditEntry.seq < 1),
    )
    for flaw, condition in outside:
        for seq, entry_id in session.execute(
            sa.select(AuditEntry.seq, AuditEntry.id).where(condition)
        ):
            yield Finding(flaw, seq or 0, seq or 0, entry_id)
    for page in _unsealed_pages(session):
        for entry in page:
            if not audit.is_genuine(entry):
                yield Finding(Flaw.UNSIGNED, 0, 0, entry.id)
    first = sa.func.min(AuditEntry.id)
    copies = sa.select(sa.func.max(AuditEntry.id)).where(AuditEntry.uid.is_not(None))
    for entry_id in session.scalars(
        copies.group_by(AuditEntry.uid).having(sa.func.max(AuditEntry.id) > first)
    ):
        yield Finding(Flaw.COPIED, 0, 0, entry_id)


def _flaw_of(entry: AuditEntry, before: str, doubted: bool) -> Flaw | None:
    """An intact entry is not blamed for following a doubtful one."""
    is_valid = _is_seal_valid(entry)
    if entry.prev_hash != before and not (is_valid and doubted):
        return Flaw.MOVED
    return None if is_valid else Flaw.CHANGED


def reserve_check(*, now: datetime) -> bool:
    """Return whether it is time to verify the log; True for one worker only."""
    with transaction() as session:
        insert_or_ignore(session, AuditCheck, id=1, next_at=now, findings=0)
        return updated_one_row(
            session,
            sa.update(AuditCheck)
            .where(AuditCheck.id == 1, AuditCheck.next_at <= now)
            .values(next_at=now + CHECK_EVERY),
        )


def record_check(findings: int, *, now: datetime) -> None:
    """Record the result of a verification."""
    with transaction() as session:
        session.execute(
            sa.update(AuditCheck)
            .where(AuditCheck.id == 1)
            .values(checked_at=now, findings=findings)
        )
