"""Tables of calls to a number and of its limits. Numbers are stored as keyed hashes only."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant
from helpline.privacy.encryption import EncryptedText
from helpline.telephony.models import CARRIER_ID

NOT_ERASED = sa.text("phone_hash IS NOT NULL")
IN_FORCE = sa.text("lifted_at IS NULL")
FOR_GOOD = datetime(9999, 1, 1, tzinfo=UTC)
"""The end of a block that has none."""


class LimitReason(StrEnum):
    BLOCKED = "blocked"
    """By a supervisor."""
    ASKED = "asked"
    """The visitor asked not to be called again."""
    RUNG_ENOUGH = "rung_enough"


class Ring(Base):
    """A call to a visitor. It is kept for a day even if its callback is erased: else the limit
    could be reset by erasing the request.
    """

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
    """An inbound call of a number, which is not called until then. ``until`` is corrected when
    it ends.
    """

    __tablename__ = "number_on_line"
    __table_args__ = (
        sa.Index("ix_number_on_line_phone_hash", "phone_hash", "until"),
        sa.Index("ix_number_on_line_until", "until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call: Mapped[str] = mapped_column(CARRIER_ID, unique=True)
    phone_hash: Mapped[str] = mapped_column(sa.String(64))
    since: Mapped[datetime] = mapped_column(Instant)
    until: Mapped[datetime] = mapped_column(Instant)


class NumberLimit(Base):
    """A number is not called until then: its daily limit is reached, a supervisor blocked it, or it
    asked not to be called again.

    ``callback_id`` is the request by which it was blocked; None after a complaint. Once the limit
    is over, nothing of the number is kept; the reason is erased with the notes.
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
        sa.Index(
            "ix_number_rest_to_erase",
            "until",
            sqlite_where=NOT_ERASED,
            postgresql_where=NOT_ERASED,
        ),
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
