"""Counts of past days, so that no page has to count a year."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant


class CountedDay(Base):
    """A counted day, with the time zone of its midnights.

    ``counting`` is the version of the rules: with another version or time zone the day is
    recounted. ``settled`` says that it can no longer change.
    """

    __tablename__ = "counted_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    zone: Mapped[str] = mapped_column(sa.String(64))
    counting: Mapped[int]
    taken_at: Mapped[datetime] = mapped_column(Instant)
    counted_at: Mapped[datetime | None] = mapped_column(Instant)
    settled: Mapped[bool] = mapped_column(default=False)


class Tally(Base):
    """One count of one day, by measure and part. No personal data."""

    __tablename__ = "tally"
    __table_args__ = (sa.Index("ix_tally_day", "day"),)

    measure: Mapped[str] = mapped_column(sa.String(30), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(sa.String(300), primary_key=True)
    number: Mapped[int] = mapped_column(sa.BigInteger)
