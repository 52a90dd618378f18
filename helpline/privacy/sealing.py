"""Chaining the audit log, and finding out whether the chain holds.

A deed writes its entry, with a MAC, in its own transaction and waits for nobody. A moment later a
worker chains what is new, in the order in which it finds it: the seal of each entry is an HMAC over
what it says and the seal before it. The end of the chain has a MAC too, and each worker keeps the
last end that it knows in a file outside the database.

So whoever has only the database can neither add an entry nor change, remove or move a chained one
without being found out, and cannot have the worker do it: it chains no entry whose MAC is wrong,
and stops where the end of the chain is not genuine, or behind the one in its file (decision 124).
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

from helpline import files
from helpline.db import ONE, changed_one, transaction
from helpline.privacy import audit
from helpline.privacy.encryption import audit_key
from helpline.privacy.models import AuditCheck, AuditEntry, AuditHead
from helpline.rows import add_if_absent

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

MOST_AT_ONCE = 500
CHECK_EVERY = timedelta(days=1)
BEGINNING = "0" * 64
_AT_ONCE_WHEN_READING = 2_000
_FILE_NAME = "audit_end"


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: enough to know, later, that nothing was cut off before it."""

    seq: int
    hash: str


class KnownEnd:
    """The last end of the chain that this machine knows, in a file outside the database.

    Args:
        folder: the instance folder.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / _FILE_NAME

    def read(self) -> Head | None:
        """What is kept; None where nothing is yet.

        Raises:
            ChainRefused: the file is there and says nothing that can be used.
        """
        try:
            number, _, rest = self.path.read_text(encoding="utf-8").strip().partition(":")
        except FileNotFoundError:
            return None
        if not number.isdigit() or len(rest) != len(BEGINNING):
            raise ChainRefused(Refusal.END_FILE)
        return Head(int(number), rest)

    def forget(self) -> None:
        """Keeps none."""
        self.path.unlink(missing_ok=True)

    def keep(self, head: Head) -> None:
        """Keeps an end, in place of the one before."""
        files.put_in_place(self.path, f"{head.seq}:{head.hash}\n")


class Refusal(StrEnum):
    """Why nothing is chained."""

    HEAD_FORGED = "head_forged"
    WENT_BACK = "went_back"
    END_FILE = "end_file"


class ChainRefused(Exception):
    """The end of the chain in the database is not one that may be added to.

    Args:
        why: what is wrong with it.
    """

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


def seal_some(known: KnownEnd) -> bool:
    """Chains the oldest entries that are not chained yet; says whether there may be more. Of all
    workers one does it at a time, and the others do not wait.

    Args:
        known: the last end that this machine knows; kept up to date.

    Raises:
        ChainRefused: nothing was chained.
    """
    with transaction() as session:
        if session.get(AuditHead, 1) is None:
            add_if_absent(
                session, AuditHead, id=1, seq=0, hash=BEGINNING, mac=_mac_of(Head(0, BEGINNING))
            )
        head = session.scalar(
            sa.select(AuditHead).where(AuditHead.id == 1).with_for_update(skip_locked=True),
            execution_options={"populate_existing": True},
        )
        if head is None:
            return False
        before = known.read()
        trusts_unsigned = before is None and _is_from_before_macs(session, head)
        if not trusts_unsigned:
            _need_genuine(head)
            _need_no_way_back(session, head, before)
        entries = _waiting(session, trusts_unsigned=trusts_unsigned)
        for entry in entries:
            entry.seq, entry.prev_hash = head.seq + 1, head.hash
            entry.hash = seal_of(entry)
            head.seq, head.hash = entry.seq, entry.hash
        end = Head(head.seq, head.hash)
        head.mac = _mac_of(end)
    if end != before:
        known.keep(end)
    if entries:
        # Outside of the database, whoever cuts the log off does not reach it.
        log.info("the audit log was sealed", seq=end.seq, seal=end.hash, count=len(entries))
    return len(entries) == MOST_AT_ONCE


def accept_end(known: KnownEnd) -> Head:
    """Take the present end of the chain as the right one, such as after a backup was restored. The
    entry there must still have been chained with the key.

    Raises:
        ChainRefused: it was not, or there are entries after it.
    """
    with transaction() as session:
        head = session.get(AuditHead, 1, populate_existing=True, with_for_update=True)
        end = head_of(session)
        if head is None or _is_from_before_macs(session, head):
            known.forget()
            return end
        if not _is_genuine(head):
            last = session.scalar(sa.select(AuditEntry).where(AuditEntry.seq == head.seq))
            after = session.scalar(sa.select(AuditEntry.id).where(AuditEntry.seq > head.seq))
            if last is None or last.hash != head.hash or not _seal_holds(last) or after:
                raise ChainRefused(Refusal.HEAD_FORGED)
            head.mac = _mac_of(end)
    known.keep(end)
    return end


def _is_from_before_macs(session: Session, head: AuditHead) -> bool:
    """Whether nothing was chained yet by a release that writes MACs. The first worker of one that
    does takes what it finds as it is."""
    chained = sa.select(AuditEntry.id).where(AuditEntry.seq.is_not(None))
    if head.mac is not None:
        return False
    return session.scalar(chained.where(AuditEntry.mac.is_not(None)).limit(ONE)) is None


def _need_genuine(head: AuditHead) -> None:
    if not _is_genuine(head):
        raise ChainRefused(Refusal.HEAD_FORGED)


def _is_genuine(head: AuditHead) -> bool:
    wanted = _mac_of(Head(head.seq, head.hash))
    return head.mac is not None and hmac.compare_digest(wanted, head.mac)


def _need_no_way_back(session: Session, head: AuditHead, before: Head | None) -> None:
    """The chain goes on from the end that was known."""
    if before is None or (head.seq, head.hash) == (before.seq, before.hash):
        return
    if head.seq <= before.seq or not _holds(session, before):
        raise ChainRefused(Refusal.WENT_BACK)


def _holds(session: Session, end: Head) -> bool:
    if end.seq == 0:
        return end.hash == BEGINNING
    there = session.scalar(sa.select(AuditEntry.hash).where(AuditEntry.seq == end.seq))
    return there == end.hash


def _waiting(session: Session, *, trusts_unsigned: bool) -> list[AuditEntry]:
    """The oldest entries to be chained. One whose MAC is wrong is passed over: it never is."""
    found: list[AuditEntry] = []
    for page in _pages_waiting(session):
        chained = _chained(session, page)
        found += [
            each
            for each in page
            if (trusts_unsigned and each.mac is None)
            or (audit.is_genuine(each) and each.uid not in chained)
        ]
        if len(found) >= MOST_AT_ONCE:
            break
    return found[:MOST_AT_ONCE]


def _pages_waiting(session: Session) -> Iterator[Sequence[AuditEntry]]:
    """What is not in the chain, oldest first."""
    after: int | None = None
    while True:
        query = sa.select(AuditEntry).where(AuditEntry.seq.is_(None))
        if after is not None:
            query = query.where(AuditEntry.id > after)
        page = session.scalars(query.order_by(AuditEntry.id).limit(MOST_AT_ONCE)).all()
        yield page
        if len(page) < MOST_AT_ONCE:
            return
        after = page[-1].id


def _chained(session: Session, page: Sequence[AuditEntry]) -> set[str | None]:
    """Which of these are copies of an entry that is in the chain already."""
    uids = [each.uid for each in page if each.uid is not None]
    if not uids:
        return set()
    return set(
        session.scalars(
            sa.select(AuditEntry.uid).where(AuditEntry.uid.in_(uids), AuditEntry.seq.is_not(None))
        )
    )


def _seal_holds(entry: AuditEntry) -> bool:
    """Whether an entry was chained with the key. While a new release is put in, a worker of the one
    before, which knows of no MACs, may still chain entries that have one."""
    if entry.hash is None:
        return False
    if hmac.compare_digest(seal_of(entry), entry.hash):
        return True
    return audit.is_genuine(entry) and hmac.compare_digest(
        seal_of(entry, with_mac=False), entry.hash
    )


def seal_of(entry: AuditEntry, *, with_mac: bool = True) -> str:
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
    if with_mac and (entry.mac is not None or entry.uid is not None):  # Those of before had none.
        told += [entry.uid, entry.mac]
    return hmac.new(audit_key(), audit.canonical(told), "sha256").hexdigest()


def _mac_of(head: Head) -> str:
    told = audit.canonical(["head", head.seq, head.hash])
    return hmac.new(audit_key(), told, "sha256").hexdigest()


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
    """One thing that is wrong.

    Args:
        seq: the place in the chain; the first of those that are missing; 0 for an entry that is
            not in the chain.
        last: the last of those that are missing; else the same place.
        entry_id: the entry that stands there; None where none does.
    """

    flaw: Flaw
    seq: int
    last: int
    entry_id: int | None = None


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


def verify(session: Session, until: Head, *, noted: Sequence[Head] = ()) -> Iterator[int | Finding]:
    """Walks the whole log, the chain from its beginning, and yields what is wrong as it finds it,
    and between that how many entries it has read since it last said so.

    Args:
        until: where the chain ended when the walk began; what is sealed meanwhile is left out.
        noted: ends of the chain that were noted earlier, outside of the database. Whoever puts the
            whole database back to an earlier day is found out by them alone.
    """
    yield from _beside(session, until)
    expected, before, doubted = 1, BEGINNING, False
    hashes = {each.seq: "" for each in noted}
    hashes |= {0: BEGINNING} if 0 in hashes else {}
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
            if entry.seq in hashes:
                hashes[entry.seq] = entry.hash or ""
        yield len(entries)
        session.expunge_all()
        if len(entries) < _AT_ONCE_WHEN_READING:
            break
    if expected <= until.seq:
        yield Finding(Flaw.CUT_OFF, expected, until.seq)
    elif before != until.hash:
        yield Finding(Flaw.NOT_THIS_CHAIN, until.seq, until.seq)
    for each in noted:
        cut = each.seq > until.seq
        if cut or hashes[each.seq] not in ("", each.hash):  # What is missing is told already.
            yield Finding(Flaw.CUT_OFF if cut else Flaw.NOT_THIS_CHAIN, each.seq, each.seq)


def _beside(session: Session, until: Head) -> Iterator[Finding]:
    """What is wrong with the end, and with what is outside of the chain."""
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
    for flaw, which in outside:
        for seq, entry_id in session.execute(sa.select(AuditEntry.seq, AuditEntry.id).where(which)):
            yield Finding(flaw, seq or 0, seq or 0, entry_id)
    for page in _pages_waiting(session):
        for entry in page:
            if not audit.is_genuine(entry):
                yield Finding(Flaw.UNSIGNED, 0, 0, entry.id)
    first = sa.func.min(AuditEntry.id)
    several = sa.select(sa.func.max(AuditEntry.id)).where(AuditEntry.uid.is_not(None))
    for entry_id in session.scalars(
        several.group_by(AuditEntry.uid).having(sa.func.max(AuditEntry.id) > first)
    ):
        yield Finding(Flaw.COPIED, 0, 0, entry_id)


def _flaw_of(entry: AuditEntry, before: str, doubted: bool) -> Flaw | None:
    """What is wrong with one entry. One whose own seal holds is not to blame for following one
    that was doubted already."""
    holds = _seal_holds(entry)
    if entry.prev_hash != before and not (holds and doubted):
        return Flaw.MOVED
    return None if holds else Flaw.CHANGED


def take_check(*, now: datetime) -> bool:
    """Whether it is time to check the whole log; of all workers only one is told so."""
    with transaction() as session:
        add_if_absent(session, AuditCheck, id=1, next_at=now, findings=0)
        return changed_one(
            session,
            sa.update(AuditCheck)
            .where(AuditCheck.id == 1, AuditCheck.next_at <= now)
            .values(next_at=now + CHECK_EVERY),
        )


def note_check(findings: int, *, now: datetime) -> None:
    """Keep what a check found."""
    with transaction() as session:
        session.execute(
            sa.update(AuditCheck)
            .where(AuditCheck.id == 1)
            .values(checked_at=now, findings=findings)
        )
