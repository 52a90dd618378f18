"""When a number was rung, and until when it rests. Known by its keyed hash alone."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant
from helpline.privacy.encryption import EncryptedText

IN_FORCE = sa.text("lifted_at IS NULL")


class LimitReason(StrEnum):
    """Why a number rests."""

    BLOCKED = "blocked"
    RUNG_ENOUGH = "rung_enough"


class Ring(Base):
    """A visitor's phone was about to ring. It stays for a day also if its callback is erased, or
    whoever pesters a number could begin anew by erasing what they asked for."""

    __tablename__ = "ring"
    __table_args__ = (
        sa.Index("ix_ring_phone_hash", "phone_hash", "at"),
        sa.Index("ix_ring_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    phone_hash: Mapped[str] = mapped_column(sa.String(64))
    callback_id: Mapped[int] = mapped_column(sa.ForeignKey("callback.id"))
    at: Mapped[datetime] = mapped_column(Instant)


class ActiveCall(Base):
    """Somebody of this number is on the phone with us, by an inbound call: until then they are not
    called. ``until`` is put right when the call ends."""

    __tablename__ = "number_on_line"
    __table_args__ = (
        sa.Index("ix_number_on_line_phone_hash", "phone_hash", "until"),
        sa.Index("ix_number_on_line_until", "until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call: Mapped[str] = mapped_column(sa.String(34), unique=True)
    phone_hash: Mapped[str] = mapped_column(sa.String(64))
    since: Mapped[datetime] = mapped_column(Instant)
    until: Mapped[datetime] = mapped_column(Instant)


class NumberLimit(Base):
    """A number is not rung until then, since it was rung enough, or a supervisor blocked it.

    ``callback_id`` is the request by which it was blocked. Once the rest is over nothing is kept
    of the number; the reason goes with the notes.
    """

    __tablename__ = "number_rest"
    __table_args__ = (
        sa.Index(
            "ix_number_rest_in_force",
            "phone_hash",
            "until",
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        ),
        sa.Index("ix_number_rest_until", "until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    phone_hash: Mapped[str | None] = mapped_column(sa.String(64))
    why: Mapped[LimitReason] = mapped_column(sa.String(20))
    since: Mapped[datetime] = mapped_column(Instant)
    until: Mapped[datetime] = mapped_column(Instant)
    callback_id: Mapped[int | None] = mapped_column(sa.ForeignKey("callback.id"))
    by_staff: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    reason: Mapped[str | None] = mapped_column(EncryptedText)
    lifted_at: Mapped[datetime | None] = mapped_column(Instant)
    lifted_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
