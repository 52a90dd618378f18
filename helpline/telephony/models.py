"""What the carrier allows us: its pace, the numbers we may show, the regions it refuses."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant


class CallPace(Base):
    """The next instant at which a call may be asked for, for all workers: one row, id 1.

    ``refusals`` counts the times in a row that the carrier was too busy (429) or out of reach.
    """

    __tablename__ = "call_pace"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    next_at: Mapped[datetime] = mapped_column(Instant)
    refusals: Mapped[int] = mapped_column(default=0)


class CallerId(Base):
    """The number that visitors of a region see, where an admin set another than the usual one."""

    __tablename__ = "caller_id"

    region: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(20))


class RefusedRegion(Base):
    """A region that the carrier refused to ring or to text for us, when last, and its code."""

    __tablename__ = "refused_region"

    region: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    code: Mapped[int]
    refused_at: Mapped[datetime] = mapped_column(Instant)
