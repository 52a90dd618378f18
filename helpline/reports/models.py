"""What is counted of each day that is over, so that no page has to count a year."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant


class CountedDay(Base):
    """A day that was counted, in the zone whose midnights it has, and when.

    ``counting`` is the version of the rules it was counted by: with another, or another zone, it
    is counted anew. ``settled`` says that nothing of it can change any more.
    """

    __tablename__ = "counted_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    zone: Mapped[str] = mapped_column(sa.String(64))
    counting: Mapped[int]
    taken_at: Mapped[datetime] = mapped_column(Instant)
    counted_at: Mapped[datetime | None] = mapped_column(Instant)
    settled: Mapped[bool] = mapped_column(default=False)


class Tally(Base):
    """One number of one day: of what, for which part of it. Nobody is in it."""

    __tablename__ = "tally"
    __table_args__ = (sa.Index("ix_tally_day", "day"),)

    measure: Mapped[str] = mapped_column(sa.String(30), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(sa.String(300), primary_key=True)
    number: Mapped[int] = mapped_column(sa.BigInteger)
