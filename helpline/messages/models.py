"""Outbox rows, and the sign of life of the workers who carry them out."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant


class Kind(StrEnum):
    """What the worker is to do."""

    PLACE_CALL = "place_call"


class OutboxState(StrEnum):
    """Where an effect stands. A row in hand is settled by looking, never by doing it again."""

    PENDING = "pending"
    IN_HAND = "in_hand"
    DONE = "done"
    GIVEN_UP = "given_up"


class OutboxRow(Base):
    """One effect on the outside world. ``subject_id`` is the attempt it belongs to."""

    __tablename__ = "outbox"
    __table_args__ = (
        sa.UniqueConstraint("kind", "subject_id"),
        sa.Index(
            "ix_outbox_pending",
            "not_before",
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Kind] = mapped_column(sa.String(20))
    subject_id: Mapped[int]
    state: Mapped[OutboxState] = mapped_column(sa.String(20))
    created_at: Mapped[datetime] = mapped_column(Instant)
    not_before: Mapped[datetime] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(default=0)
    taken_at: Mapped[datetime | None] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    problem: Mapped[str | None] = mapped_column(sa.String(60))


class Heartbeat(Base):
    """When a worker last finished a round."""

    __tablename__ = "worker_heartbeat"

    worker: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(Instant)
    at: Mapped[datetime] = mapped_column(Instant)
