"""Tables: audit log, key fingerprints, tombstones."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant

UNSEALED = sa.text("seq IS NULL")


class AuditEntry(Base):
    """One audited action, without names, numbers or notes. Triggers refuse every change but the
    seal.

    ``uid`` and ``mac`` are written with the entry; entries from before MACs have none. ``seq``,
    ``prev_hash`` and ``hash`` are its position in the chain, NULL until a worker has sealed it a
    moment later (privacy/audit_chain), so that concurrent actions need not wait for each other.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        sa.Index("uq_audit_entry_seq", "seq", unique=True),
        sa.Index("uq_audit_entry_uid", "uid", unique=True),
        sa.Index("ix_audit_entry_unsealed", "id", sqlite_where=UNSEALED, postgresql_where=UNSEALED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    actor: Mapped[str] = mapped_column(sa.String(40))
    deed: Mapped[str] = mapped_column(sa.String(60), index=True)
    subject: Mapped[str] = mapped_column(sa.String(60), index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    seq: Mapped[int | None]
    prev_hash: Mapped[str | None] = mapped_column(sa.String(64))
    hash: Mapped[str | None] = mapped_column(sa.String(64))
    uid: Mapped[str | None] = mapped_column(sa.String(32))
    mac: Mapped[str | None] = mapped_column(sa.String(64))


class AuditHead(Base):
    """The end of the chain: one row, id 1, locked for sealing."""

    __tablename__ = "audit_head"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(sa.String(64))
    mac: Mapped[str | None] = mapped_column(sa.String(64))


class AuditCheck(Base):
    """When the audit log is verified next, and the last result: one row, id 1."""

    __tablename__ = "audit_check"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    next_at: Mapped[datetime] = mapped_column(Instant)
    checked_at: Mapped[datetime | None] = mapped_column(Instant)
    findings: Mapped[int] = mapped_column(default=0)


class KeyCanary(Base):
    """The fingerprint of a key that the database depends on (privacy/key_check)."""

    __tablename__ = "key_canary"

    key: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(Instant)


class TombstoneKind(StrEnum):
    """What a tombstone records."""

    ENDED = "ended"
    ERASED = "erased"
    NUMBER_ERASED = "number_erased"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    STOPPED = "stopped"
    STARTED = "started"


class Tombstone(Base):
    """An end, erasure, block or STOP, until it is copied to every machine's file.

    ``mark``: hash of the callback or number (privacy/tombstones). ``status``: how a callback ended,
    or why a number was blocked. ``until``: the end of a block.
    """

    __tablename__ = "tombstone"
    __table_args__ = (sa.Index("ix_tombstone_at", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(sa.String(32), unique=True)
    at: Mapped[datetime] = mapped_column(Instant)
    kind: Mapped[TombstoneKind] = mapped_column(sa.String(20))
    mark: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[str | None] = mapped_column(sa.String(20))
    until: Mapped[datetime | None] = mapped_column(Instant)


# A migration that makes audit_entry anew on SQLite must make the triggers anew too.
_SQLITE = (
    "CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    "CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry "
    "WHEN OLD.seq IS NOT NULL OR NEW.seq IS NULL OR NEW.id IS NOT OLD.id "
    "OR NEW.at IS NOT OLD.at OR NEW.actor IS NOT OLD.actor OR NEW.deed IS NOT OLD.deed "
    "OR NEW.subject IS NOT OLD.subject OR NEW.detail IS NOT OLD.detail "
    "OR NEW.uid IS NOT OLD.uid OR NEW.mac IS NOT OLD.mac "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
)
_POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only' "
    "USING ERRCODE = 'integrity_constraint_violation'; END $$",
    "CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry "
    "FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()",
    "CREATE TRIGGER audit_entry_not_emptied BEFORE TRUNCATE ON audit_entry "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()",
    "CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry FOR EACH ROW "
    "WHEN (OLD.seq IS NOT NULL OR NEW.seq IS NULL OR NEW.id IS DISTINCT FROM OLD.id "
    "OR NEW.at IS DISTINCT FROM OLD.at OR NEW.actor IS DISTINCT FROM OLD.actor "
    "OR NEW.deed IS DISTINCT FROM OLD.deed OR NEW.subject IS DISTINCT FROM OLD.subject "
    "OR NEW.detail::text IS DISTINCT FROM OLD.detail::text "
    "OR NEW.uid IS DISTINCT FROM OLD.uid OR NEW.mac IS DISTINCT FROM OLD.mac) "
    "EXECUTE FUNCTION audit_entry_refuse()",
)
for _dialect, _statements in (("sqlite", _SQLITE), ("postgresql", _POSTGRESQL)):
    for _statement in _statements:
        sa.event.listen(
            AuditEntry.__table__,
            "after_create",
            sa.DDL(_statement).execute_if(dialect=_dialect),  # type: ignore[no-untyped-call]
        )
