"""Tables: call pace, caller ids, rejected regions; columns of what a carrier was asked for."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant
from helpline.telephony.adapters import FIRST

CARRIER_ID = sa.String(64)
"""A carrier's id of a call, text message or recording."""


def carrier_column() -> Mapped[str]:
    """Return the column with the name of the carrier that does, or did, a job."""
    return mapped_column(sa.String(16), server_default=FIRST)


class CallPace(Base):
    """The next instant for a call start, for all workers: one row, id 1.

    ``refusals``: consecutive times that the carrier was too busy (429) or unreachable.
    """

    __tablename__ = "call_pace"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    next_at: Mapped[datetime] = mapped_column(Instant)
    refusals: Mapped[int] = mapped_column(default=0)


class CallerId(Base):
    """The caller id for a region, where not the default one."""

    __tablename__ = "caller_id"

    region: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(20))


class RefusedRegion(Base):
    """A region rejected by the carrier for calls or text messages, when last, and the code."""

    __tablename__ = "refused_region"

    region: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    code: Mapped[int]
    refused_at: Mapped[datetime] = mapped_column(Instant)
