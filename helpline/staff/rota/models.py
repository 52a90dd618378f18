"""Shifts and exceptions in local wall-clock time; past ones are kept."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base


class RotaVersion(Base):
    """Version of an advisor's rota, for optimistic locking."""

    __tablename__ = "rota_version"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), primary_key=True)
    version: Mapped[int] = mapped_column(default=0, server_default="0")


class ShiftRow(Base):
    """A weekly shift: domain/rota.Shift."""

    __tablename__ = "shift"
    __table_args__ = (
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        sa.CheckConstraint("start_minute < end_minute", name="order"),
        sa.CheckConstraint("valid_until IS NULL OR valid_from <= valid_until", name="dates"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    weekday: Mapped[int]
    start_minute: Mapped[int]
    end_minute: Mapped[int]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]


class ExceptionKind(StrEnum):
    OFF = "off"
    EXTRA = "extra"


class ShiftException(Base):
    """A day off or an extra shift on one date."""

    __tablename__ = "shift_exception"
    __table_args__ = (
        sa.Index(
            "uq_shift_exception_off",
            "staff_id",
            "day",
            unique=True,
            sqlite_where=sa.text("kind = 'off'"),
            postgresql_where=sa.text("kind = 'off'"),
        ),
        sa.Index("ix_shift_exception_staff_day", "staff_id", "day"),
        sa.CheckConstraint(
            "(kind = 'off') = (start_minute IS NULL) AND (kind = 'off') = (end_minute IS NULL)",
            name="hours",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    day: Mapped[date]
    kind: Mapped[ExceptionKind] = mapped_column(sa.String(10))
    start_minute: Mapped[int | None]
    end_minute: Mapped[int | None]
